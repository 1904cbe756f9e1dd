package transport

import (
	"net/http"
	"strings"
	"time"
)

// sourceTime returns the current time on the clock of the source: the Date of the response
// plus the time that it spent in a cache (Age, RFC 9111 §5.1). Dates in other headers are
// from the same clock, which may be wrong. local is the local time. sourceTime returns it if
// the response has no Date, and if the clocks agree, since a Date has no fractions of a
// second.
func sourceTime(h http.Header, local time.Time) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return local
	}
	if age, ok := seconds(h.Get("Age")); ok {
		date = date.Add(age)
	}
	if d := local.Sub(date); d >= 0 && d < 2*time.Second {
		return local
	}
	return date
}

// retryAfter returns the wait of a Retry-After header. It reports false for a wait of 0,
// which would repeat the request immediately, again and again. If there are several
// values, for example one of a gateway, the longest wait counts.
func retryAfter(h http.Header) (wait time.Duration, ok bool) {
	lines := h.Values("Retry-After")
	if len(lines) == 0 {
		return 0, false
	}
	now := sourceTime(h, time.Now())
	for _, v := range listOf(lines) {
		if d, ok := ParseRetryAfter(v, now); ok {
			wait = max(wait, d)
		}
	}
	return wait, wait > 0
}

// askedWait returns the wait that a refusal asks for, with Retry-After or with the headers
// of the source's limits.
func (k *call) askedWait(status int, header http.Header) (time.Duration, bool) {
	if k.client.ignoreLimitHeaders {
		return retryAfter(header)
	}
	return askedWait(status, header)
}

func askedWait(status int, header http.Header) (time.Duration, bool) {
	if d, ok := retryAfter(header); ok {
		return d, true
	}
	quotas := readQuotas(header, time.Now())
	if d := untilRenewed(quotas); d > 0 {
		return d, true
	}
	switch status {
	case http.StatusForbidden, statusEnhanceYourCalm, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		d := untilPossible(quotas)
		return d, d > 0
	}
	return 0, false
}

// statusEnhanceYourCalm is not registered. Some sources send it instead of a 429.
const statusEnhanceYourCalm = 420

// untilRenewed returns how long it takes until none of the quotas is used up.
func untilRenewed(quotas []quota) (wait time.Duration) {
	for _, q := range quotas {
		if q.usedUp() {
			wait = max(wait, q.reset)
		}
	}
	return wait
}

// untilPossible returns the wait after a refusal if no quota that is used up has the time
// of its reset. A quota that has only the time of its reset counts as the one that is used
// up. If there are several, the shortest wait counts, because the source only refuses again
// a request that comes too early. If there are none, the wait is the period of a quota that
// is used up, which is renewed within it.
func untilPossible(quotas []quota) time.Duration {
	var resets []time.Duration
	var window time.Duration
	for _, q := range quotas {
		if !q.known {
			resets = append(resets, q.reset)
		}
		if q.usedUp() {
			window = max(window, q.window)
		}
	}
	if d := shortestReset(resets); d > 0 {
		return d
	}
	return window
}

// rateLimited reports whether a refusal is about a limit and not about permission. It is
// doubtful if the headers say only when a limit is renewed. Some sources say that only when
// a limit is used up, others with each response.
func (k *call) rateLimited(header http.Header) (limited, doubtful bool) {
	// Some sources send a Retry-After of 0 with each response.
	if v := strings.TrimSpace(header.Get("Retry-After")); v != "" && v != "0" {
		return true, false
	}
	if k.client.ignoreLimitHeaders {
		return false, false
	}
	known, reset := false, false
	for _, q := range readQuotas(header, time.Now()) {
		if q.usedUp() {
			return true, false
		}
		known = known || q.known
		reset = reset || q.reset > 0
	}
	// Some sources send only the time from which they accept requests again.
	return reset && !known, true
}
