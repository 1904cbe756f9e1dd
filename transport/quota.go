package transport

import (
	"net/http"
	"strings"
	"time"
)

// A quota is the state of the source's limit according to the headers of a response.
type quota struct {
	known     bool
	remaining float64
	reset     time.Duration // from now; 0 if it is unknown
}

// readQuota reads the headers with which sources report their limits: RateLimit-* and
// both forms of RateLimit (IETF draft ratelimit-headers), and the older X-RateLimit-*,
// whose reset is a number of seconds, or a Unix time in seconds or milliseconds.
func readQuota(h http.Header, now time.Time) (q quota) {
	for _, prefix := range []string{"Ratelimit-", "X-Ratelimit-", "X-Rate-Limit-"} {
		if v := h.Get(prefix + "Remaining"); v != "" {
			q.remaining, q.known = number(strings.TrimSpace(v))
			q.reset = resetIn(h.Get(prefix+"Reset"), now)
			return q
		}
	}
	// RateLimit: "default";r=50;t=30, or: limit=100, remaining=50, reset=30
	for _, item := range strings.FieldsFunc(h.Get("RateLimit"), func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		switch name {
		case "r", "remaining":
			if n, ok := number(value); ok {
				q.known, q.remaining = true, n
			}
		case "t", "reset":
			if d, ok := seconds(value); ok {
				q.reset = d
			}
		}
	}
	return q
}

// resetIn returns how long it takes until a quota is renewed.
func resetIn(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return min(max(t.Sub(now), 0), maxAskedWait)
	}
	f, ok := number(v)
	if !ok {
		return 0
	}
	switch {
	case f > 1e11: // milliseconds since 1970
		f = f/1000 - float64(now.UnixMilli())/1000
	case f > maxAskedWait.Seconds(): // seconds since 1970
		f -= float64(now.UnixMilli()) / 1000
	}
	if f <= 0 {
		return 0
	}
	if f >= maxAskedWait.Seconds() {
		return maxAskedWait
	}
	return time.Duration(f * float64(time.Second))
}
