package config

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// member returns the value of a member of an object, or nil if the object does
// not have the member.
func member(object []byte, name string) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, err
	}
	return members[name], nil
}

// setMember returns a copy of an object with a new value for one member. If the
// object does not have the member, it is added at the end. If the value is nil,
// the member is omitted.
func setMember(object []byte, name string, value []byte) ([]byte, error) {
	found := false
	return editMembers(object, func(key string, old []byte) ([]byte, error) {
		if key != name {
			return old, nil
		}
		found = true
		return value, nil
	}, func(enc *jsontext.Encoder) error {
		if found || value == nil {
			return nil
		}
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		return enc.WriteValue(value)
	})
}

// editMembers returns a copy of an object. For each member, edit returns the new
// value, or nil to omit the member. If last is not nil, it may add members at the
// end.
func editMembers(object []byte, edit func(key string, value []byte) ([]byte, error), last func(*jsontext.Encoder) error) ([]byte, error) {
	var out bytes.Buffer
	dec, enc := jsontext.NewDecoder(bytes.NewReader(object)), jsontext.NewEncoder(&out)
	begin, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if err := enc.WriteToken(begin); err != nil {
		return nil, err
	}
	for dec.PeekKind() == '"' {
		if err := editMember(dec, enc, edit); err != nil {
			return nil, err
		}
	}
	if last != nil {
		if err := last(enc); err != nil {
			return nil, err
		}
	}
	end, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if err := enc.WriteToken(end); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// editMember copies one member.
func editMember(dec *jsontext.Decoder, enc *jsontext.Encoder, edit func(string, []byte) ([]byte, error)) error {
	key, err := dec.ReadToken()
	if err != nil {
		return err
	}
	name := key.String()
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	edited, err := edit(name, value)
	if err != nil || edited == nil {
		return err
	}
	if err := enc.WriteToken(jsontext.String(name)); err != nil {
		return err
	}
	return enc.WriteValue(edited)
}
