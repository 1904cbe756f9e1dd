package main

import (
	"bytes"
	"cmp"
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

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// readConfiguration reads a file that holds a JSON object of strings and objects. In a
// string, ${NAME} stands for an environment variable. It returns the fields, with
// objects as text, and the file's own text. If the file does not exist, it returns no
// fields and a nil text, because a connector may need no configuration.
func readConfiguration(path string) (fields map[string]string, text []byte, err error) {
	text, err = os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil, nil
	}
	if err == nil {
		fields, err = parseConfiguration(path, text)
	}
	return fields, text, pasted.PathError(err)
}

// parseConfiguration parses the text of the file at path.
func parseConfiguration(path string, text []byte) (map[string]string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("%s: want a JSON object of strings and objects%s", path, invalidAt(err))
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

// invalidAt returns where a text is not valid JSON, for the end of a message. It quotes
// nothing, because the text may hold secrets.
func invalidAt(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf(": invalid JSON at byte %d", syntax.Offset)
	}
	return ""
}

// errNoText is an error of fieldText. Its message follows the name of the field.
var errNoText = errors.New("is neither a string nor an object: penstock passes only strings, as Fivetran does, so put quotes around the value")

// fieldText returns a field of the file as it is sent. Platforms pass only strings, so
// an object is sent as text.
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

// expandObject expands the strings in a JSON object and removes its white space.
func expandObject(raw []byte) (string, error) {
	var out bytes.Buffer
	twice, invalid := jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true) // as encoding/json does
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

var (
	variable     = regexp.MustCompile(`\$\{([^}]*)\}`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// expand replaces each ${NAME} with the value of the environment variable.
func expand(text string) (string, error) {
	var missing []string
	expanded := variable.ReplaceAllStringFunc(text, func(name string) string {
		name = name[2 : len(name)-1]
		value, ok := os.LookupEnv(name)
		switch {
		case ok:
		case variableName.MatchString(name):
			missing = append(missing, name)
		default: // it may be a secret that happens to contain ${
			missing = append(missing, "whose name is not shown, because it is not a valid name,")
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("environment variable %s is not set", strings.Join(missing, ", "))
	}
	return expanded, nil
}

// missingFile returns the error for a configuration file that does not exist, if the
// connector's spec requires fields. It says how to create the file.
func missingFile(path string, required []string) error {
	members := make([]string, len(required))
	for i, name := range required {
		quoted, _ := jsontext.AppendQuote(nil, name) // decoded from JSON, so valid UTF-8
		members[i] = string(quoted) + `:"…"`
	}
	return fmt.Errorf("the file %s does not exist: create it with content such as {%s}, or name another file with -configuration", pasted.File(path), strings.Join(members, ","))
}

// misshapen says in words that a value of a JSON document has another type.
func misshapen(err error) string {
	var shape *json.UnmarshalTypeError
	if errors.As(err, &shape) {
		return fmt.Sprintf("the value of %s is of type %s, which JSON Schema does not allow there", cmp.Or(strings.TrimPrefix(shape.Field, "."), "the document"), shape.Value)
	}
	return err.Error()
}

// checkConfiguration returns an error that names the fields that the connector's spec
// requires and the configuration lacks, and the fields that the spec does not have. The text
// of the file is nil if it does not exist.
func checkConfiguration(path string, text []byte, configuration map[string]string, spec []byte) error {
	var s struct {
		Required   []string                   `json:"required"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return fmt.Errorf("parse the connector's spec: %s: correct it in the connector", misshapen(err))
	}
	if s.Properties == nil {
		return nil // the spec lists no fields
	}
	var faults []string
	for _, name := range s.Required {
		if _, ok := configuration[name]; !ok {
			faults = append(faults, "field "+name+" is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(configuration)) {
		if _, ok := s.Properties[name]; !ok {
			faults = append(faults, "field "+name+" is unknown")
		}
	}
	if len(faults) > 0 && text == nil {
		return missingFile(path, s.Required)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s: %s; the connector's fields are %s", pasted.File(path), strings.Join(faults, "; "),
			strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", "))
	}
	return nil
}
