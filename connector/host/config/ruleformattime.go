package config

import (
	"strconv"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
)

// isDate reports whether text is a full-date of RFC 3339.
func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

var timePattern = lazyregexp.New(`^([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$`)

// isTime reports whether text is a full-time of RFC 3339. Package time does not know leap
// seconds, which are at 23:59:60 UTC.
func isTime(text string) bool {
	parts := timePattern().FindStringSubmatch(text)
	if parts == nil || parts[3] != "60" {
		return parts != nil
	}
	const day = 24 * 60
	minute, offset := minutes(parts[1], parts[2]), minutes(parts[5], parts[6])
	if parts[4] == "+" {
		offset = -offset
	}
	return (minute+offset+day)%day == day-1
}

// minutes returns the minutes of hours and minutes, which are digits or empty.
func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

// isDateTime reports whether text is a date-time of RFC 3339.
func isDateTime(text string) bool {
	const date = len(time.DateOnly)
	return len(text) > date && (text[date] == 'T' || text[date] == 't') && isDate(text[:date]) && isTime(text[date+1:])
}

var durationPattern = lazyregexp.New(`^P(?:[0-9]+W|(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)$`)

// isDuration reports whether text is a duration of ISO 8601, as in RFC 3339, appendix A,
// except that it may leave out units: P1Y1D.
func isDuration(text string) bool {
	return durationPattern().MatchString(text) && !strings.HasSuffix(text, "P") && !strings.HasSuffix(text, "T")
}

// isPeriod reports whether text is a period of RFC 3339, appendix A: two of a start, a
// duration and an end.
func isPeriod(text string) bool {
	start, end, ok := strings.Cut(text, "/")
	switch {
	case !ok:
		return false
	case strings.HasPrefix(start, "P"):
		return isDuration(start) && isDateTime(end)
	case strings.HasPrefix(end, "P"):
		return isDateTime(start) && isDuration(end)
	}
	return isDateTime(start) && isDateTime(end)
}
