package packaging

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"
)

// A setting is the definition of a setting in meltano.yml, for one field of a
// connector's configuration.
type setting struct {
	Name        *yaml.Node `yaml:"name"`
	Label       *yaml.Node `yaml:"label,omitempty"`
	Description *yaml.Node `yaml:"description,omitempty"`
	Kind        string     `yaml:"kind,omitempty"`
	Sensitive   bool       `yaml:"sensitive,omitempty"`
	Options     []option   `yaml:"options,omitempty"`
	Value       *yaml.Node `yaml:"value,omitempty"`

	required bool
}

// choices returns the only values that the setting may have. It is empty for a setting
// without options.
func (s *setting) choices() []string {
	values := make([]string, len(s.Options))
	for i, o := range s.Options {
		values[i] = o.Value.Value
	}
	return values
}

// An option is a value that a setting may have.
type option struct {
	Label *yaml.Node `yaml:"label"`
	Value *yaml.Node `yaml:"value"`
}

// A fieldSchema is the part of a field's JSON Schema that a setting needs.
type fieldSchema struct {
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Type        jsontext.Value    `json:"type"`
	Format      string            `json:"format"`
	WriteOnly   bool              `json:"writeOnly"`
	Default     jsontext.Value    `json:"default"`
	Enum        []jsontext.Value  `json:"enum"`
	OneOf       []json.RawMessage `json:"oneOf"`
	Properties  jsontext.Value    `json:"properties"`
	Required    []string          `json:"required"`
}

// settingsOf returns the settings for the JSON Schema of a configuration, in its order.
// A field of an object has a dotted name, such as proxy.host, from which Meltano builds
// the object.
func settingsOf(spec []byte) ([]setting, error) {
	root, err := fieldSchemaOf(spec)
	if err != nil {
		return nil, fmt.Errorf("parse the connector's spec: %w", err)
	}
	return root.settings(place{required: true})
}

// fieldSchemaOf parses a JSON Schema. The schema true accepts any value. If the schema
// is a choice between null and one other schema, the result describes the other.
func fieldSchemaOf(raw []byte) (f fieldSchema, err error) {
	if string(raw) == "true" {
		return f, nil
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, err
	}
	if len(f.OneOf) != 2 {
		return f, nil
	}
	var choices [2]fieldSchema
	for i, raw := range f.OneOf {
		if choices[i], err = fieldSchemaOf(raw); err != nil {
			return f, err
		}
	}
	for i, choice := range choices {
		if other := choices[1-i]; string(choice.Type) == `"null"` {
			f.Type, f.Format, f.Enum, f.Properties, f.Required = other.Type, other.Format, other.Enum, other.Properties, other.Required
		}
	}
	return f, nil
}

// A place is where the fields of an object are in the configuration.
type place struct {
	path     string // "proxy." for the fields of proxy
	label    string // "Proxy: "
	required bool   // whether a configuration must contain the object
}

// settings returns the settings for the fields of an object.
func (f *fieldSchema) settings(at place) ([]setting, error) {
	var found []setting
	err := eachProperty(f.Properties, func(name string, raw jsontext.Value) error {
		field, err := fieldSchemaOf(raw)
		if err != nil {
			return fmt.Errorf("parse the connector's spec: field %s: %w", at.path+name, err)
		}
		if at.path == "" && strings.HasPrefix(name, "_") {
			return fmt.Errorf("field %s: Meltano does not pass settings whose names begin with an underscore; rename the field", name)
		}
		field.Title = at.label + cmp.Or(field.Title, name)
		within := place{at.path + escapeDots(name), field.Title, at.required && slices.Contains(f.Required, name)}
		if len(field.Properties) > 2 { // at least {}
			within.path, within.label = within.path+".", within.label+": "
			nested, err := field.settings(within)
			found = append(found, nested...)
			return err
		}
		one, err := field.setting(within, holdsSecret(raw))
		found = append(found, one)
		return err
	})
	return found, err
}

// setting returns the setting for a field that is not an object with fields.
func (f *fieldSchema) setting(at place, secret bool) (setting, error) {
	s := setting{
		Name: quoted(at.path), Label: quoted(at.label), Description: quotedUnlessEmpty(f.Description),
		Kind: f.kind(), Sensitive: secret, required: at.required,
	}
	plain := func(text string) string { return text }
	if s.Kind == "options" {
		for _, choice := range f.Enum {
			value, err := (&converter{plain, plain}).value(choice)
			if err != nil {
				return s, err
			}
			s.Options = append(s.Options, option{quoted(value.Value), value})
		}
	}
	if len(f.Default) == 0 || secret {
		return s, nil
	}
	value, err := (&converter{escapeVariables, escapeDots}).value(f.Default)
	s.Value = value
	return s, err
}

// kind returns the setting's kind, or "" if it takes values of any kind.
//
// A number is a string, which connectors accept. Meltano 4.4.1 fails if an environment
// variable sets a setting of kind decimal: "Object of type Decimal is not JSON
// serializable". A choice between numbers is no option, because Meltano compares
// options with the text of an environment variable.
func (f *fieldSchema) kind() string {
	switch string(f.Type) {
	case `"string"`:
		switch {
		case len(f.Enum) > 0:
			return "options"
		case f.Format == "date-time" || f.Format == "date":
			return "date_iso8601"
		case f.Format == "email":
			return "email"
		}
		return "string"
	case `"number"`:
		return "string"
	case `"integer"`, `"boolean"`, `"array"`, `"object"`:
		return strings.Trim(string(f.Type), `"`)
	}
	return ""
}

// holdsSecret reports whether the value that a JSON Schema describes is secret, or a
// part of it is.
func holdsSecret(schema jsontext.Value) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(schema))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() == '"' && token.String() == "writeOnly" && dec.PeekKind() == 't' {
			return true
		}
	}
}

// eachProperty calls f for each property of an object's JSON Schema, in order.
// properties may be empty.
func eachProperty(properties jsontext.Value, f func(name string, schema jsontext.Value) error) error {
	if len(properties) == 0 {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(properties))
	if token, err := dec.ReadToken(); err != nil || token.Kind() != '{' {
		return errors.Join(err, errors.New("parse the connector's spec: properties is not an object"))
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		text := name.String() // before the decoder reuses its memory
		schema, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(text, schema.Clone()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// escapeDots escapes the dots in a name, which Meltano would take for a path.
func escapeDots(name string) string { return strings.ReplaceAll(name, ".", `\.`) }

// variableReference matches what Meltano replaces with an environment variable.
var variableReference = regexp.MustCompile(`\$(\{[\p{L}\p{N}_]+\}|[A-Z][A-Z0-9_]*)`)

// escapeVariables escapes references to environment variables.
func escapeVariables(text string) string { return variableReference.ReplaceAllString(text, `\$0`) }
