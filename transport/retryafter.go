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
// HTTP date (RFC 9110 §10.2.3), and returns how long to wait from now on. It accepts
// fractions of a second, which some servers send. For a date in the past, the wait is 0.
// It reports false for any other value.
func ParseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	value = strings.TrimSpace(value)
	if d, ok := seconds(value); ok {
		return d, true
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(t.Sub(now), 0), maxAskedWait), true
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
	d := time.Duration(f * float64(time.Second))
	if r := d % time.Millisecond; r != 0 {
		d += time.Millisecond - r
	}
	return d, true
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

// askedWait returns the wait that a response asks for. It ignores a wait of 0, which
// would repeat the request immediately, again and again.
func askedWait(h http.Header, now time.Time) (time.Duration, bool) {
	if v := h.Get("Retry-After"); v != "" {
		if d, ok := ParseRetryAfter(v, now); ok && d > 0 {
			return d, true
		}
		return 0, false
	}
	// Other headers say when the limit of the source is renewed.
	if q := readQuota(h, now); q.known && q.remaining <= 0 && q.reset > 0 {
		return q.reset, true
	}
	return 0, false
}

// rateLimited reports whether a refusal is about a quota and not about permission.
func rateLimited(h http.Header) bool {
	if h.Get("Retry-After") != "" {
		return true
	}
	q := readQuota(h, time.Now())
	return q.known && q.remaining <= 0
}
