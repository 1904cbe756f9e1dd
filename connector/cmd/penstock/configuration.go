package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// readConfiguration reads a file with a JSON object of strings, in which ${NAME}
// stands for an environment variable, and returns its fields and its text. A file
// that does not exist has no fields: a connector may need none.
func readConfiguration(path string) (fields map[string]string, text []byte, err error) {
	text, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil, nil
	}
	if err == nil {
		fields, err = parseConfiguration(path, text)
	}
	return fields, text, err
}

func parseConfiguration(path string, text []byte) (map[string]string, error) {
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("%s: want a JSON object of texts: %w", path, err)
	}
	configuration := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value, ok := fields[name].(string)
		if !ok {
			return nil, fmt.Errorf("%s: field %s is no text: platforms hand over texts alone, so write \"…\" around it", path, name)
		}
		expanded, err := expand(value)
		if err != nil {
			return nil, fmt.Errorf("%s: field %s: %w", path, name, err)
		}
		configuration[name] = expanded
	}
	return configuration, nil
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand puts the environment's variables in the place of their names.
func expand(text string) (string, error) {
	var missing []string
	expanded := variable.ReplaceAllStringFunc(text, func(name string) string {
		name = name[2 : len(name)-1]
		value, ok := os.LookupEnv(name)
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the environment has no %s", strings.Join(missing, ", "))
	}
	return expanded, nil
}

// checkConfiguration names the fields that a connector's spec requires and that
// are missing, and those that it does not know.
func checkConfiguration(path string, configuration map[string]string, spec []byte) error {
	var s struct {
		Required   []string                   `json:"required"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return fmt.Errorf("the connector's spec: %w", err)
	}
	if s.Properties == nil {
		return nil // it says nothing
	}
	var faults []string
	for _, name := range s.Required {
		if _, ok := configuration[name]; !ok {
			faults = append(faults, "field "+name+" is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(configuration)) {
		if _, ok := s.Properties[name]; !ok {
			faults = append(faults, "field "+name+" is unknown to the connector")
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s: %s; the connector has %s", path, strings.Join(faults, "; "),
			strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", "))
	}
	return nil
}
