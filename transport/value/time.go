package value

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// layouts are the layouts that ParseTime tries. In each of them, the day and the
// month are distinguishable.
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
	"20060102150405Z0700", // LDAP (RFC 4517 §3.3.13) and HL7
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

// ParseTime parses a time as sources write it.
//
// If layouts are given, in the form of package time, it tries only those, in
// order. Use a layout for text that is ambiguous, such as 05/06/2024.
//
// If no layout is given, it accepts:
//
//   - RFC 3339 and its common variations: a space instead of the T, no seconds,
//     no colon in the offset, a date or a month alone.
//   - The formats of e-mail (RFC 5322) and HTTP (RFC 9110 §5.6.7).
//   - Digits as a Unix time. Their number determines the unit: seconds,
//     milliseconds, microseconds or nanoseconds, for times between 1973 and 2286, and for
//     the last day of 9999, which many sources send for a time that has no end.
//     They may have a fraction.
//   - Digits as year, month, day, hour, minute and second, such as 20240501123015. A
//     fraction may follow, after a point or as 3, 6 or 9 more digits, and an offset.
//
// Digits that could be a Unix time or a date are an error: 2024050112 is a second of 2034
// or an hour of 2024, and 202405011230 a millisecond of 1976 or a minute of 2024. Digits of
// a day or a year alone, such as 20240501 or 2024, are also an error.
//
// Digits of a fraction beyond nanoseconds are discarded.
//
// A time without an offset is in UTC. Time zones other than UTC and GMT must be
// given by their offset, because their abbreviations are ambiguous. Any other
// text is an error that quotes it.
func ParseTime(text string, layout ...string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if len(layout) > 0 && len(text) <= maxTimeText {
		for _, l := range layout {
			if t, err := time.Parse(l, text); err == nil {
				return t, nil
			}
		}
	}
	if len(layout) > 0 {
		return time.Time{}, fmt.Errorf("not a time in any of the given layouts: %.60q", text)
	}
	return parseTime(text, false)
}

// maxTimeText is more than the length of a time. Package time copies a text for each layout
// that it does not have.
const maxTimeText = 1000

// parseTime parses a time without a layout. number reports that it is a JSON number.
func parseTime(text string, number bool) (time.Time, error) {
	if len(text) > maxTimeText {
		return time.Time{}, fmt.Errorf("not a time, but a text of %d bytes: %.60q", len(text), text)
	}
	// No layout accepts digits alone. A Unix time would try all of them first.
	if t, ok, err := digitTime(text, number); ok || err != nil {
		return t, err
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, text); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text)); err == nil {
		return t, nil // RFC 3339 allows t and z
	}
	return time.Time{}, fmt.Errorf("not a time in an unambiguous layout: %.60q", text)
}

// digitTime parses digits, with or without a fraction, as a Unix time or as the digits of
// a calendar. It is an error if both are likely.
func digitTime(text string, number bool) (t time.Time, ok bool, err error) {
	whole, fraction, hasFraction := strings.Cut(text, ".")
	if strings.Trim(whole+fraction, "0123456789") != "" || whole == "" || hasFraction && fraction == "" {
		return time.Time{}, false, nil
	}
	var unit time.Duration
	n, err := strconv.ParseInt(whole, 10, 64)
	if err == nil {
		unit = unixUnit(n)
	}
	calendar, isCalendar := calendarTime(whole, fraction)
	switch {
	case unit == 0:
		return calendar, isCalendar, nil
	case isCalendar && (!number || !isLaterThan2001(len(whole))):
		return time.Time{}, false, fmt.Errorf("%.60q could be a Unix time or the digits of a date: parse it with its layout, such as %.*s, or as a Unix time",
			text, min(len(whole), 14), "20060102150405")
	}
	t, err = unixTime(n, unit, fraction)
	return t, err == nil, nil
}

// isLaterThan2001 reports whether a Unix time with a number of digits is later than
// September 2001, whatever its unit. Numbers of JSON are hardly ever the digits of a
// calendar, but they are not times of 1976 either.
func isLaterThan2001(digits int) bool { return digits%3 == 1 }

