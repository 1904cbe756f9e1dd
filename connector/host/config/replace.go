package config

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// Replace returns a configuration, a JSON object, in which the field of the
// given dotted name has a new value, for platforms that store a configuration as
// a whole. Everything else stays as it is. An object on the way that is text,
// which Decode takes, stays text. The error is an [*connector.Error] of kind
// Defect if the form has no such text field, and of kind Configuration if the
// configuration is not an object; it holds no value.
func (f *Form) Replace(configuration []byte, field string, value connector.Secret) ([]byte, error) {
	for name, known := range f.Walk() {
		if name == field && known.Kind == Text {
			return replaceMember(f.fields, configuration, field, value.Reveal())
		}
	}
	return nil, connector.Errorf(connector.Defect, "replace a value of the configuration: there is no text field %s", field)
}

// replaceMember replaces a member of an object, or of an object within it.
func replaceMember(fields []Field, object []byte, path, value string) ([]byte, error) {
	if text := bytes.TrimSpace(object); len(text) == 0 || string(text) == "null" {
		object = []byte("{}")
	}
	var members jsontext.Value
	if members = jsontext.Value(object); !members.IsValid() || members.Kind() != '{' {
		return nil, connector.Errorf(connector.Configuration, "replace the value of %s: want a JSON object", path)
	}
	for _, f := range fields {
		rest, within := strings.CutPrefix(path, f.Name+".")
		switch {
		case f.Name == path:
			return setMember(object, path, quote(value))
		case within && f.Kind == Object:
			inner, err := member(object, f.Name)
			if err != nil {
				return nil, err
			}
			var text string
			if jsontext.Value(inner).Kind() != '"' {
				replaced, err := replaceMember(f.Fields, inner, rest, value)
				if err != nil {
					return nil, err
				}
				return setMember(object, f.Name, replaced)
			}
			if err := json.Unmarshal(inner, &text); err != nil {
				return nil, connector.Errorf(connector.Configuration, "replace the value of %s: want valid text", path)
			}
			replaced, err := replaceMember(f.Fields, []byte(text), rest, value)
			if err != nil {
				return nil, err
			}
			return setMember(object, f.Name, quote(string(replaced)))
		}
	}
	return nil, connector.Errorf(connector.Defect, "replace a value of the configuration: there is no field %s", path)
}

func quote(text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "\uFFFD"))
	}
	return quoted
}
