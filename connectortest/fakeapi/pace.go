package fakeapi

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Latency makes each answer take some time, also those that refuse. It ends
// with the request's context. In a synctest bubble the time is virtual.
func Latency(d time.Duration) Option {
	return func(a *API) {
		if d < 0 {
			a.errs = append(a.errs, fmt.Errorf("the latency is %v: want none or more", d))
		}
		a.latency = d
	}
}

// wait lets the latency pass.
func (a *API) wait(r *http.Request) error {
	if a.latency <= 0 {
		return nil
	}
	timer := time.NewTimer(a.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.Context().Done():
		// Nobody reads it, unless in a recorder, where no answer were status 200.
		return refuse(http.StatusServiceUnavailable, "the request was given up")
	}
}

// RateLimit answers so many requests in each window of time; the others get
// status 429 with Retry-After: the whole seconds, rounded up, until the window
// is over. A window begins with the first request after the last one.
//
// Answers bear X-RateLimit-Limit, X-RateLimit-Remaining, and X-RateLimit-Reset,
// the end of the window in seconds since 1970, rounded up. Requests without
// good credentials do not count.
func RateLimit(requests int, per time.Duration) Option {
	return func(a *API) {
		if requests <= 0 || per <= 0 {
			a.errs = append(a.errs, fmt.Errorf("the rate limit is %d requests in %v: want more than none of both", requests, per))
		}
		a.limit = &limit{requests: requests, per: per}
	}
}

type limit struct {
	requests int
	per      time.Duration

	mu   sync.Mutex
	end  time.Time // of the window
	used int
}

// take counts a request, or refuses it.
func (l *limit) take(header http.Header) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !now.Before(l.end) {
		l.end, l.used = now.Add(l.per), 0
	}
	over := l.used == l.requests
	if !over {
		l.used++
	}
	header.Set("X-RateLimit-Limit", strconv.Itoa(l.requests))
	header.Set("X-RateLimit-Remaining", strconv.Itoa(l.requests-l.used))
	header.Set("X-RateLimit-Reset", strconv.FormatInt(l.end.Add(time.Second-1).Unix(), 10))
	if !over {
		return nil
	}
	// The window is not over, so that this is never 0, and a client that waits
	// as long as it says is never early.
	header.Set("Retry-After", strconv.FormatInt(int64((l.end.Sub(now)+time.Second-1)/time.Second), 10))
	return refuse(http.StatusTooManyRequests, "too many requests: %d in %v are allowed", l.requests, l.per)
}
