package state

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// validatorsKey is the key of the validators of conditional requests in the part of a
// table, a JSON array. It is ValidatorsKey of package transport.
const validatorsKey = "validators"

// validatorsIn returns the validators in a position, or nil if it has none.
func validatorsIn(position json.RawMessage) json.RawMessage {
	values, _ := readObject(position) // Parse has accepted it
	return values[validatorsKey]
}

// differInValidators reports whether a position and those of followers have different
// validators. Validators have no order: if one table has received the content A and then
// B, and another one only A, the source may have returned to A. With the validator of A,
// the first table would keep B, and with that of B, a table that lacks B would lack
// nothing. Such tables are read from the beginning.
func (f *family) differInValidators(position json.RawMessage, followers []*follower) bool {
	validators := validatorsIn(position)
	for _, m := range followers {
		if p := m.covered.Position; p != nil && !bytes.Equal(validatorsIn(p), validators) {
			return true
		}
	}
	return false
}

// withoutRemoved returns saved validators without those that are no longer among the
// current ones. A validator is removed before newer rows are delivered. It must not
// remain saved if the table then fails, because the rows stay on the platform.
func withoutRemoved(saved value, current []byte) value {
	if saved.kind == isAbsent {
		return saved
	}
	before, now := elements(saved.append(nil)), map[string]bool{}
	for _, v := range elements(current) {
		now[string(v)] = true
	}
	left := slices.DeleteFunc(before, func(v jsontext.Value) bool { return !now[string(v)] })
	if len(left) == 0 {
		return value{}
	}
	text, err := json.Marshal(left)
	if err != nil {
		return saved
	}
	return rawValue(string(text))
}

// elements returns the elements of a JSON array in their canonical form, because
// platforms store the members of an object in any order.
func elements(array []byte) []jsontext.Value {
	var all []jsontext.Value
	if json.Unmarshal(array, &all) != nil {
		return nil
	}
	for i := range all {
		if all[i].Canonicalize() != nil {
			return nil
		}
	}
	return all
}
