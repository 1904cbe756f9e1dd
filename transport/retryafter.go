package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAskedWait bounds the wait that a header can ask for, so that adding it to a time
// does not overflow. It is far above the limits of a retry.Policy.
const maxAskedWait = 366 * 24 * time.Hour

// ParseRetryAfter parses the value of a Retry-After header, a number of seconds or an
// HTTP date (RFC 9110 §10.2.3), and returns how long to wait. A date is compared with now.
// It accepts fractions of a second and the time zones UTC and +0000, which some servers
// send. For a date in the past, the wait is 0. A wait of more than 366 days is shortened to
// that. It reports false for any other value.
func ParseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	value = strings.TrimSpace(value)
	if d, ok := seconds(value); ok {
		return d, true
	}
	for _, zone := range []string{" UTC", " +0000"} {
		if date, ok := strings.CutSuffix(value, zone); ok {
			value = date + " GMT"
		}
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return until(t, now), true
}

// seconds parses a non-negative decimal number of seconds. It rounds up to milliseconds,
// because a request that comes too early is refused again.
func seconds(s string) (time.Duration, bool) {
	f, ok := number(s)
	if !ok {
		return 0, false
	}
	if f >= maxAskedWait.Seconds() {
		return maxAskedWait, true
	}
	return roundUp(time.Duration(f * float64(time.Second))), true
}

// roundUp rounds a wait up to milliseconds.
func roundUp(d time.Duration) time.Duration {
	if r := d % time.Millisecond; r != 0 {
		d += time.Millisecond - r
	}
	return d
}

// number parses digits with at most one decimal point.
func number(s string) (float64, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' || strings.ContainsAny(s, "eExXpP_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && f == 0 {
		return 0, false
	}
	return f, true
}
