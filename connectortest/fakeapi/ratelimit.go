package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimit accepts the given number of requests in each window of time. It rejects
// further requests with status 429 and a Retry-After header, which holds the seconds
// until the window ends, rounded up. The first request after the end of a window starts the
// next window. The default is no limit.
//
// Responses have the headers X-RateLimit-Limit, X-RateLimit-Remaining and
// X-RateLimit-Reset, which is the end of the window in seconds since 1970, rounded
// up. Requests without valid credentials do not count, and their responses
// do not have these headers. Neither do requests to the token endpoint of [OAuth] and
// to a [ResultHost].
//
// [ForbiddenUntilReset] and [ForbiddenRetryAfter] reject requests with status 403.
func RateLimit(requests int, per time.Duration, options ...RateLimitOption) Option {
	return func(a *API) {
		l := &limit{requests: requests, per: per}
		if requests <= 0 || per <= 0 {
			a.errs = append(a.errs, fmt.Errorf("the rate limit is %d requests in %v: want at least one request and a positive duration", requests, per))
		}
		if len(options) > 1 {
			a.errs = append(a.errs, errors.New("the rate limit has two options: want at most one"))
		}
		for _, option := range options {
			option(l)
		}
		a.limit = l
	}
}

// A RateLimitOption configures a [RateLimit].
type RateLimitOption func(*limit)

// ForbiddenUntilReset makes a [RateLimit] reject requests with status 403 and without
// a Retry-After header, as the primary rate limit of GitHub does. The header
// X-RateLimit-Remaining is 0, and X-RateLimit-Reset tells when the client may
// continue.
func ForbiddenUntilReset() RateLimitOption {
	return func(l *limit) { l.forbids, l.hidesWait = true, true }
}

// ForbiddenRetryAfter makes a [RateLimit] reject requests with status 403 and a
// Retry-After header, as the secondary rate limit of GitHub does. No response has an
// X-RateLimit header.
func ForbiddenRetryAfter() RateLimitOption {
	return func(l *limit) { l.forbids, l.hidesQuota = true, true }
}

type limit struct {
	requests   int
	per        time.Duration
	forbids    bool // the status is 403
	hidesWait  bool // there is no Retry-After
	hidesQuota bool // there are no X-RateLimit headers

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
	if !l.hidesQuota {
		header.Set("X-RateLimit-Limit", strconv.Itoa(l.requests))
		header.Set("X-RateLimit-Remaining", strconv.Itoa(l.requests-l.used))
		header.Set("X-RateLimit-Reset", strconv.FormatInt(l.end.Add(time.Second-1).Unix(), 10))
	}
	if !over {
		return nil
	}
	if !l.hidesWait {
		header.Set("Retry-After", seconds(l.end.Sub(now))) // the window has not ended, so this is never 0
	}
	status := http.StatusTooManyRequests
	if l.forbids {
		status = http.StatusForbidden
	}
	return reject(status, "too many requests: the limit is %d in %v", l.requests, l.per)
}
