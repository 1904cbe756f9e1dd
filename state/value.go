package state

import (
	"cmp"
	"math"
	"time"
	"unicode/utf8"
)

// A Token is a cursor value that only the source understands, such as the sync
// token of a change feed. Tokens have no order, so a cursor of this type has
// the value that it was last advanced to.
type Token string

// A Value is the type of a cursor's value: a time, an integer such as a row
// number, a string that is compared byte by byte, an opaque [Token], or a
// [Pair] whose first value is a time, an integer or a string, and whose second
// value is an integer or a string.
type Value interface {
	time.Time | int64 | string | Token |
		Pair[time.Time, int64] | Pair[time.Time, string] |
		Pair[int64, int64] | Pair[int64, string] |
		Pair[string, int64] | Pair[string, string]
}

// A kind determines which fields of a value are set.
type kind uint8

const (
	isAbsent kind = iota
	isRaw
	isTime
	isInt
	isString
)

// A value is the value of an entry. The value of a cursor is not encoded until
// the state is, so that advancing a cursor is cheap. It has the same type for
// all cursors, so that a sync with many cursors compares and stores them with
// the same code.
type value struct {
	kind   kind
	second kind  // isInt or isString for a pair, or isAbsent
	nsec   int32 // of a time
	num    int64 // an integer, the Unix time in seconds, or the length of the first of two strings
	num2   int64
	text   string // a string, raw JSON, or the two strings of a pair one after the other
}

// rawValue returns JSON as a value. It is absent if raw is empty.
func rawValue(raw string) value {
	if raw == "" {
		return value{}
	}
	return value{kind: isRaw, text: raw}
}

// strings returns the strings of a value. The one that a value does not have is "".
func (v *value) strings() (first, second string) {
	switch {
	case v.second != isString:
		return v.text, ""
	case v.kind == isString:
		return v.text[:v.num], v.text[v.num:]
	}
	return "", v.text
}

// A shape is the form of the values of a cursor.
type shape struct {
	kind, second kind
	opaque       bool // whether the values are tokens
}

func shapeOf[T Value]() shape {
	var zero T
	v := toValue(zero)
	_, opaque := any(zero).(Token)
	return shape{v.kind, v.second, opaque}
}

// has reports whether v has the shape.
func (s shape) has(v *value) bool { return v.kind == s.kind && v.second == s.second }

func timeValue(t time.Time) value {
	return value{kind: isTime, num: t.Unix(), nsec: int32(t.Nanosecond())}
}

func (v *value) time() time.Time { return time.Unix(v.num, int64(v.nsec)).UTC() }

// withInt returns the pair of v and n.
func (v value) withInt(n int64) value {
	v.second, v.num2 = isInt, n
	return v
}

// withString returns the pair of v and s.
func (v value) withString(s string) value {
	if v.kind == isString {
		v.num = int64(len(v.text))
	}
	v.second, v.text = isString, v.text+s
	return v
}

func toValue[T Value](v T) value {
	held, _ := valueOf(v)
	return held
}

// valueOf returns v as a value. It reports whether the type of v is a [Value].
func valueOf(v any) (value, bool) {
	switch v := v.(type) {
	case time.Time:
		return timeValue(v), true
	case int64:
		return value{kind: isInt, num: v}, true
	case string:
		return value{kind: isString, text: v}, true
	case Token:
		return value{kind: isString, text: string(v)}, true
	case Pair[time.Time, int64]:
		return timeValue(v.First).withInt(v.Second), true
	case Pair[time.Time, string]:
		return timeValue(v.First).withString(v.Second), true
	case Pair[int64, int64]:
		return value{kind: isInt, num: v.First}.withInt(v.Second), true
	case Pair[int64, string]:
		return value{kind: isInt, num: v.First}.withString(v.Second), true
	case Pair[string, int64]:
		return value{kind: isString, text: v.First}.withInt(v.Second), true
	case Pair[string, string]:
		return value{kind: isString, text: v.First}.withString(v.Second), true
	}
	return value{}, false
}

// fromValue returns a value that has the shape of T as a T.
func fromValue[T Value](v *value) (to T) {
	switch p := any(&to).(type) {
	case *time.Time:
		*p = v.time()
	case *int64:
		*p = v.num
	case *string:
		*p = v.text
	case *Token:
		*p = Token(v.text)
	case *Pair[time.Time, int64]:
		p.First, p.Second = v.time(), v.num2
	case *Pair[time.Time, string]:
		p.First, p.Second = v.time(), v.text
	case *Pair[int64, int64]:
		p.First, p.Second = v.num, v.num2
	case *Pair[int64, string]:
		p.First, p.Second = v.num, v.text
	case *Pair[string, int64]:
		p.First, p.Second = v.text, v.num2
	case *Pair[string, string]:
		p.First, p.Second = v.strings()
	}
	return to
}

// compare returns -1, 0 or +1 like [cmp.Compare]. The values must have the same
// shape.
func compare(a, b *value) int {
	if order := compareFirst(a, b); order != 0 || a.second == isAbsent {
		return order
	}
	if a.second == isInt {
		return cmp.Compare(a.num2, b.num2)
	}
	_, ofA := a.strings()
	_, ofB := b.strings()
	return cmp.Compare(ofA, ofB)
}

// compareFirst is like compare, but ignores the second values of pairs.
func compareFirst(a, b *value) int {
	if a.kind == isString {
		ofA, _ := a.strings()
		ofB, _ := b.strings()
		return cmp.Compare(ofA, ofB)
	}
	if order := cmp.Compare(a.num, b.num); order != 0 {
		return order
	}
	return cmp.Compare(a.nsec, b.nsec)
}

// Years in Unix time.
const (
	year0     = -62167219200
	year2     = -62104060800
	year10000 = 253402300800
)

// isNull reports whether v is the value that a decoder leaves for a null, or a
// pair with such a first value. For a time, it is any instant of the years 0
// and 1: some sources use the smallest time of their language for a null, in a
// time zone of their own.
func (v *value) isNull() bool {
	switch v.kind {
	case isTime:
		return v.num >= year0 && v.num < year2
	case isInt:
		return v.num == 0
	case isString:
		first, _ := v.strings()
		return first == ""
	}
	return true
}

// hasNullSecond reports whether v is a pair whose second value is the one that
// a decoder leaves for a null.
func (v *value) hasNullSecond() bool {
	_, second := v.strings()
	return v.second != isAbsent && v.num2 == 0 && second == ""
}

// unfit describes a value that [Parse] could not read back. It returns "" for
// any other value.
func (v *value) unfit() string {
	if v.kind == isTime && (v.num < year0 || v.num >= year10000) {
		return "a time whose year is not between 0 and 9999"
	}
	if first, second := v.strings(); !utf8.ValidString(first) || !utf8.ValidString(second) {
		return "text that is not valid UTF-8"
	}
	return ""
}

// lookBack returns v minus the argument of the option Lookback, which may be
// nil. In a pair, it applies to the first value. The second value becomes zero,
// so that no row with the first value is skipped.
func lookBack(v value, by any) value {
	switch by := by.(type) {
	case time.Duration:
		t := timeValue(v.time().Add(-by))
		v.num, v.nsec = t.num, t.nsec
		if by == 0 {
			return v
		}
	case int64:
		v.num = max(v.num, math.MinInt64+by) - by // without an overflow
		if by == 0 {
			return v
		}
	default:
		return v
	}
	v.num2, v.text = 0, ""
	return v
}
