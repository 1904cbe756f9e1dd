package packaging

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A formField is a field of the setup form of Fivetran's Connector SDK. The form has no
// objects, lists or numbers, and all values are texts.
type formField struct {
	Name        string   `json:"name"`
	Label       string   `json:"label"`
	Kind        string   `json:"kind"` // text, password, dropdown or toggle
	Description string   `json:"description,omitempty"`
	Placeholder string   `json:"placeholder,omitempty"`
	Required    bool     `json:"required"`
	Secret      bool     `json:"secret"`
	Choices     []string `json:"choices,omitempty"`
	// JSON tells that connector.py passes text that is JSON on as JSON: the field takes any
	// JSON, and a text would be the value itself.
	JSON bool `json:"json,omitempty"`

	initial string // in configuration.json
	rotates bool
}

// mostFields is the largest number of fields that a Connector SDK configuration may have.
const mostFields = 100

// formFieldsOf returns the fields of the form for the JSON Schema of a configuration, in
// its order.
func formFieldsOf(spec []byte) ([]formField, error) {
	root, err := fieldSchemaOf(spec)
	if err != nil {
		return nil, fmt.Errorf("parse the connector's spec: %w", err)
	}
	if len(root.Properties) == 0 {
		return []formField{}, nil
	}
	properties, err := rawjson.Members(root.Properties)
	if err != nil {
		return nil, fmt.Errorf("parse the connector's spec: properties: %w", err)
	}
	if len(properties) > mostFields {
		return nil, fmt.Errorf("the connector's configuration has %d fields, but a Connector SDK connector can have %d: group some of them into an object, which the form takes as JSON", len(properties), mostFields)
	}
	fields := []formField{}
	for _, p := range properties {
		field, err := fieldSchemaOf(p.Value)
		if err == nil {
			var one formField
			one, err = field.formField(p, slices.Contains(root.Required, p.Name))
			fields = append(fields, one)
		}
		if err != nil {
			return nil, fmt.Errorf("parse the connector's spec: field %s: %w", p.Name, err)
		}
	}
	return fields, nil
}

// formField returns the form's field for a property.
func (f *fieldSchema) formField(property rawjson.Member, required bool) (formField, error) {
	described, err := f.describe(property.Name)
	if err != nil {
		return formField{}, err
	}
	field := formField{
		Name: property.Name, Label: cmp.Or(f.Title, property.Name), Kind: "text", Description: described.TextInputDescription(), Required: required,
		Secret: holdsSecret(property.Value), rotates: hasTrue(property.Value, "x-rotates"),
		JSON: described.Kind == config.JSON && f.ContentMediaType != "application/json",
	}
	if !field.Secret {
		field.Placeholder = described.DefaultText()
		field.initial = field.Placeholder
	}
	switch {
	case field.Secret:
		field.Kind = "password"
	case described.Kind == config.Bool && (required || field.Placeholder == "true"):
		// Nothing says how a toggle that nobody has touched arrives. A dropdown is then empty.
		field.Kind, field.Choices = "dropdown", []string{"true", "false"}
	case described.Kind == config.Bool:
		field.Kind, field.Placeholder = "toggle", ""
	case len(f.Enum) > 0 && f.isScalar():
		for _, choice := range described.Choices {
			if choice != nil && choice != "" { // which would mean that the field is not set
				field.Kind, field.Choices = "dropdown", append(field.Choices, fmt.Sprint(choice))
			}
		}
	}
	return field, nil
}

// isScalar reports whether each value of the field is a text or a number.
func (f *fieldSchema) isScalar() bool {
	switch string(f.Type) {
	case `"string"`, `"number"`, `"integer"`:
		return true
	}
	return false
}

// describe returns the field that the schema describes, as far as its description to a person
// needs it.
func (f *fieldSchema) describe(name string) (field config.Field, err error) {
	field = config.Field{Name: name, Description: f.Description, Kind: f.configKind()}
	for bound, raw := range map[*json.Number]jsontext.Value{&field.Minimum: f.Minimum, &field.Maximum: f.Maximum} {
		if raw.Kind() == '0' {
			*bound = json.Number(raw.String())
		}
	}
	for _, raw := range f.Enum {
		var choice any // only the number of choices matters if they are not shown
		if f.isScalar() && err == nil {
			choice, err = plainValue(raw)
		}
		field.Choices = append(field.Choices, choice)
	}
	if err != nil {
		return field, err
	}
	if field.Default, err = plainValue(f.Default); err != nil {
		return field, err
	}
	switch field.Kind {
	case config.List:
		field.Items, err = describeItems(f.Items)
	case config.Object:
		field.Fields, err = f.describeMembers()
	}
	return field, err
}

// describeItems describes the items of a list. A schema that is missing accepts any value.
func describeItems(raw json.RawMessage) (*config.Field, error) {
	var items fieldSchema
	var err error
	if len(raw) > 0 {
		items, err = fieldSchemaOf(raw)
	}
	if err != nil {
		return nil, err
	}
	field, err := items.describe("")
	return &field, err
}

// describeMembers describes the members of an object.
func (f *fieldSchema) describeMembers() (fields []config.Field, err error) {
	members, err := rawjson.Members(f.Properties)
	for _, m := range members {
		fields = append(fields, config.Field{Name: m.Name, Required: slices.Contains(f.Required, m.Name)})
	}
	return fields, err
}

// configKind returns the kind of the field whose schema package config has written.
func (f *fieldSchema) configKind() config.Kind {
	switch string(f.Type) {
	case `"string"`:
		switch {
		case f.ContentEncoding == "base64":
			return config.Bytes
		case f.Format == "date-time":
			return config.Time
		case len(f.Examples) == 2 && string(f.Examples[0]) == `"30s"` && string(f.Examples[1]) == `"1h30m"`:
			return config.Duration
		}
		return config.Text
	case `"integer"`:
		return config.Integer
	case `"number"`:
		return config.Number
	case `"boolean"`:
		return config.Bool
	case `"array"`:
		return config.List
	case `"object"`:
		if len(f.Properties) > len("{}") {
			return config.Object
		}
		return config.Map
	}
	return config.JSON
}

// plainValue returns a JSON value with its digits. No text is null.
func plainValue(raw jsontext.Value) (value any, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

// hasTrue reports whether a JSON value, or a part of it, has the member name with the
// value true.
func hasTrue(value []byte, name string) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(value))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() == '"' && token.String() == name && dec.PeekKind() == 't' {
			return true
		}
	}
}
