package fakeapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// marshal returns the JSON of a value. It does not escape <, > and &.
func marshal(value any) ([]byte, error) {
	if raw, ok := value.(json.RawMessage); ok { // encoding/json would compact it
		if !json.Valid(raw) {
			return nil, fmt.Errorf("not valid JSON: %s", shorten.Quote(raw, 100))
		}
		return bytes.Clone(raw), nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// marshalRows returns the JSON of each element of a slice or of a JSON array.
func marshalRows(rows any) ([]json.RawMessage, error) {
	if text, ok := rows.([]byte); ok {
		rows = json.RawMessage(text)
	}
	if raw, ok := rows.(json.RawMessage); ok {
		var all []json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			return nil, fmt.Errorf("not a JSON array: %w", err)
		}
		return all, nil
	}
	v := reflect.ValueOf(rows)
	if !v.IsValid() || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("want a slice, not %T", rows)
	}
	all := make([]json.RawMessage, v.Len())
	for i := range all {
		raw, err := marshal(v.Index(i).Interface())
		if err != nil {
			return nil, fmt.Errorf("row %d cannot be marshaled: %w", i, err)
		}
		all[i] = raw
	}
	return all, nil
}

// fieldOf returns a field of a row, or nil if the row lacks it. If the row has no
// field with exactly that name, a name with dots is the path of a field within objects.
func fieldOf(row json.RawMessage, name string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(row, &fields) != nil {
		return nil
	}
	if raw, ok := fields[name]; ok {
		return raw
	}
	first, rest, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	return fieldOf(fields[first], rest)
}

// textOf returns the text of a JSON string, or the JSON of another value.
func textOf(raw json.RawMessage) string {
	if raw[0] != '"' {
		return string(raw)
	}
	var text string
	_ = json.Unmarshal(raw, &text) // raw is valid JSON
	return text
}

// A sort is the kind of a value. It decides how values compare. A column has the
// sort that all of its values share, or text if they differ.
type sort int

const (
	missing sort = iota // null, absent, an object or an array
	number
	instant
	text
)

// A value is the value of a field or of a parameter.
type value struct {
	sort   sort
	text   string
	number *big.Rat
	at     time.Time
}

func valueOf(raw json.RawMessage) value {
	if len(raw) == 0 || raw[0] == 'n' || raw[0] == '{' || raw[0] == '[' {
		return value{}
	}
	v := value{sort: text, text: textOf(raw)}
	if raw[0] == '"' {
		if at, err := time.Parse(time.RFC3339, v.text); err == nil {
			v.sort, v.at = instant, at
		}
	} else if n, ok := parseNumber(v.text); ok {
		v.sort, v.number = number, n
	}
	return v
}

// A column holds the values of a field in all rows.
type column struct {
	sort   sort
	values []value
}

func columnOf(rows []json.RawMessage, field string) column {
	c := column{values: make([]value, len(rows))}
	for i, row := range rows {
		v := valueOf(fieldOf(row, field))
		c.values[i] = v
		switch {
		case v.sort == missing:
		case c.sort == missing:
			c.sort = v.sort
		case c.sort != v.sort:
			c.sort = text
		}
	}
	return c
}

// parse converts a parameter to a value that can be compared with the column's
// values.
func (c column) parse(parameter string) (value, error) {
	v := value{sort: c.sort, text: parameter}
	switch c.sort {
	case number:
		var ok bool
		if v.number, ok = parseNumber(parameter); !ok {
			return v, errors.New("want a number, as in the field")
		}
	case instant:
		var err error
		if v.at, err = time.Parse(time.RFC3339, parameter); err != nil {
			return v, errors.New("want an RFC 3339 time, as in the field (in a query, write + as %2B)")
		}
	case missing:
		v.sort = text // the column has no values to compare with
	}
	return v, nil
}

// compare compares two of the column's values. Missing values come first.
func (c column) compare(a, b value) int {
	if a.sort == missing || b.sort == missing {
		return cmp.Compare(min(a.sort, 1), min(b.sort, 1))
	}
	switch c.sort {
	case number:
		return a.number.Cmp(b.number)
	case instant:
		return a.at.Compare(b.at)
	default:
		return strings.Compare(a.text, b.text)
	}
}

// is reports whether a value equals a parameter. Numbers are equal regardless of
// their notation.
func (v value) is(parameter string) bool {
	if v.sort == number {
		n, ok := parseNumber(parameter)
		return ok && n.Cmp(v.number) == 0
	}
	return v.sort != missing && v.text == parameter
}

// parseNumber parses a JSON number exactly. It rejects exponents of more than four
// digits, because the result would need too much memory.
func parseNumber(text string) (*big.Rat, bool) {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') || !json.Valid([]byte(text)) {
		return nil, false
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 && len(text)-at > len("e+1234") {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
