package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A replacer takes over the values of the configuration that the source replaces
// during a run: it stores them in the file, and has further requests send them.
// No text that it returns holds a value. It is not safe for concurrent use.
type replacer struct {
	run       *run
	connector *connector
	rotates   map[string]bool     // the fields that may be replaced, by dotted name; nil until the spec is known
	within    map[string][]string // the path of each field that is within an object
	early     map[string]string   // values that came before the spec
	warnings  []string            // that were not printed yet
}

// replaced stores new values. It is called before the next line of the connector
// is read.
func (r *replacer) replaced(secrets map[string]string) error {
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
			return fmt.Errorf("store the new value of field %s, which the source replaced: %w", field, err)
		}
		if variables != "" {
			r.warnings = append(r.warnings, fmt.Sprintf("the source replaced the value of field %[1]s, and the new value could not be stored: %[2]s takes the field from the environment variable %[3]s; write a value into %[2]s in its place, and new ones are stored there",
				field, r.run.configurationPath, variables))
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf(`the connector replaced the value of field %s, which its spec does not mark "x-rotates": true`, strings.Join(refused, ", "))
	}
	return nil
}

// learn takes over which fields may be replaced from the connector's spec, which
// is nil if it has none, and stores the values that came with the spec.
func (r *replacer) learn(spec []byte) error {
	r.rotates, r.within = map[string]bool{}, map[string][]string{}
	r.learnProperties(spec, nil)
	early := r.early
	r.early = nil
	return r.replaced(early)
}

// learnProperties takes over the properties of the schema of an object at a path.
// A name with a dot in it wins over a field within an object of the same dotted
// name. Schemas that are not valid have no properties: checkConfiguration reports
// the error of a spec.
func (r *replacer) learnProperties(schema []byte, path []string) {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		OneOf      []json.RawMessage          `json:"oneOf"` // an object or null
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

// unread returns the warnings that were not printed yet.
func (r *replacer) unread() []string {
	warnings := r.warnings
	r.warnings = nil
	return warnings
}
