package state

import (
	"encoding/json"
	"errors"
)

// A Pair is a cursor value that consists of two values, such as the time of a
// row's last change and the row's ID. It is for sources in which many rows can
// have the same first value. The second value distinguishes these rows, so a
// sync that is interrupted among them resumes there and does not read all of
// them again. Pairs are compared by their first values. If those are equal, they
// are compared by their second values.
//
// A source must return the rows in this order, and be able to return the rows
// from a pair on. In SQL:
//
//	WHERE (updated_at, id) >= (?, ?) ORDER BY updated_at, id
//
// [Value] lists the types of which a pair can consist. Use [PairOf] to create a
// pair.
//
// The zero value of the second type counts as the smallest one. It is the
// second value of [Cursor.Start] on a first sync, after a [Lookback], and if an
// earlier version of the connector saved only the first value. A source with
// negative IDs must therefore compare them as strings, or read all rows with
// the first value of Start.
type Pair[A, B any] struct {
	First  A
	Second B
}

// PairOf returns the pair of a and b.
func PairOf[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{First: a, Second: b} }

// MarshalJSON returns a JSON array of the two values. A state contains a pair
// in this form.
func (p Pair[A, B]) MarshalJSON() ([]byte, error) { return json.Marshal([]any{p.First, p.Second}) }

// UnmarshalJSON decodes a JSON array of two values.
func (p *Pair[A, B]) UnmarshalJSON(data []byte) error {
	var members []json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if len(members) != 2 {
		return errors.New("a pair is an array of two values")
	}
	if err := json.Unmarshal(members[0], &p.First); err != nil {
		return err
	}
	return json.Unmarshal(members[1], &p.Second)
}
