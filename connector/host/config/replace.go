package config

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// member returns the value of a member, or nil if the object has none.
func member(object []byte, name string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, connector.Errorf(connector.Configuration, "replace the value of %s: want a JSON object", name)
	}
	return members[name], nil
}

// setMember copies an object, with a new value for one member, which it adds at
// the end if it is not there.
func setMember(object []byte, name string, value []byte) ([]byte, error) {
	var out bytes.Buffer
	dec, enc := jsontext.NewDecoder(bytes.NewReader(object)), jsontext.NewEncoder(&out)
	found := false
	err := copyTokens(dec, enc, func(key string) ([]byte, bool) {
		if key != name {
			return nil, false
		}
		found = true
		return value, true
	}, func() error {
		if found {
			return nil
		}
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		return enc.WriteValue(value)
	})
	if err != nil {
		return nil, fmt.Errorf("replace the value of %s: %w", name, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// copyTokens copies an object. For each member, replace may give another value;
// last may add further ones.
func copyTokens(dec *jsontext.Decoder, enc *jsontext.Encoder, replace func(key string) ([]byte, bool), last func() error) error {
	begin, err := dec.ReadToken()
	if err == nil {
		err = enc.WriteToken(begin)
	}
	for err == nil && dec.PeekKind() == '"' {
		var key jsontext.Token
		if key, err = dec.ReadToken(); err != nil {
			return err
		}
		name := key.String()
		if err = enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		var value jsontext.Value
		if value, err = dec.ReadValue(); err != nil {
			return err
		}
		if other, ok := replace(name); ok {
			value = other
		}
		err = enc.WriteValue(value)
	}
	if err == nil {
		err = last()
	}
	if err != nil {
		return err
	}
	end, err := dec.ReadToken()
	if err != nil {
		return err
	}
	return enc.WriteToken(end)
}
