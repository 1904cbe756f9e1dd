package state

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// membersOf returns the members of a JSON object that [Parse] or [Part.Set] has accepted,
// without white space. They share the memory of the object: thousands of partitions need no
// copies of their names and values.
func membersOf(object string) ([]*entry, error) {
	dec := jsontext.NewDecoder(strings.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var members []*entry
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if at := int(dec.InputOffset()) - len(key) - 1; at > 0 && object[at:at+len(key)] == key {
			key = object[at : at+len(key)] // the name is spelled without escapes
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		end := int(dec.InputOffset())
		members = append(members, storedEntry(key, object[end-len(raw):end]))
	}
	_, err := dec.ReadToken()
	return members, err
}
