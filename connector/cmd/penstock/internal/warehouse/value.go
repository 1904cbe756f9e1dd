package warehouse

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/schema"
)

// A cell is a value in the form in which it is stored.
type cell struct {
	kind cellKind
	int  int64
	real float64
	text []byte // good until the next value is read
}

type cellKind int

const (
	nothing cellKind = iota
	integer
	floating
	text8 // UTF-8
	blob
)

// A reader of values has the memory of the one before.
type values struct{ tmp []byte }

// read returns a JSON value as a column of the type stores it. It is false if
// the value is none of that type.
func (v *values) read(value []byte, t schema.Type) (cell, bool) {
	if value[0] == 'n' {
		return cell{}, true
	}
	switch t {
	case schema.TypeBoolean:
		switch value[0] {
		case 't':
			return cell{kind: integer, int: 1}, true
		case 'f':
			return cell{kind: integer}, true
		}
	case schema.TypeShort:
		return wholeNumber(value, math.MinInt16, math.MaxInt16)
	case schema.TypeInt:
		return wholeNumber(value, math.MinInt32, math.MaxInt32)
	case schema.TypeLong:
		return wholeNumber(value, math.MinInt64, math.MaxInt64)
	case schema.TypeFloat, schema.TypeDouble:
		if isNumber(value) {
			f, err := strconv.ParseFloat(string(value), 64)
			return cell{kind: floating, real: f}, err == nil && keepsWhole(value, f)
		}
	case schema.TypeDecimal:
		if isNumber(value) {
			return cell{kind: text8, text: value}, true
		}
		if value[0] == '"' {
			inner := v.unquote(value)
			return cell{kind: text8, text: inner}, isDecimal(inner)
		}
	case schema.TypeNaiveDate, schema.TypeNaiveDatetime, schema.TypeUTCDatetime:
		if value[0] == '"' {
			inner := v.unquote(value)
			return cell{kind: text8, text: inner}, isInstant(inner, t)
		}
	case schema.TypeBinary:
		if value[0] == '"' {
			inner := v.unquote(value)
			decoded := make([]byte, base64.StdEncoding.DecodedLen(len(inner)))
			n, err := base64.StdEncoding.Decode(decoded, inner)
			return cell{kind: blob, text: decoded[:n]}, err == nil
		}
	case schema.TypeJSON:
		return cell{kind: text8, text: value}, true
	default: // text takes anything
		if value[0] == '"' {
			return cell{kind: text8, text: v.unquote(value)}, true
		}
		return cell{kind: text8, text: value}, true
	}
	return cell{}, false
}

// unquote returns the text that a JSON string says.
func (v *values) unquote(value []byte) []byte {
	inner := value[1 : len(value)-1]
	for _, c := range inner {
		if c == '\\' {
			v.tmp, _ = jsontext.AppendUnquote(v.tmp[:0], value) // which is valid
			return v.tmp
		}
	}
	return inner
}

func isNumber(value []byte) bool { return value[0] == '-' || value[0] >= '0' && value[0] <= '9' }

// wholeNumber reads a number within limits, with all its digits.
func wholeNumber(value []byte, least, most int64) (cell, bool) {
	if !isNumber(value) || len(value) > 20 {
		return cell{}, false
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return cell{kind: integer, int: n}, err == nil && n >= least && n <= most
}

// keepsWhole reports whether a float has all digits of a number, if that is a
// whole one: an identifier must not become another one.
func keepsWhole(value []byte, f float64) bool {
	if len(value) < 16 || bytes.ContainsAny(value, ".eE") {
		return true
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return err == nil && n > -1<<62 && n < 1<<62 && int64(f) == n
}

// isDecimal reports whether text is a number with or without a fraction.
func isDecimal(text []byte) bool {
	digits, dots := 0, 0
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && dots == 0:
			dots++
		case i == 0 && (c == '-' || c == '+'):
		case digits > 0 && (c == 'e' || c == 'E'):
			_, err := strconv.Atoi(string(text[i+1:]))
			return err == nil
		default:
			return false
		}
	}
	return digits > 0
}

// isInstant reports whether text is a day, or an instant, of the type.
func isInstant(text []byte, t schema.Type) bool {
	if len(text) < len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	var err error
	switch t {
	case schema.TypeNaiveDate:
		_, err = time.Parse(time.DateOnly, string(text))
	case schema.TypeNaiveDatetime:
		if len(text) <= len(time.DateOnly) || text[10] != 'T' && text[10] != ' ' {
			return false
		}
		_, err = time.Parse("2006-01-02T15:04:05", string(text[:10])+"T"+string(text[11:]))
	default:
		_, err = time.Parse(time.RFC3339Nano, string(text))
	}
	return err == nil
}

// infer returns the type of a column that has nothing but this value, and false
// for null.
func infer(value []byte) (schema.Type, bool) {
	switch value[0] {
	case 'n':
		return 0, false
	case 't', 'f':
		return schema.TypeBoolean, true
	case '"':
		return schema.TypeString, true
	case '{', '[':
		return schema.TypeJSON, true
	}
	if _, ok := wholeNumber(value, math.MinInt64, math.MaxInt64); ok {
		return schema.TypeLong, true
	}
	if bytes.ContainsAny(value, ".eE") {
		if _, err := strconv.ParseFloat(string(value), 64); err == nil {
			return schema.TypeDouble, true
		}
	}
	return schema.TypeDecimal, true // it has more digits than others hold
}

// wider returns the type that holds the values of one type and a value that is
// none of it.
func wider(t schema.Type, value []byte) schema.Type {
	of, _ := infer(value)
	order := map[schema.Type]int{schema.TypeShort: 1, schema.TypeInt: 2, schema.TypeLong: 3, schema.TypeFloat: 4, schema.TypeDouble: 4, schema.TypeDecimal: 5}
	if order[t] == 0 || order[of] == 0 {
		return schema.TypeString
	}
	switch {
	case t == schema.TypeShort:
		if _, ok := wholeNumber(value, math.MinInt32, math.MaxInt32); ok {
			return schema.TypeInt
		}
	case order[t] == 4:
		return schema.TypeDecimal // a number that no DOUBLE holds
	}
	if of == schema.TypeDouble && order[t] == 3 {
		return schema.TypeDecimal // which keeps all digits of a LONG
	}
	if order[of] > order[t] {
		return of
	}
	return schema.TypeString
}
