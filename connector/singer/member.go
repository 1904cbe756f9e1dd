package singer

import (
	"bytes"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A member is a member of a JSON object.
type member struct {
	name  string
	value jsontext.Value
}

// readMembers returns the members of a JSON object in its order.
func readMembers(object []byte) ([]member, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(object))
	if dec.PeekKind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var members []member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		m := member{name: name.String()} // reading the value invalidates the token
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		m.value = value.Clone()
		members = append(members, m)
	}
	_, err := dec.ReadToken()
	return members, err
}

// objectOf returns a JSON object with the given members.
func objectOf(members []member) []byte {
	b := []byte{'{'}
	for i, m := range members {
		b = append(appendQuoted(comma(b, i), m.name), ':')
		b = append(b, m.value...)
	}
	return append(b, '}')
}

// comma appends a comma unless i is 0.
func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendQuoted appends a JSON string. Bytes that are not valid UTF-8 are replaced.
func appendQuoted[T ~string | ~[]byte](b []byte, s T) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, strings.ToValidUTF8(string(s), "\uFFFD"))
	}
	return quoted
}

// appendList appends a JSON array of strings.
func appendList(b []byte, items []string) []byte {
	b = append(b, '[')
	for i, item := range items {
		b = appendQuoted(comma(b, i), item)
	}
	return append(b, ']')
}
