package fivetran

import (
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// connectionTest is the name of the test of a connection.
const connectionTest = "connection"

// formMessage describes a configuration.
func (s *service) formMessage(form *config.Form) *protocol.Form {
	m := &protocol.Form{
		SchemaSelection: true, TableSelection: true,
		Tests: []protocol.ConfigurationTest{{Name: connectionTest, Label: "Check the connection"}},
	}
	for i := range form.Fields {
		m.Fields = append(m.Fields, s.formField(&form.Fields[i]))
	}
	return m
}

// formField describes a field. All values arrive as text, which package config decodes.
func (s *service) formField(f *config.Field) protocol.FormField {
	m := protocol.FormField{Name: f.Name, Label: f.Title, Description: f.TextInputDescription(), Required: f.Required}
	value := f.DefaultText()
	switch choices := choicesOf(f); {
	case holdsSecret(f):
		m.Type = protocol.PasswordField
	case len(choices) > 0:
		m.Type, m.Choices = protocol.DropdownField, choices
	case f.Kind == config.Bool && s.dialect == ConnectorSDK && (f.Required || value == "true"):
		// A toggle that the user has not touched may arrive as false, but a dropdown is empty.
		m.Type, m.Choices = protocol.DropdownField, []string{"true", "false"}
	case f.Kind == config.Bool:
		m.Type = protocol.ToggleField
	}
	switch {
	case s.dialect != ConnectorSDK:
		m.Default = value
	case m.Type != protocol.ToggleField: // which shows no placeholder
		m.Placeholder = value
	}
	return m
}

// choicesOf returns the choices of a field as texts. It leaves out the empty text, which means
// that the user has made no choice.
func choicesOf(f *config.Field) (choices []string) {
	for _, choice := range f.Choices {
		if text := fmt.Sprint(choice); text != "" {
			choices = append(choices, text)
		}
	}
	return choices
}

// holdsSecret reports whether a field or a field within it is a secret.
func holdsSecret(f *config.Field) bool {
	return f.IsSecret() || f.Items != nil && holdsSecret(f.Items) ||
		slices.ContainsFunc(f.Fields, func(within config.Field) bool { return holdsSecret(&within) })
}
