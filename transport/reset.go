package transport

import (
	"net/http"
	"strings"
	"time"
)

// resetLayouts are forms of a date that sources use in addition to HTTP dates.
var resetLayouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700", time.RFC1123Z, "Mon, 02 Jan 2006 15:04:05 UTC",
	"Mon Jan 02 2006 15:04:05 GMT-0700"}

// resetIn returns how long it takes until a quota is renewed: the value is a number of
// seconds, a duration such as 6m0s, a date, or a Unix time in seconds, milliseconds,
// microseconds or nanoseconds. It returns 0 for any other value.
func resetIn(v string, now time.Time) time.Duration {
	v = strings.TrimSpace(v)
	f, ok := number(v)
	if !ok {
		return durationOrDate(v, now)
	}
	if f > maxAskedWait.Seconds() { // since 1970
		for range 3 {
			if f > 1e11 {
				f /= 1000
			}
		}
		f -= float64(now.UnixMilli()) / 1000
	}
	switch {
	case f <= 0:
		return 0
	case f >= maxAskedWait.Seconds():
		return maxAskedWait
	}
	return roundUp(time.Duration(f * float64(time.Second)))
}

func durationOrDate(v string, now time.Time) time.Duration {
	if d, err := time.ParseDuration(v); err == nil {
		return roundUp(min(max(d, 0), maxAskedWait))
	}
	if t, err := http.ParseTime(v); err == nil {
		return until(t, now)
	}
	v, _, _ = strings.Cut(v, " (") // JavaScript adds the name of the time zone
	for _, layout := range resetLayouts {
		if t, err := time.Parse(layout, v); err == nil {
			return until(t, now)
		}
	}
	return 0
}

func until(t, now time.Time) time.Duration { return min(max(t.Sub(now), 0), maxAskedWait) }
