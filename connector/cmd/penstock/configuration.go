package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// readConfiguration reads a file with a JSON object of strings and objects, in
// which ${NAME} within a string stands for an environment variable, and returns its
// fields, objects as text, and its own text. A file
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
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("%s: want a JSON object of texts and objects: %w", path, err)
	}
	configuration := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		expanded, err := fieldText(fields[name])
		if errors.Is(err, errNoText) {
			return nil, fmt.Errorf("%s: field %s %w", path, name, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: field %s: %w", path, name, err)
		}
		configuration[name] = expanded
	}
	return configuration, nil
}

// errNoText is an error of fieldText, as what follows the name of the field.
var errNoText = errors.New("is no text and no object: platforms hand over texts alone, so write \"…\" around it")

// fieldText returns a field of the file as it is sent: platforms hand over text
// alone, so an object is sent as text, too.
func fieldText(raw json.RawMessage) (string, error) {
	switch jsontext.Value(raw).Kind() {
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", err
		}
		return expand(text)
	case '{':
		return expandObject(raw)
	}
	return "", errNoText
}

// expandObject expands the strings within a JSON object, and removes its spaces.
func expandObject(raw []byte) (string, error) {
	var out bytes.Buffer
	twice, invalid := jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true) // as encoding/json
	dec, enc := jsontext.NewDecoder(bytes.NewReader(raw), twice, invalid), jsontext.NewEncoder(&out, twice, invalid)
	for {
		token, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return strings.TrimSuffix(out.String(), "\n"), nil
		}
		if err != nil {
			return "", errNotJSON(dec)
		}
		within, count := dec.StackIndex(dec.StackDepth())
		if isName := within == '{' && count%2 == 1; token.Kind() == '"' && !isName {
			expanded, err := expand(token.String())
			if err != nil {
				return "", err
			}
			token = jsontext.String(expanded)
		}
		if err := enc.WriteToken(token); err != nil {
			return "", errors.New("a value is not valid JSON")
		}
	}
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

// missingFile returns what to do about a configuration's file that does not exist,
// before the error of its check.
func missingFile(path string, spec []byte, err error) error {
	var s struct {
		Required []string `json:"required"`
	}
	_ = json.Unmarshal(spec, &s) // it was checked
	members := make([]string, len(s.Required))
	for i, name := range s.Required {
		quoted, _ := jsontext.AppendQuote(nil, name) // from JSON, and so valid
		members[i] = string(quoted) + `:"…"`
	}
	return fmt.Errorf("the file %s does not exist: create it, as in {%s}, or name another file by -configuration; %w", path, strings.Join(members, ","), err)
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
