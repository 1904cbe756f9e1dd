package bridge

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// configurationOf returns a configuration, an object or nil, as Fivetran sends it: all values
// are strings. A string stays as it is, null is left out, and any other value becomes its JSON
// text.
func configurationOf(object json.RawMessage) (map[string]string, error) {
	configuration := map[string]string{}
	if object == nil {
		return configuration, nil
	}
	members, err := rawjson.Members(object)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		var text string
		switch {
		case m.Value.IsNull():
			continue
		case m.Value.IsString():
			err = json.Unmarshal(m.Value, &text)
		default:
			text, err = compact(m.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("request: field %q of the configuration: %w", m.Name, err)
		}
		configuration[m.Name] = text
	}
	return configuration, nil
}

// A form is the form of the configuration that a source describes.
type form struct{ protocol.Form }

// An input is a field of a form that has a value.
type input struct {
	*protocol.FormField
	conditions []*protocol.Condition // under which it is shown
}

// inputs returns the fields of the form that have a value, also those within conditional
// fields. Several conditional fields may have a field of the same name.
func (f *form) inputs() []input { return inputsOf(nil, f.Fields, nil) }

func inputsOf(found []input, fields []protocol.FormField, conditions []*protocol.Condition) []input {
	for i := range fields {
		field := &fields[i]
		if field.Type == protocol.ConditionalField {
			found = inputsOf(found, field.Fields, append(slices.Clip(conditions), &field.Condition))
			continue
		}
		found = append(found, input{field, conditions})
	}
	return found
}

// secret reports whether the value of the field is not shown to anybody.
func (i input) secret() bool {
	return i.Type == protocol.PasswordField || i.Type == protocol.HiddenField || i.Type == protocol.UploadField
}

// shown reports whether the field is shown with a configuration.
func (i input) shown(configuration map[string]string) bool {
	for _, c := range i.conditions {
		value, set := configuration[c.Field]
		switch {
		case c.Bool != nil && (value == strconv.FormatBool(true)) != *c.Bool,
			c.Text != nil && value != *c.Text,
			c.Empty != nil && (!set || value == "") != *c.Empty:
			return false
		}
	}
	return true
}

// fill sets the fields that a configuration lacks to their defaults, as Fivetran's form does.
func (f *form) fill(configuration map[string]string) {
	for _, i := range f.inputs() {
		if _, ok := configuration[i.Name]; !ok && i.Default != "" && i.shown(configuration) {
			configuration[i.Name] = i.Default
		}
	}
}

// check returns an error if a configuration lacks a required field, with which Fivetran's form
// could not be saved.
func (f *form) check(configuration map[string]string) error {
	var missing []string
	for _, i := range f.inputs() {
		if i.Required && configuration[i.Name] == "" && i.Type != protocol.ToggleField && i.shown(configuration) {
			missing = append(missing, i.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &connector.Error{
		Kind: connector.Configuration, Hint: "the form of the source requires it",
		Err: fmt.Errorf("fill in %s", strings.Join(missing, ", ")),
	}
}

// unknown returns the names in a configuration that the form does not have.
func (f *form) unknown(configuration map[string]string) []string {
	var names []string
	inputs := f.inputs()
	for _, name := range slices.Sorted(maps.Keys(configuration)) {
		if !slices.ContainsFunc(inputs, func(i input) bool { return i.Name == name }) {
			names = append(names, name)
		}
	}
	return names
}

// shortest is the length in bytes from which the value of a field that the form does not have
// counts as a secret. A shorter one would occur in other text by chance.
const shortest = 8

// secrets returns the values in a configuration that must not be shown: those of the fields
// that are secret, and those of fields that the form does not have.
func (f *form) secrets(configuration map[string]string) []string {
	var values []string
	for _, i := range f.inputs() {
		if value := configuration[i.Name]; i.secret() && value != "" {
			values = append(values, value)
		}
	}
	for _, name := range f.unknown(configuration) {
		if value := configuration[name]; len(value) >= shortest {
			values = append(values, value)
		}
	}
	return values
}
