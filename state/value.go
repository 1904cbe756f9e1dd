package state

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Token is a cursor whose values only the source understands, such as the
// sync token of a change feed. Tokens have no order: a cursor of tokens is
// where it was last advanced to.
type Token string

// A Value is what a cursor can hold: an instant, an integer such as a row's
// number, a string that sorts, or an opaque [Token].
type Value interface {
	time.Time | int64 | string | Token
}

// unfit says what makes a value one that can't be read back, or "".
func unfit[T Value](v T) string {
	const year0, year10000 = -62167219200, 253402300800 // in Unix time
	ok := true
	switch v := any(v).(type) {
	case time.Time:
		if s := v.Unix(); s < year0 || s >= year10000 {
			return "a time whose year is not one of 0 to 9999"
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

func lookBack[T Value](v T, by any) T {
	switch p := any(&v).(type) {
	case *time.Time:
		if d, ok := by.(time.Duration); ok {
			*p = p.Add(-d)
		}
	case *int64:
		if n, ok := by.(int64); ok {
			*p -= n
		}
	}
	return v
}

type kind uint8

const (
	isAbsent kind = iota
	isRaw
	isTime
	isInt
	isString
)

// A value is a member's value. What cursors hold is kept as it came, so that
// advancing one costs no encoding.
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

// appendString appends a JSON string. What comes here has been checked to be
// UTF-8; the rest is for the fault's own message to be seen.
func appendString(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD"))))
	}
	return quoted
}
