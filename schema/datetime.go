package schema

import (
	"strings"
	"time"
)

// naiveDatetime is the layout of a NAIVE_DATETIME without a fraction.
const naiveDatetime = "2006-01-02T15:04:05"

// parseTime parses a date or time of the given type. It accepts more than the
// canonical form: a UTC_DATETIME may have an offset, and a NAIVE_DATETIME may
// have a space instead of the T.
func parseTime(text []byte, t Type) (at time.Time, ok bool) {
	const day = len(time.DateOnly)
	if at, ok = canonicalTime(view(text), t); ok {
		return at, true
	}
	if len(text) < day || text[4] != '-' || text[7] != '-' {
		return at, false
	}
	switch t {
	case TypeNaiveDate:
		at, err := time.Parse(time.DateOnly, string(text))
		return at, err == nil
	case TypeNaiveDatetime:
		if len(text) == day || text[day] != 'T' && text[day] != ' ' {
			return at, false
		}
		return parseNaive(string(text[:day]) + "T" + string(text[day+1:]))
	case TypeUTCDatetime:
		at, _, ok = parseUTC(string(text))
		return at, ok
	}
	return at, false
}

// parseNaive parses a date and time without a zone. Package time alone accepts
// more, such as a decimal comma.
func parseNaive(s string) (at time.Time, ok bool) {
	if !isDateTime(s) {
		return at, false
	}
	at, err := time.Parse(naiveDatetime, s)
	return at, err == nil
}

// parseUTC parses a time in the format of RFC 3339 and returns the index of its
// zone in s. Package time alone accepts more, such as a decimal comma.
func parseUTC(s string) (at time.Time, zone int, ok bool) {
	if strings.HasSuffix(s, "z") || strings.IndexByte(s, 't') == len(time.DateOnly) {
		s = strings.ToUpper(s) // RFC 3339 allows both
	}
	zone = len(s) - 1
	if zone > 0 && s[zone] != 'Z' {
		zone = len(s) - len("+02:00")
	}
	if zone < 0 || !isDateTime(s[:zone]) {
		return at, zone, false
	}
	if s[zone] != 'Z' && (s[zone+1:zone+3] > "23" || s[zone+4:] > "59") {
		return at, zone, false // package time accepts +24:60
	}
	at, err := time.Parse(time.RFC3339, s)
	return at, zone, err == nil
}

// isCanonicalTime reports whether the text is a date or time in the canonical form
// of its type.
func isCanonicalTime(s string, t Type) bool {
	switch t {
	case TypeNaiveDate:
		return isDate(s)
	case TypeNaiveDatetime:
		return isDateTime(s) && isDayOfMonth(s) && isTimeOfDay(s)
	case TypeUTCDatetime:
		return isUTC(s)
	}
	return false
}

// canonicalTime returns the time of a text in the canonical form of its type. It reports
// false for other text.
func canonicalTime(s string, t Type) (at time.Time, ok bool) {
	if !isCanonicalTime(s, t) {
		return at, false
	}
	year, month, day := twoDigits(s, 0)*100+twoDigits(s, 2), time.Month(twoDigits(s, 5)), twoDigits(s, 8)
	if t == TypeNaiveDate {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true
	}
	nanos, scale := 0, int(time.Second)
	for _, c := range s[min(len("2006-01-02T15:04:05."), len(s)):] {
		if scale /= 10; c == 'Z' || scale == 0 {
			break
		}
		nanos += int(c-'0') * scale
	}
	return time.Date(year, month, day, twoDigits(s, 11), twoDigits(s, 14), twoDigits(s, 17), nanos, time.UTC), true
}

// isUTC reports whether the text is a time such as "2006-01-02T15:04:05.999Z".
func isUTC(s string) bool {
	zone := len(s) - len("Z")
	return zone > 0 && s[zone] == 'Z' && dateTimeEnd(s) == zone && isDayOfMonth(s) && isTimeOfDay(s)
}

