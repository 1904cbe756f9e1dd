package connectortest

import (
	"encoding/json"
	"fmt"
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
	// replace adds a secret whose value set replaces in the configuration.
	replace := func(name, value string, set func(any)) {
		set(wrongSecret)
		replaced, _ := json.Marshal(configuration) // parsed from JSON
		set(value)
		found = append(found, programSecret{name, value, replaced})
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
					replace(within+name, value, func(v any) { values[name] = v })
				}
			case []any:
				for i, element := range value {
					text, isText := element.(string)
					if isText && text != "" && (field.WriteOnly || field.Items != nil && field.Items.WriteOnly) {
						replace(fmt.Sprintf("%s%s[%d]", within, name, i), text, func(v any) { value[i] = v })
					}
				}
			}
		}
	}
	look("", spec, configuration)
	return found
}
