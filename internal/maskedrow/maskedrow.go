// Package maskedrow masks secrets in rows so that every value still fits the type of its
// column.
package maskedrow

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/schema"
)

// binaryMask replaces a value that contains a secret in a column of type BINARY, which
// holds base64.
var binaryMask = []byte(`"` + base64.StdEncoding.EncodeToString([]byte(redact.Mask)) + `"`)

// A Member is a member of a row that contains a secret in its name, in its value or in both.
type Member struct {
	// Column is the name of the column.
	Column string
	// Value is the value with its secrets. It is valid until found returns.
	Value []byte
	// Names is 1 if the name of the column contains a secret, otherwise 0. Values is the
	// number of strings and names within the value that contain one.
	Names, Values int
}

// Row returns a row with the secrets in it masked. The function typeOf returns the type of a
// column, or 0 if it is not known. The function found is called for each member that
// contains a secret, and its error ends the call. Numbers, dates and times are not changed:
// their digits may equal a secret by chance. If a secret spans several columns, such as a JSON
// object that is a secret as a whole, all strings are masked.
func Row(secrets *redact.Set, row []byte, typeOf func(column string) schema.Type, found func(Member) error) (masked []byte, err error) {
	masked, err = members(secrets, row, typeOf, valueOrZero, func(Member) error { return nil })
	if err != nil {
		return nil, err
	}
	mask := Value
	if secrets.Spans(masked) {
		mask = wholeValue
	}
	return members(secrets, row, typeOf, mask, found)
}

// A maskFunc returns a value of a column of type t with the secrets in it masked, and the
// number of strings and names that contained one.
type maskFunc func(secrets *redact.Set, t schema.Type, value []byte) (masked []byte, count int, err error)

// members is [Row] with a function that masks the values.
func members(secrets *redact.Set, row []byte, typeOf func(column string) schema.Type, mask maskFunc, found func(Member) error) (masked []byte, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(row), jsontext.AllowDuplicateNames(true))
	switch begin, err := dec.ReadToken(); {
	case err != nil:
		return nil, err
	case begin.Kind() != '{':
		return nil, errors.New("a row is not a JSON object")
	}
	masked = append(masked, '{')
	names := redact.NewMaskedNames(row)
	names.Begin(0)
	for dec.PeekKind() == '"' {
		quoted, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		var m Member
		if err := json.Unmarshal(quoted, &m.Column); err != nil {
			return nil, err
		}
		clean, hit, err := secrets.Data(quoted)
		if err != nil {
			return nil, err
		}
		if m.Names = hit; hit > 0 {
			var name string
			if err := json.Unmarshal(clean, &name); err != nil {
				return nil, err
			}
			clean = rawjson.AppendString(nil, names.Unique(0, name))
		}
		if len(masked) > 1 {
			masked = append(masked, ',')
		}
		masked = append(append(masked, clean...), ':')
		if m.Value, err = dec.ReadValue(); err != nil {
			return nil, err
		}
		if clean, m.Values, err = mask(secrets, typeOf(m.Column), m.Value); err != nil {
			return nil, err
		}
		masked = append(masked, clean...)
		if m.Names+m.Values > 0 {
			if err := found(m); err != nil {
				return nil, err
			}
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	return append(masked, '}'), nil
}

// Value returns a value of a column of type t with the secrets in it masked, and the number
// of strings and names that contained one. See [Row].
func Value(secrets *redact.Set, t schema.Type, value []byte) (masked []byte, count int, err error) {
	if !secrets.InData(value) || isNumberOrTime(t, value) {
		return value, 0, nil
	}
	masked, count, err = secrets.Data(value)
	if t == schema.TypeBinary && count > 0 {
		masked = binaryMask
	}
	return masked, count, err
}

// valueOrZero is [Value] with zero for a number, a date or a time that contains a secret.
func valueOrZero(secrets *redact.Set, t schema.Type, value []byte) (masked []byte, count int, err error) {
	if secrets.InData(value) && isNumberOrTime(t, value) {
		return []byte("0"), 0, nil
	}
	return Value(secrets, t, value)
}

// wholeValue is [Value] for a row that is a secret as a whole. It masks each string, array and
// object.
func wholeValue(_ *redact.Set, t schema.Type, value []byte) (masked []byte, count int, err error) {
	switch kind := jsontext.Value(value).Kind(); {
	case isNumberOrTime(t, value) || kind != '"' && kind != '[' && kind != '{':
		return value, 0, nil
	case t == schema.TypeBinary:
		return binaryMask, 1, nil
	}
	return []byte(`"` + redact.Mask + `"`), 1, nil
}

// isNumberOrTime reports whether a value is the decimal number, the date or the time that
// its column declares. A foreign connector may deliver any text in such a column.
func isNumberOrTime(t schema.Type, value []byte) bool {
	switch t {
	case schema.TypeDecimal, schema.TypeNaiveDate, schema.TypeNaiveDatetime, schema.TypeUTCDatetime:
	default:
		return false
	}
	const column = "value"
	reader := schema.NewRowReader(&schema.Table{Schema: "row", Name: "row", Columns: []schema.Column{{Name: column, Type: t}}})
	_, err := reader.Read(slices.Concat([]byte(`{"`+column+`":`), value, []byte("}")))
	return err == nil
}
