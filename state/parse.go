package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

const versionKey = "_version"

// Parse returns the state in data, which must be a JSON object that
// [Document.Saved] returned. If data is empty, null or {}, the state is empty.
// Parse returns an [*Error] if data is not a valid state.
//
// The migrations are ordered from oldest to newest. Add one at the end whenever
// the form of the connector's state changes, and never remove one, because the
// version of the state is their number. Parse applies the migrations that are
// newer than the state. If the state has a greater version than that, Parse
// returns an *Error. If a migration returns an error, Parse returns an error
// that wraps it.
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
			return nil, &Error{Table: pasted.Label(name), Problem: err.Error()}
		}
		p := newPart(d, name)
		d.parts[name] = p
		d.encoder.add(p)
		for key, v := range values {
			p.entries.add(storedEntry(key, string(v)))
		}
		if c, found := reserved[coverage](p, followsKey); found {
			d.followed = max(d.followed, c.Number)
		}
		if number, found := reserved[int](p, coveredKey); found {
			d.covered = max(d.covered, number)
		}
	}
	return d, nil
}

// readTop returns the members of the state in data. If data is empty or null,
// there are no members.
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

// takeVersion removes the version from the members of a state and returns it.
func takeVersion(top map[string]json.RawMessage) (int, error) {
	raw, ok := top[versionKey]
	if !ok {
		return 0, nil
	}
	version, err := strconv.Atoi(string(raw))
	if err != nil || version < 0 {
		return 0, &Error{Problem: versionKey + " is not a non-negative integer"}
	}
	delete(top, versionKey)
	return version, nil
}

// newerError returns the error for a state that a newer connector wrote.
func newerError(version, known int) *Error {
	return &Error{
		Problem: fmt.Sprintf("the state has version %d, but this connector only supports versions up to %d", version, known),
		remedy:  "run the newer connector that wrote the state, or reset the state to sync from the start",
	}
}

// readObject returns the members of a JSON object. It rejects duplicate names
// and anything after the object. It removes white space, which people may add
// when they edit a state.
func readObject(data []byte) (map[string]json.RawMessage, error) {
	v := jsontext.Value(data)
	if !v.IsValid() {
		if v.IsValid(jsontext.AllowDuplicateNames(true)) {
			return nil, errors.New("it contains an object with a duplicate name")
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
