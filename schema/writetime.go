package schema

import (
	"reflect"
	"strings"
	"time"
)

// utcText appends an RFC 3339 time, converted to UTC. The digits of its
// fraction do not change.
func (w *rowWriter) utcText(s string) error {
	if zone := utcZone(s); zone > 0 {
		w.b = append(append(append(w.b, '"'), s[:zone]...), 'Z', '"')
		return nil
	}
	v, zone, ok := parseUTC(s)
	if !ok {
		return w.notATime(s, `want a time in the format of RFC 3339 such as "2006-01-02T15:04:05Z"`)
	}
	v = v.UTC()
	if !hasYear(v) {
		return w.cannotHold("string", badYear)
	}
	w.b = append(w.b, '"')
	w.b = v.AppendFormat(w.b, naiveDatetime)
	w.b = append(append(w.b, s[len(naiveDatetime):zone]...), 'Z', '"')
	return nil
}

const (
	badYear      = "RFC 3339 cannot represent the year, which is not between 0 and 9999"
	zeroTimeText = "0001-01-01T00:00:00Z" // of the zero time.Time
)

// hasYear reports whether RFC 3339 can represent the year of v.
func hasYear(v time.Time) bool {
	y := v.Year()
	return y >= 0 && y <= 9999
}

// notATime returns the error for text that is not a date or time. The policy
// applies if the text is one that RFC 3339 cannot represent: an infinity, as
// some databases have it, or a year with more than four digits.
func (w *rowWriter) notATime(s, want string) error {
	if isNonFinite(s) {
		return w.cannotHold("an infinity", want)
	}
	if isFarYear(s) {
		return w.cannotHold("string", badYear)
	}
	return misfitText(want)
}

// isFarYear reports whether the text begins with a date such as "12026-01-02" or
// "-0044-03-15", as ISO 8601 has it.
func isFarYear(s string) bool {
	unsigned := strings.TrimLeft(s, "+-")
	year, rest, _ := strings.Cut(unsigned, "-")
	return len(rest) >= len("01-02") && rest[2] == '-' && strings.Trim(year, "0123456789") == "" &&
		(len(year) > 4 || len(year) == 4 && len(unsigned) < len(s))
}

// time appends a time. The zero time is null: it stands for a time that was never
// set.
func (w *rowWriter) time(t Type, v time.Time) error {
	if v.IsZero() && (t == 0 || t == TypeJSON || t == TypeString || isTime(t)) {
		w.null()
		w.notes |= zeroTime
		return nil
	}
	return w.timestamp(t, v)
}

// timestamp appends a time that is not null.
func (w *rowWriter) timestamp(t Type, v time.Time) error {
	switch t {
	case TypeJSON:
		if v.Location() != time.UTC {
			return w.zonedTime(v)
		}
	case TypeUTCDatetime, TypeString, 0:
		v = v.UTC()
	case TypeNaiveDatetime, TypeNaiveDate:
	default:
		return misfit("time.Time")
	}
	seconds, ok := localSeconds(v)
	if !ok {
		return w.cannotHold("time.Time", badYear)
	}
	w.b = append(w.b, '"')
	switch t {
	case TypeNaiveDate:
		w.b = appendDate(w.b, seconds)
	case TypeNaiveDatetime:
		w.b = appendTime(w.b, seconds, v.Nanosecond())
	default:
		w.b = append(appendTime(w.b, seconds, v.Nanosecond()), 'Z')
	}
	w.b = append(w.b, '"')
	return nil
}

// zonedTime appends a time as a part of nested JSON, in its own zone.
func (w *rowWriter) zonedTime(v time.Time) error {
	if _, offset := v.Zone(); offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 || !hasYear(v) {
		v = v.UTC() // RFC 3339 cannot represent the zone, or the year in it
	}
	if !hasYear(v) {
		return w.cannotHold("time.Time", badYear)
	}
	w.b = append(w.b, '"')
	w.b = v.AppendFormat(w.b, time.RFC3339Nano)
	w.b = append(w.b, '"')
	return nil
}

func (w *rowWriter) nestedTime(v reflect.Value) error {
	return w.time(TypeJSON, *v.Addr().Interface().(*time.Time))
}