// utcZone returns the index of the zone in a time such as
// "2006-01-02T15:04:05.999Z" or "2006-01-02T15:04:05+00:00". It returns 0 for other
// text, which must be parsed.
func utcZone(s string) int {
	zone := len(s) - len("Z")
	if zone < 0 || s[zone] != 'Z' {
		if zone = len(s) - len("+00:00"); zone < 0 || s[zone:] != "+00:00" && s[zone:] != "-00:00" {
			return 0
		}
	}
	if !isDateTime(s[:zone]) || !isDayOfMonth(s) || !isTimeOfDay(s) {
		return 0
	}
	return zone
}

// isDate reports whether the text is a date such as "2006-01-02".
func isDate(s string) bool {
	return len(s) == len(time.DateOnly) && dateStart.matches(word(s, 0)) && dateEnd.matches(word(s, 2)) && isDayOfMonth(s)
}

// isDayOfMonth reports whether text that begins with the form of a date has a valid month and
// a day which that month has.
func isDayOfMonth(s string) bool {
	month, day := twoDigits(s, 5), twoDigits(s, 8)
	switch {
	case day == 0 || month == 0 || month > 12:
		return false
	case month == 2:
		return day <= 28 || day == 29 && isLeap(twoDigits(s, 0), twoDigits(s, 2))
	case month == 4, month == 6, month == 9, month == 11:
		return day <= 30
	}
	return day <= 31
}

// isLeap reports whether the year has a February 29.
func isLeap(century, yearOfCentury int) bool {
	if yearOfCentury == 0 {
		return century%4 == 0
	}
	return yearOfCentury%4 == 0
}

// isTimeOfDay reports whether text for which isDateTime returns true has a
// valid time of day.
func isTimeOfDay(s string) bool {
	return twoDigits(s, 11) < 24 && twoDigits(s, 14) < 60 && twoDigits(s, 17) < 60
}

func twoDigits(s string, i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }

// isDateTime reports whether the text has the form of
// "2006-01-02T15:04:05.999". It does not check whether the numbers are in
// range.
func isDateTime(s string) bool { return len(s) > 0 && dateTimeEnd(s) == len(s) }

// dateTimeEnd returns the length of the text that s begins with and that has the form
// of "2006-01-02T15:04:05.999", or 0 if there is none.
func dateTimeEnd(s string) int {
	const layout = "dddd-dd-ddTdd:dd:dd"
	if len(s) < len(layout) {
		return 0
	}
	if !dateStart.matches(word(s, 0)) || !dateTimeMiddle.matches(word(s, 8)) || !timeEnd.matches(word(s, 11)) {
		return 0
	}
	if len(s) == len(layout) || s[len(layout)] != '.' {
		return len(layout)
	}
	end := plainDigits(s, len(layout)+1)
	if end == len(layout)+1 {
		return 0
	}
	return end
}

// The parts of a date and time, which overlap.
var (
	dateStart, dateEnd      = newWordLayout("dddd-dd-"), newWordLayout("dd-dd-dd")
	dateTimeMiddle, timeEnd = newWordLayout("ddTdd:dd"), newWordLayout("dd:dd:dd")
)

// A wordLayout is a text of eight bytes in which each d stands for a digit.
type wordLayout struct{ text, limit uint64 }

func newWordLayout(layout string) (l wordLayout) {
	for i := range wordSize {
		c, limit := layout[i], byte(0x7f)
		if c == 'd' {
			c, limit = '0', 0x7f-9
		}
		l.text |= uint64(c) << (8 * i)
		l.limit |= uint64(limit) << (8 * i)
	}
	return l
}

// matches reports whether a word has the layout.
func (l *wordLayout) matches(x uint64) bool {
	// Each byte of difference is at most 9 for a digit, and 0 for another character.
	// A greater one has the high bit of its byte in the sum, or has it itself.
	difference := x ^ l.text
	return (difference|(difference+l.limit))&highBits == 0
}