// calendarTime parses the digits of a year from 1900 to 2099, a month, a day and an hour,
// perhaps a minute, and perhaps a second, whose fraction may follow. It is in UTC.
func calendarTime(digits, fraction string) (time.Time, bool) {
	const layout = "20060102150405"
	if digits < "19" || digits >= "21" {
		return time.Time{}, false
	}
	switch n := len(digits); {
	case n == 10 || n == 12:
		if strings.Trim(fraction, "0") != "" {
			return time.Time{}, false
		}
		t, err := time.Parse(layout[:n], digits)
		return t, err == nil
	case n < len(layout) || n > len(layout)+9 || n > len(layout) && fraction != "":
		return time.Time{}, false
	}
	text := digits[:len(layout)]
	if fraction = digits[len(layout):] + fraction; fraction != "" {
		text += "." + fraction
	}
	t, err := time.Parse(layout, text)
	return t, err == nil
}

// unixTime returns a Unix time with a fraction of its unit.
func unixTime(n int64, unit time.Duration, fraction string) (time.Time, error) {
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64) // of a second
	if err != nil {
		return time.Time{}, err
	}
	perSecond := int64(time.Second / unit)
	return time.Unix(n/perSecond, n%perSecond*int64(unit)+nanos/perSecond).UTC(), nil
}

// unixUnit returns the unit of a Unix time, or 0 if it could be in several units or
// be something else.
func unixUnit(n int64) time.Duration {
	if unit := endOfTimeUnit(n); unit != 0 {
		return unit
	}
	switch {
	case n < 1e8: // it could be a date such as 20240501, a year, or the days of a spreadsheet
		return 0
	case n < 1e10:
		return time.Second
	case n < 1e11: // between the units, where neither is likely
		return 0
	case n < 1e13:
		return time.Millisecond
	case n < 1e14:
		return 0
	case n < 1e16:
		return time.Microsecond
	case n < 1e17:
		return 0
	}
	return time.Nanosecond
}

// endOfTimeUnit returns the unit of a Unix time of the last day of the year 9999, in any
// time zone, or 0. Its digits would otherwise be a smaller unit of two minutes in 1978.
func endOfTimeUnit(n int64) time.Duration {
	const (
		first = 253402214400 - 14*3600 // 9999-12-31T00:00:00+14:00
		end   = 253402300800 + 12*3600 // after 9999-12-31T23:59:59-12:00
	)
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if perSecond := int64(time.Second / unit); n >= first*perSecond && n < end*perSecond {
			return unit
		}
	}
	return 0
}

// A Time is a time.Time that is decoded from any text that [ParseTime] accepts: a
// JSON string or number, a CSV cell, or XML text. Null and "" are the zero time.
//
// As a field of a row, a Time is a column of type UTC_DATETIME. It is delivered in
// UTC, with the digits of its fraction up to nanoseconds. The zero time is null.
type Time struct{ time.Time }

// UnmarshalJSON sets t from a JSON string, number or null. A number may have an
// exponent. It is a Unix time even if its digits could be those of a date, unless it
// would be a Unix time of 1976, which is an error.
func (t *Time) UnmarshalJSON(data []byte) error {
	text, err := jsonpath.Scalar(data)
	if err != nil {
		return err
	}
	if len(data) > 0 && data[0] != '"' {
		return t.set(withoutExponent(text), true)
	}
	return t.set(text, false)
}

// withoutExponent returns the digits of a number without its exponent, up to those of
// nanoseconds. It returns a number that is no time unchanged.
func withoutExponent(number string) string {
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return number
	}
	if exponent, err := strconv.Atoi(number[i+1:]); err != nil || exponent < -30 || exponent > 30 || i > 60 {
		return number // its digits could be very many
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	if value.IsInt() {
		return value.Num().String()
	}
	return value.FloatString(60 + 30) // all digits, so that none is rounded
}

// UnmarshalText sets t from text that [ParseTime] accepts, or from "".
func (t *Time) UnmarshalText(data []byte) error { return t.set(string(data), false) }

// set sets t from text or from a JSON number.
func (t *Time) set(text string, number bool) error {
	text = strings.TrimSpace(text)
	if text == "" {
		t.Time = time.Time{}
		return nil
	}
	got, err := parseTime(text, number)
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

// ColumnTime returns t and true, or false for the zero time. Package schema calls it
// (see schema.TimeValuer).
func (t Time) ColumnTime() (at time.Time, ok bool) { return t.Time, !t.IsZero() }
