// Package rawjson reads and composes JSON objects without decoding their values, so
// that numbers keep their digits and members their order.
package rawjson

import (
	"bytes"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Value is a JSON value in its original spelling.
type Value []byte

// IsValid reports whether v is a valid JSON value without duplicate names.
func (v Value) IsValid() bool { return jsontext.Value(v).IsValid() }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind() == 'n' }

// IsObject reports whether v is an object.
func (v Value) IsObject() bool { return v.kind() == '{' }

// IsString reports whether v is a string.
func (v Value) IsString() bool { return v.kind() == '"' }

// IsBool reports whether v is true or false.
func (v Value) IsBool() bool { return v.kind() == 't' || v.kind() == 'f' }

// IsNumber reports whether v is a number.
func (v Value) IsNumber() bool { return v.kind() == '0' }

func (v Value) kind() jsontext.Kind { return jsontext.Value(v).Kind() }

// A Member is a member of a JSON object.
type Member struct {
	Name  string
	Value Value
}

// Members returns the members of a JSON object in its order. It is an error if the
// object has a duplicate name.
func Members(object []byte) ([]Member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if dec.PeekKind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var members []Member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := Member{Name: name.String()} // reading the value invalidates the token
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.Value = bytes.Clone(value)
		members = append(members, m)
	}
	_, err := dec.ReadToken()
	return members, err
}

// Object returns a JSON object with the given members.
func Object(members []Member) Value {
	b := []byte{'{'}
	for i, m := range members {
		b = append(AppendString(AppendComma(b, i), m.Name), ':')
		b = append(b, m.Value...)
	}
	return append(b, '}')
}

// AppendComma appends the comma that precedes element i of an object or array. The
// first element, which is element 0, has none.
func AppendComma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// AppendString appends a JSON string. Bytes that are not valid UTF-8 are replaced.
func AppendString[T ~string | ~[]byte](b []byte, s T) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, strings.ToValidUTF8(string(s), "\uFFFD"))
	}
	return quoted
}

// AppendStrings appends a JSON array of strings.
func AppendStrings(b []byte, items []string) []byte {
	b = append(b, '[')
	for i, item := range items {
		b = AppendString(AppendComma(b, i), item)
	}
	return append(b, ']')
}
