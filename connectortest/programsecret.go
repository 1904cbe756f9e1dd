package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
)

// A programSecret is a value of the configuration that the spec declares a secret.
type programSecret struct {
	name, value string
	replaced    json.RawMessage // the configuration with wrongSecret instead
}

// programSecretsOf returns the secrets of a configuration: the values of the fields
// that the spec declares secrets.
func programSecretsOf(text json.RawMessage, spec property) []programSecret {
	var found []programSecret
	var configuration map[string]any
	if json.Unmarshal(text, &configuration) != nil {
		return nil
	}
	var look func(within string, spec property, values map[string]any)
	look = func(within string, spec property, values map[string]any) {
		for _, name := range slices.Sorted(maps.Keys(spec.Properties)) {
			field := spec.Properties[name]
			switch value := values[name].(type) {
			case map[string]any:
				look(within+name+".", field, value)
			case string:
				if field.WriteOnly && value != "" {
					values[name] = wrongSecret
					replaced, _ := json.Marshal(configuration) // parsed from JSON
					values[name] = value
					found = append(found, programSecret{within + name, value, replaced})
				}
			}
		}
	}
	look("", spec, configuration)
	return found
}
