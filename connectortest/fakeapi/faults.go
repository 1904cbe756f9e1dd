package fakeapi

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"
)

const (
	// maxFailures is how many times a request fails before it succeeds.
	maxFailures = 3
	// successes is how many times the request then succeeds. If several clients
	// make the same request at the same time, one success would not be enough to
	// keep one of them from getting all the failures.
	successes = 8
)

// Faults makes a share of the requests fail at random. The share is a number from
// 0 to 1. There are four kinds of failures:
//
//   - status 429, with a Retry-After of 0 or 1 or without one
//   - status 503, likewise
//   - a connection that is closed without a response
//   - a connection that is closed in the middle of the body
//
// See [API.ServeHTTP] for closed connections in memory.
//
// Requests are the same if they have the same method, path, query (apart from
// credentials) and body. A request fails at most three times and then
// succeeds eight times, so a client that retries it at least three times always
// succeeds, unless [RateLimit] rejects it. If a request is repeated many times, at
// most three of every eleven attempts fail.
//
// The body of a response of [OAuth] is never cut off, because a client that does not
// receive its new refresh token can no longer succeed. Use [FailOn] with [Truncate] to
// see what it does then.
//
// Whether a request fails depends only on the seed and on the number of times it was
// made, not on other requests. If a server closes a reused connection without a
// response, the transport of net/http itself repeats a GET. The request then counts
// twice.
func Faults(share float64, seed uint64) Option {
	return func(a *API) {
		if !(share >= 0 && share <= 1) { // false for NaN too
			a.errs = append(a.errs, fmt.Errorf("the share of faults is %v: want a number from 0 to 1", share))
		}
		a.faults = &faults{share: share, seed: seed, made: map[uint64]*history{}}
	}
}

type faults struct {
	share float64
	seed  uint64

	mu   sync.Mutex
	made map[uint64]*history // by key of the request
}

// A history counts the attempts of a request.
type history struct {
	attempts          uint64
	failed, succeeded int // since the last run of successes ended
}

// key returns a hash that is the same for equal requests.
func (a *API) key(r *http.Request, body []byte) uint64 {
	query := r.URL.Query()
	for _, credential := range a.credentials {
		delete(query, credential.query)
	}
	h := fnv.New64a()
	for _, part := range []string{r.Method, r.URL.Path, query.Encode(), string(body)} {
		fmt.Fprintf(h, "%q", part)
	}
	return h.Sum64()
}

// next returns the fault of the next attempt of a request.
func (f *faults) next(key uint64) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.made[key]
	if h == nil {
		h = &history{}
		f.made[key] = h
	}
	chance := rand.New(rand.NewPCG(f.seed, key+h.attempts)) //nolint:gosec // it protects nothing
	h.attempts++
	if h.failed == maxFailures || chance.Float64() >= f.share {
		if h.failed > 0 {
			h.succeeded++
		}
		if h.succeeded == successes {
			h.failed, h.succeeded = 0, 0
		}
		return Fault{}
	}
	h.failed++
	retryAfter := []string{"", "0", "0", "1"}[chance.IntN(4)] // rarely 1: a second is long in real time
	switch chance.IntN(4) {
	case 0:
		return Fault{kind: status, status: http.StatusTooManyRequests, retryAfter: retryAfter}
	case 1:
		return Fault{kind: status, status: http.StatusServiceUnavailable, retryAfter: retryAfter}
	case 2:
		return Fault{kind: reset}
	default:
		return Fault{kind: cut, at: chance.Float64()}
	}
}

// randomFault returns the fault of [Faults] for an admitted request.
func (a *API) randomFault(r *http.Request, body []byte, e endpoint) Fault {
	if a.faults == nil {
		return Fault{}
	}
	f := a.faults.next(a.key(r, body))
	if f.kind == cut && a.oauth != nil && e == endpoint(a.oauth) {
		f.kind = reset // a client that loses a new refresh token could never succeed
	}
	return f
}
