package packaging

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/internal/rawjson"
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

	// The rest describes values to a person.
	Minimum              jsontext.Value   `json:"minimum"`
	Maximum              jsontext.Value   `json:"maximum"`
	Items                json.RawMessage  `json:"items"`
	AdditionalProperties json.RawMessage  `json:"additionalProperties"`
	ContentEncoding      string           `json:"contentEncoding"`
	ContentMediaType     string           `json:"contentMediaType"`
	Examples             []jsontext.Value `json:"examples"`
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
			f.Minimum, f.Maximum, f.Items, f.AdditionalProperties = other.Minimum, other.Maximum, other.Items, other.AdditionalProperties
			f.ContentEncoding, f.ContentMediaType, f.Examples = other.ContentEncoding, other.ContentMediaType, other.Examples
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

// settings returns the settings for the fields of an object, in order.
func (f *fieldSchema) settings(at place) ([]setting, error) {
	if len(f.Properties) == 0 {
		return nil, nil
	}
	properties, err := rawjson.Members(f.Properties)
	if err != nil {
		return nil, fmt.Errorf("parse the connector's spec: properties: %w", err)
	}
	var found []setting
	for _, p := range properties {
		of, err := f.settingsOf(p, at)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

// settingsOf returns the settings for one property of an object.
func (f *fieldSchema) settingsOf(property rawjson.Member, at place) ([]setting, error) {
	name := property.Name
	field, err := fieldSchemaOf(property.Value)
	if err != nil {
		return nil, fmt.Errorf("parse the connector's spec: field %s: %w", at.path+name, err)
	}
	if at.path == "" && strings.HasPrefix(name, "_") {
		return nil, fmt.Errorf("field %s: Meltano does not pass settings whose names begin with an underscore; rename the field", name)
	}
	field.Title = at.label + cmp.Or(field.Title, name)
	within := place{at.path + escapeDots(name), field.Title, at.required && slices.Contains(f.Required, name)}
	if len(field.Properties) > 2 { // at least {}
		within.path, within.label = within.path+".", within.label+": "
		return field.settings(within)
	}
	one, err := field.setting(within, holdsSecret(property.Value))
	return []setting{one}, err
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
// The kind of a number is string, because connectors accept the text of a number, and
// Meltano 4.4.1 fails if an environment variable sets a setting of kind decimal: "Object
// of type Decimal is not JSON serializable". Only a choice between strings has the kind
// options, because Meltano compares options with the text of an environment variable.
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
func holdsSecret(schema []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(schema))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() != '"' {
			continue
		}
		switch token.String() {
		case "writeOnly", "x-rotates", "airbyte_secret":
			if dec.PeekKind() == 't' {
				return true
			}
		case "format":
			if dec.PeekKind() != '"' {
				continue // a field with this name
			}
			if format, err := dec.ReadToken(); err == nil && format.String() == "password" {
				return true
			}
		}
	}
}

// escapeDots escapes the dots in a name, which Meltano would take for a path.
func escapeDots(name string) string { return strings.ReplaceAll(name, ".", `\.`) }

// variableReference matches what Meltano replaces with an environment variable.
var variableReference = regexp.MustCompile(`\$(\{[\p{L}\p{N}_]+\}|[A-Z][A-Z0-9_]*)`)

// escapeVariables escapes references to environment variables.
func escapeVariables(text string) string { return variableReference.ReplaceAllString(text, `\$0`) }
