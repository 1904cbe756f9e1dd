package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A notObjectError reports a member that should be an object, because a field is inside
// it. Its message does not contain the member's text, which may hold a secret.
type notObjectError struct{ name, text string }

func (e *notObjectError) Error() string { return "field " + e.name + " is not a JSON object" }

// setPath is like setMember for a member of nested objects. It adds missing objects. An
// object that is written as text remains text.
func setPath(text []byte, path []string, value string) (old string, changed []byte, err error) {
	if len(path) == 1 {
		return setMember(text, path[0], value)
	}
	changed, err = editMember(text, path[0], func(raw []byte) (edited []byte, err error) {
		switch {
		case raw == nil || string(raw) == "null":
			raw = []byte("{}")
		case raw[0] == '"':
			var inner string
			if err := json.Unmarshal(raw, &inner); err != nil {
				return nil, &notObjectError{name: path[0]}
			}
			object := textOrEmptyObject(inner)
			if v := jsontext.Value(object); v.Kind() != '{' || !v.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
				return nil, &notObjectError{path[0], inner}
			}
			if old, object, err = setPath(object, path[1:], value); err != nil {
				return nil, err
			}
			return quote(string(object))
		case raw[0] != '{':
			return nil, &notObjectError{name: path[0]}
		}
		old, edited, err = setPath(raw, path[1:], value)
		return edited, err
	})
	return old, changed, err
}

// textOrEmptyObject returns the JSON of an object that is written as text. Blank text
// stands for the empty object.
func textOrEmptyObject(text string) []byte {
	if strings.TrimSpace(text) == "" {
		return []byte("{}")
	}
	return []byte(text)
}

// setMember sets a member of a JSON object to a string. It returns the changed text and
// the member's old value, or "" if the member was missing.
func setMember(text []byte, name, value string) (old string, changed []byte, err error) {
	quoted, err := quote(value)
	if err != nil {
		return "", nil, err
	}
	changed, err = editMember(text, name, func(raw []byte) ([]byte, error) {
		if raw == nil {
			return quoted, nil
		}
		if err := json.Unmarshal(raw, &old); err != nil {
			return nil, fmt.Errorf("field %s is not a string", name)
		}
		return quoted, nil
	})
	return old, changed, err
}

func quote(value string) ([]byte, error) {
	quoted, err := jsontext.AppendQuote(nil, value)
	if err != nil {
		return nil, errors.New("the value is not valid UTF-8")
	}
	return quoted, nil
}

// editMember returns the text of a JSON object with one member replaced by the result of
// edit. The argument of edit is the member's old value, or nil if it is missing. The
// rest of the text does not change.
func editMember(text []byte, name string, edit func(raw []byte) ([]byte, error)) ([]byte, error) {
	// encoding/json, which reads the file, allows both.
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return nil, errors.New("want a JSON object of strings and objects")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, errNotJSON(dec)
	}
	var changed []byte
	found, copied := false, 0 // copied counts bytes of text
	begin, first, last := int(dec.InputOffset()), -1, 0
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, errNotJSON(dec)
		}
		member := token.String()
		if first < 0 {
			first = begin + bytes.IndexByte(text[begin:], '"')
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, errNotJSON(dec)
		}
		last = int(dec.InputOffset())
		if member != name {
			continue
		}
		found = true // a repeated member is replaced each time
		edited, err := edit(raw)
		if err != nil {
			return nil, err
		}
		changed = append(append(changed, text[copied:last-len(raw)]...), edited...)
		copied = last
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, errNotJSON(dec)
	}
	if !found {
		edited, err := edit(nil)
		if err != nil {
			return nil, err
		}
		member, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return nil, errors.New("the name of the field is not valid UTF-8")
		}
		member = append(append(member, ": "...), edited...)
		if first < 0 {
			last = begin
		} else {
			member = append([]byte(","+string(text[begin:first])), member...)
		}
		changed, copied = append(bytes.Clone(text[:last]), member...), last
	}
	return append(changed, text[copied:]...), nil
}

// errNotJSON reports where a text stops being valid JSON. It quotes nothing, because the
// text holds secrets.
func errNotJSON(dec *jsontext.Decoder) error {
	return fmt.Errorf("invalid JSON after byte %d", dec.InputOffset())
}
