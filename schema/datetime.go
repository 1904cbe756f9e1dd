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

// isCommonTime reports whether the text is known to be a date or time in the
// canonical form of its type. If it returns false, the text must be parsed.
func isCommonTime(text []byte, t Type) bool {
	switch t {
	case TypeNaiveDate:
		return len(text) == len(time.DateOnly) && isCommonDay(text)
	case TypeNaiveDatetime:
		return isDateTime(text) && isCommonDay(text) && isTimeOfDay(text)
	case TypeUTCDatetime:
		return isUTC(text)
	}
	return false
}

// isUTC reports whether the text is a time such as "2006-01-02T15:04:05.999Z".
// It returns false for February 29, which must be parsed.
func isUTC(text []byte) bool {
	n := len(text)
	return n > 0 && text[n-1] == 'Z' && isDateTime(text[:n-1]) && isCommonDay(text) && isTimeOfDay(text)
}

// isCommonDay reports whether the text begins with a day such as "2006-01-02".
// It returns false for February 29, which depends on the year.
func isCommonDay(text []byte) bool {
	const layout = "dddd-dd-dd"
	if len(text) < len(layout) {
		return false
	}
	for i := range len(layout) {
		if layout[i] == 'd' && !isDigit(text[i]) || layout[i] != 'd' && text[i] != layout[i] {
			return false
		}
	}
	month, day := twoDigits(text, 5), twoDigits(text, 8)
	switch {
	case day == 0 || month == 0 || month > 12:
		return false
	case month == 2:
		return day <= 28
	case month == 4, month == 6, month == 9, month == 11:
		return day <= 30
	}
	return day <= 31
}

// isTimeOfDay reports whether text for which isDateTime returns true has a
// valid time of day.
func isTimeOfDay(text []byte) bool {
	return twoDigits(text, 11) < 24 && twoDigits(text, 14) < 60 && twoDigits(text, 17) < 60
}

func twoDigits(text []byte, i int) int { return int(text[i]-'0')*10 + int(text[i+1]-'0') }

// isDateTime reports whether the text has the form of
// "2006-01-02T15:04:05.999". It does not check whether the numbers are in
// range.
func isDateTime[T string | []byte](text T) bool {
	const layout = "dddd-dd-ddTdd:dd:dd"
	if len(text) < len(layout) {
		return false
	}
	for i := range len(layout) {
		if layout[i] == 'd' && !isDigit(text[i]) || layout[i] != 'd' && text[i] != layout[i] {
			return false
		}
	}
	if len(text) == len(layout) {
		return true
	}
	if text[len(layout)] != '.' || len(text) == len(layout)+1 {
		return false
	}
	for i := len(layout) + 1; i < len(text); i++ {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}
