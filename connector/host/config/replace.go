package config

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// Replace returns a copy of a configuration, which is a JSON object, with a new
// value for the text field of the given dotted name. It serves platforms that
// store a configuration as a whole. Everything else stays the same, byte for byte: an object
// that the configuration holds as text, which [Form.Decode] accepts, stays text.
//
// The error is an [*connector.Error]. Its kind is Defect if the form has no such
// text field, and Configuration if the configuration is not a JSON object. It
// never contains a value.
func (f *Form) Replace(configuration []byte, field string, value connector.Secret) ([]byte, error) {
	if known, ok := f.Lookup(field); ok && known.Kind == Text {
		return replaceMember(f.fields, configuration, field, value.Reveal())
	}
	return nil, connector.Errorf(connector.Defect, "replace a value of the configuration: the form has no text field %s", field)
}

// replaceMember replaces a member of an object, or of an object within it. The
// path is relative to the object.
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
			return spliceMember(object, path, rawjson.AppendString(nil, value))
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
				return spliceMember(object, f.Name, replaced)
			}
			if err := json.Unmarshal(inner, &text); err != nil {
				return nil, connector.Errorf(connector.Configuration, "replace the value of %s: want valid text", path)
			}
			replaced, err := replaceMember(f.Fields, []byte(text), rest, value)
			if err != nil {
				return nil, err
			}
			return spliceMember(object, f.Name, rawjson.AppendString(nil, string(replaced)))
		}
	}
	return nil, connector.Errorf(connector.Defect, "replace a value of the configuration: the form has no field %s", path)
}

// spliceMember returns a copy of an object with a new value for one member. It does not
// change any other byte, because the object may be a file that a person has formatted. If
// the object does not have the member, it is added at the end.
func spliceMember(object []byte, name string, value []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	begin, last := int(dec.InputOffset()), int(dec.InputOffset())
	var space []byte // between the brace and the first member
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		isMember := token.String() == name
		if last == begin {
			space = object[begin : begin+bytes.IndexByte(object[begin:], '"')]
		}
		old, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		last = int(dec.InputOffset())
		if isMember {
			return slices.Concat(object[:last-len(old)], value, object[last:]), nil
		}
	}
	member := rawjson.AppendString(nil, name)
	member = append(member, ':')
	if bytes.ContainsRune(space, '\n') {
		member = append(member, ' ')
	}
	member = append(member, value...)
	if last > begin {
		member = slices.Concat([]byte(","), space, member)
	}
	return slices.Concat(object[:last], member, object[last:]), nil
}
