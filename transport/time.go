package transport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// layouts are what ParseTime tries: those in which day and month can't be
// mistaken for one another.
var layouts = []string{
	time.RFC3339Nano, // also without fractions
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05.999999999Z07",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 Z07:00",
	"2006-01-02 15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999 UTC",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04",
	"2006-01-02",
	"20060102T150405Z0700",
	"20060102T150405",
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 02 Jan 2006 15:04:05 GMT",
	"Mon, 02 Jan 2006 15:04:05 UTC",
	"2 Jan 2006 15:04:05 -0700",
	"Mon Jan _2 15:04:05 2006",
	"Mon Jan _2 15:04:05 -0700 2006",
	"02 Jan 2006",
	"2006-01",
}

// ParseTime reads a time as APIs write it. With layouts, it tries those of
// package time, in their order, and nothing else: that is how to read what is
// ambiguous, such as 05/06/2024. Without, it reads RFC 3339 and its common
// variations (a space instead of the T, no seconds, no colon in the offset, a
// date alone), the formats of e-mail and HTTP, and digits as a Unix time, whose
// number says its unit: seconds, milliseconds, microseconds or nanoseconds, for
// times between 1973 and 2286, and seconds with a fraction.
//
// A time without an offset is in UTC. Names of time zones other than UTC and GMT
// are refused, because they don't say what their offset is.
func ParseTime(text string, layout ...string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if len(layout) > 0 {
		for _, l := range layout {
			if t, err := time.Parse(l, text); err == nil {
				return t, nil
			}
		}
		return time.Time{}, fmt.Errorf("not a time in a layout given: %.60q", text)
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, text); err == nil {
			return t, nil
		}
	}
	if t, ok := unixTime(text); ok {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("not a time in a layout that can't be mistaken: %.60q", text)
}

// unixTime reads digits, with a fraction of a second or without.
func unixTime(text string) (time.Time, bool) {
	whole, fraction, hasFraction := strings.Cut(text, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	if err != nil || whole[0] == '+' {
		return time.Time{}, false
	}
	if hasFraction {
		if len(whole) > 10 || len(fraction) == 0 {
			return time.Time{}, false
		}
		digits := (fraction + "000000000")[:9]
		nanos, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || strings.Trim(fraction, "0123456789") != "" {
			return time.Time{}, false
		}
		return time.Unix(int64(n), int64(nanos)).UTC(), true
	}
	switch {
	case n < 1e8: // could be a date such as 20240501, or a year
		return time.Time{}, false
	case n < 1e10:
		return time.Unix(int64(n), 0).UTC(), true
	case n < 1e11: // between the units: neither is likely
		return time.Time{}, false
	case n < 1e13:
		return time.UnixMilli(int64(n)).UTC(), true
	case n < 1e14:
		return time.Time{}, false
	case n < 1e16:
		return time.UnixMicro(int64(n)).UTC(), true
	case n < 1e17:
		return time.Time{}, false
	}
	return time.Unix(0, int64(n)).UTC(), true
}

// Time is a time.Time that a struct can decode from whatever [ParseTime] reads,
// as a JSON string or number, in CSV and in XML. Null and "" are the zero time.
type Time struct{ time.Time }

// UnmarshalJSON sets t from JSON.
func (t *Time) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	return t.UnmarshalText([]byte(text))
}

// UnmarshalText sets t from text.
func (t *Time) UnmarshalText(data []byte) error {
	if len(strings.TrimSpace(string(data))) == 0 {
		t.Time = time.Time{}
		return nil
	}
	got, err := ParseTime(string(data))
	if err == nil {
		t.Time = got
	}
	return err
}

// MarshalJSON returns t as RFC 3339, or null for the zero time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return jsonv2.Marshal(t.Time)
}
