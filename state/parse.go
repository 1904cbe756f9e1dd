package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	sharedKey  = "_shared"
	versionKey = "_version"
)

// Parse returns the state that data holds: a JSON object as [Document.Saved]
// wrote it. No data, null and {} all give an empty state. Data that is
// anything else is an [*Error].
//
// A connector whose state changes its shape lists the migrations, oldest
// first, and never removes one: the version of its state is their number, 0
// for none. An older state runs through those that it has not seen; a newer
// one is refused.
func Parse(data []byte, migrations ...Migration) (*Document, error) {
	d := New()
	d.version = len(migrations)
	top, err := readTop(data)
	if err != nil {
		return nil, err
	}
	if top, err = migrate(top, migrations); err != nil {
		return nil, err
	}
	for name, raw := range top {
		values, err := readObject(raw)
		if err != nil {
			return nil, &Error{Table: name, Problem: err.Error()}
		}
		p := d.part(name)
		for key, v := range values {
			p.entries[key] = storedEntry(v)
		}
	}
	return d, nil
}

// readTop returns the members of a state, of which there are none in no data and
// in null.
func readTop(data []byte) (map[string]json.RawMessage, error) {
	if data = bytes.Trim(data, " \t\r\n"); len(data) == 0 || string(data) == "null" {
		return nil, nil
	}
	top, err := readObject(data)
	if err != nil {
		return nil, &Error{Problem: err.Error()}
	}
	return top, nil
}

// takeVersion takes the version off the members of a state.
func takeVersion(top map[string]json.RawMessage) (int, error) {
	raw, ok := top[versionKey]
	if !ok {
		return 0, nil
	}
	version, err := strconv.Atoi(string(raw))
	if err != nil || version < 0 {
		return 0, &Error{Problem: versionKey + " is not a whole number"}
	}
	delete(top, versionKey)
	return version, nil
}

// newerError is the error for a state that a newer connector wrote.
func newerError(version, known int) *Error {
	return &Error{
		Problem: fmt.Sprintf("it is of version %d, and this connector knows versions up to %d", version, known),
		remedy:  "run the newer connector, which wrote it, or reset it to sync from the start",
	}
}

// readObject reads a JSON object strictly: no name twice, nothing after it. The
// white space that people put in who edit a state is left out.
func readObject(data []byte) (map[string]json.RawMessage, error) {
	v := jsontext.Value(data)
	if !v.IsValid() {
		if v.IsValid(jsontext.AllowDuplicateNames(true)) {
			return nil, errors.New("an object in it has the same name twice")
		}
		return nil, errors.New("it is not valid JSON")
	}
	if v.Kind() != '{' {
		return nil, errors.New("it is not a JSON object")
	}
	v = v.Clone()
	if err := v.Compact(); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(v, &members); err != nil {
		return nil, err
	}
	return members, nil
}
