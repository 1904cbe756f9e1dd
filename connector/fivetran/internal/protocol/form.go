package protocol

import "fmt"

// A Form answers a request for the configuration.
type Form struct {
	SchemaSelection, TableSelection bool // whether the source supports them
	Fields                          []FormField
	Tests                           []ConfigurationTest
}

// A FieldType is the kind of input of a [FormField].
type FieldType uint8

// The types of fields.
const (
	TextField FieldType = iota
	PasswordField
	HiddenField
	DropdownField
	ToggleField
	UploadField      // a file, whose value is base64
	ConditionalField // fields that are shown under a condition; it has no value itself
	OtherField       // a type that this package does not know
)

// A FormField is a field of the configuration.
type FormField struct {
	Name, Label, Description string
	Required                 bool
	Type                     FieldType
	Choices                  []string    // of a DropdownField
	Fields                   []FormField // of a ConditionalField
	Condition                Condition   // of a ConditionalField
	Default, Placeholder     string      // "" if there is none
}

// A ConfigurationTest is a test that a user can start.
type ConfigurationTest struct{ Name, Label string }

// Append implements the message.
func (m *Form) Append(b []byte) []byte {
	b = appendBool(appendBool(b, 1, m.SchemaSelection), 2, m.TableSelection)
	for i := range m.Fields {
		b = appendMessage(b, 3, &m.Fields[i])
	}
	for i := range m.Tests {
		b = appendMessage(b, 4, &m.Tests[i])
	}
	return b
}

// Parse decodes the message.
func (m *Form) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1:
			m.SchemaSelection = f.bool()
		case f.number == 2:
			m.TableSelection = f.bool()
		case f.number == 3 && f.isBytes():
			var input FormField
			err := input.parse(f.bytes, 0)
			m.Fields = append(m.Fields, input)
			return err
		case f.number == 4 && f.isBytes():
			var test ConfigurationTest
			err := test.parse(f.bytes)
			m.Tests = append(m.Tests, test)
			return err
		}
		return nil
	})
}

// Append implements the message.
func (i *FormField) Append(b []byte) []byte {
	b = appendString(appendString(b, 1, i.Name), 2, i.Label)
	b = appendOptionalBool(b, 3, i.Required)
	b = appendString(b, 4, i.Description)
	switch i.Type {
	case DropdownField:
		b = appendMessage(b, 6, dropdown(i.Choices))
	case ToggleField:
		b = appendMessage(b, 7, dropdown(nil))
	case UploadField:
		b = appendMessage(b, 11, dropdown(nil))
	case ConditionalField:
		b = appendMessage(b, 10, (*conditionalFields)(i))
	case TextField, PasswordField, HiddenField:
		b = appendEnum(b, 5, i.Type)
	}
	return appendString(appendString(b, 8, i.Default), 9, i.Placeholder)
}

// maxDepth is the largest depth of fields within conditional fields.
const maxDepth = 20

var errTooDeep = fmt.Errorf("the form has fields within fields more than %d deep", maxDepth)

func (i *FormField) parse(message []byte, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	i.Type = OtherField // until the message has one that is known
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			i.Name = f.string()
		case f.number == 2 && f.isBytes():
			i.Label = f.string()
		case f.number == 3:
			i.Required = f.bool()
		case f.number == 4 && f.isBytes():
			i.Description = f.string()
		case f.number == 5 && f.isVarint():
			i.Type = OtherField
			if f.bits <= uint64(HiddenField) {
				i.Type = FieldType(f.bits)
			}
		case f.number == 6 && f.isBytes():
			i.Type = DropdownField
			return i.parseChoices(f.bytes)
		case f.number == 7 && f.isBytes():
			i.Type = ToggleField
		case f.number == 8 && f.isBytes():
			i.Default = f.string()
		case f.number == 9 && f.isBytes():
			i.Placeholder = f.string()
		case f.number == 12 && f.isBytes():
			i.Type = DropdownField
			return fields(f.bytes, func(f *field) error {
				if f.number == 1 && f.isBytes() {
					return i.parseChoices(f.bytes) // each has its value as the field 1
				}
				return nil
			})
		case f.number == 10 && f.isBytes():
			i.Type = ConditionalField
			return (*conditionalFields)(i).parse(f.bytes, depth+1)
		case f.number == 11 && f.isBytes():
			i.Type = UploadField
		}
		return nil
	})
}

// parseChoices adds the strings of the field 1.
func (i *FormField) parseChoices(message []byte) error {
	return fields(message, func(f *field) error {
		if f.number == 1 && f.isBytes() {
			i.Choices = append(i.Choices, f.string())
		}
		return nil
	})
}

// Append implements the message.
func (t *ConfigurationTest) Append(b []byte) []byte {
	return appendString(appendString(b, 1, t.Name), 2, t.Label)
}

func (t *ConfigurationTest) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			t.Name = f.string()
		case f.number == 2 && f.isBytes():
			t.Label = f.string()
		}
		return nil
	})
}
