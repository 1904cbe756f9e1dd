package fakeapi

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Latency delays each response, including those that reject a request. The delay
// ends early if the request's context is done. The default is no delay.
func Latency(d time.Duration) Option {
	return func(a *API) {
		if d < 0 {
			a.errs = append(a.errs, fmt.Errorf("the latency is %v: want zero or more", d))
		}
		a.latency = d
	}
}

// wait waits for the latency.
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
		// Only a recorder sees this response. Without it, the recorder would report 200.
		return reject(http.StatusServiceUnavailable, "the client canceled the request")
	}
}

// RateLimit accepts the given number of requests in each window of time. It rejects
// further requests with status 429 and a Retry-After header, which holds the seconds
// until the window ends, rounded up. The first request after the end of a window starts the
// next window. The default is no limit.
//
// Responses have the headers X-RateLimit-Limit, X-RateLimit-Remaining and
// X-RateLimit-Reset, which is the end of the window in seconds since 1970, rounded
// up. Requests without valid credentials do not count, and their responses
// do not have these headers.
func RateLimit(requests int, per time.Duration) Option {
	return func(a *API) {
		if requests <= 0 || per <= 0 {
			a.errs = append(a.errs, fmt.Errorf("the rate limit is %d requests in %v: want at least one request and a positive duration", requests, per))
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

// take counts a request or rejects it.
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
	// The window has not ended, so this is never 0. It is rounded up, so a client
	// that waits this long is never early.
	header.Set("Retry-After", strconv.FormatInt(int64((l.end.Sub(now)+time.Second-1)/time.Second), 10))
	return reject(http.StatusTooManyRequests, "too many requests: the limit is %d in %v", l.requests, l.per)
}
