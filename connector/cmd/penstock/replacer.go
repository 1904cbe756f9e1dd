package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A replacer handles secrets that the source replaces during a run. It stores the new
// values in the configuration file and makes further requests send them. Its errors and
// warnings never contain a value. It is not safe for concurrent use.
type replacer struct {
	run       *run
	connector *connector
	rotates   map[string]bool     // whether a field may be replaced, by dotted name; nil until the spec is known
	within    map[string][]string // the path of each field, by dotted name
	early     map[string]string   // values that preceded the spec
	warnings  []string            // not printed yet
}

// replaced stores new values. It must be called before the connector's next line is
// read.
func (r *replacer) replaced(secrets map[string]string) error {
	r.connector.leaks.replaced(secrets)
	if r.rotates == nil {
		if r.early == nil {
			r.early = map[string]string{}
		}
		maps.Copy(r.early, secrets)
		return nil
	}
	var refused []string
	for _, field := range slices.Sorted(maps.Keys(secrets)) {
		if !r.rotates[field] {
			refused = append(refused, field)
			continue
		}
		path := r.within[field]
		if path == nil {
			path = []string{field}
		}
		variables, err := r.run.storePath(path, secrets[field])
		if err == nil {
			err = replaceSent(r.connector.secrets, path, secrets[field])
		}
		if err != nil {
			return fmt.Errorf("store the value of field %s that the source replaced: %w", field, err)
		}
		if variables != "" {
			r.warnings = append(r.warnings, fmt.Sprintf("the source replaced the value of field %[1]s, but the new value could not be stored, because %[2]s takes the field from the environment variable %[3]s; to have new values stored, write the value itself into %[2]s",
				field, r.run.configurationPath, variables))
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf(`the connector replaced the value of field %s, which its spec does not mark "x-rotates": true`, strings.Join(refused, ", "))
	}
	return nil
}

// learn reads from the connector's spec which fields may be replaced, and stores the
// values that preceded the spec. The spec is nil if the connector has none.
func (r *replacer) learn(spec []byte) error {
	r.rotates, r.within = map[string]bool{}, map[string][]string{}
	r.learnProperties(spec, nil)
	early := r.early
	r.early = nil
	return r.replaced(early)
}

// learnProperties reads the properties of the object at a path from its JSON Schema. A
// property whose own name contains a dot takes precedence over a nested field with that
// dotted name. An invalid schema counts as one without properties. checkConfiguration
// reports the error.
func (r *replacer) learnProperties(schema []byte, path []string) {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		OneOf      []json.RawMessage          `json:"oneOf"` // how optional objects are declared: an object or null
	}
	_ = json.Unmarshal(schema, &s)
	for _, choice := range s.OneOf {
		r.learnProperties(choice, path)
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range names {
		r.learnProperties(s.Properties[name], append(slices.Clip(path), name))
	}
	for _, name := range names {
		var property struct {
			Rotates bool `json:"x-rotates"`
		}
		at := append(slices.Clip(path), name)
		field := strings.Join(at, ".")
		r.rotates[field] = json.Unmarshal(s.Properties[name], &property) == nil && property.Rotates
		r.within[field] = at
	}
}

// unread returns the warnings added since its last call.
func (r *replacer) unread() []string {
	warnings := r.warnings
	r.warnings = nil
	return warnings
}
