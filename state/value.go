package state

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Token is a cursor value that only the source understands, such as the sync
// token of a change feed. Tokens have no order, so a cursor of this type has
// the value that it was last advanced to.
type Token string

// A Value is the type of a cursor's value: a time, an integer such as a row
// number, a string that is compared byte by byte, or an opaque [Token].
type Value interface {
	time.Time | int64 | string | Token
}

// unfit describes a value that [Parse] could not read back. It returns "" for
// any other value.
func unfit[T Value](v T) string {
	const year0, year10000 = -62167219200, 253402300800 // in Unix time
	ok := true
	switch v := any(v).(type) {
	case time.Time:
		if s := v.Unix(); s < year0 || s >= year10000 {
			return "a time whose year is not between 0 and 9999"
		}
	case string:
		ok = utf8.ValidString(v)
	case Token:
		ok = utf8.ValidString(string(v))
	}
	if !ok {
		return "text that is not valid UTF-8"
	}
	return ""
}

// compare returns -1, 0 or +1 like [cmp.Compare]. It returns 0 for tokens.
func compare[T Value](a, b T) int {
	switch a := any(a).(type) {
	case time.Time:
		return a.Compare(any(b).(time.Time))
	case int64:
		return cmp.Compare(a, any(b).(int64))
	case string:
		return cmp.Compare(a, any(b).(string))
	}
	return 0
}

// lookBack returns v minus the argument of the option Lookback, which may be
// nil.
func lookBack[T Value](v T, by any) T {
	switch p := any(&v).(type) {
	case *time.Time:
		if d, ok := by.(time.Duration); ok {
			*p = p.Add(-d)
		}
	case *int64:
		if n, ok := by.(int64); ok {
			*p = max(*p, math.MinInt64+n) - n // without an overflow
		}
	}
	return v
}

// A kind determines which field of a value is set.
type kind uint8

const (
	isAbsent kind = iota
	isRaw
	isTime
	isInt
	isString
)

// A value is the value of an entry. The value of a cursor is not encoded until
// the state is, so that advancing a cursor is cheap.
type value struct {
	kind kind
	raw  json.RawMessage
	at   time.Time
	num  int64
	text string
}

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case isTime:
		b = append(b, '"')
		b = v.at.UTC().AppendFormat(b, time.RFC3339Nano)
		return append(b, '"')
	case isInt:
		return strconv.AppendInt(b, v.num, 10)
	case isString:
		return appendString(b, v.text)
	}
	return append(b, v.raw...)
}

func toValue[T Value](v T) value {
	switch v := any(v).(type) {
	case time.Time:
		return value{kind: isTime, at: v}
	case int64:
		return value{kind: isInt, num: v}
	case Token:
		return value{kind: isString, text: string(v)}
	case string:
		return value{kind: isString, text: v}
	}
	panic("unreachable")
}

// fromValue reports whether the value has the type T.
func fromValue[T Value](held value) (v T, ok bool) {
	switch p := any(&v).(type) {
	case *time.Time:
		*p, ok = held.at, held.kind == isTime
	case *int64:
		*p, ok = held.num, held.kind == isInt
	case *string:
		*p, ok = held.text, held.kind == isString
	case *Token:
		*p, ok = Token(held.text), held.kind == isString
	}
	return v, ok
}

// appendString appends s as a JSON string. Text that is not UTF-8 has already
// been recorded as a fault, so here it is only replaced.
func appendString(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD"))))
	}
	return quoted
}
