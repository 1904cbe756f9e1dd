package fakeapi

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"
)

const (
	// maxFaults is how often a request can fail before it has to get through.
	maxFaults = 3
	// calm is how often it then gets through, for several clients may make the
	// same request at a time, and none of them is to have all the failures.
	calm = 8
)

// Faults makes a share of the requests, from 0 to 1, fail at random: with
// status 429 or 503, each with a Retry-After of 0 or 1 or none, with a
// connection that is closed without an answer, or with one that is closed in
// the middle of the body. See [API.ServeHTTP] for those in memory.
//
// The same request, by its method, path, query without credentials, and body,
// fails three times at the most before it gets through, and then does so eight
// times: a client that asks again always succeeds, apart from what [RateLimit]
// refuses. So no more than three in eleven fail of requests that are made over
// and over.
//
// What happens to a request follows from the seed and how often it has been
// made, whatever other requests there are meanwhile. The transport of net/http
// itself repeats a GET whose connection was used before and is closed without
// an answer; it then counts twice.
func Faults(share float64, seed uint64) Option {
	return func(a *API) {
		if !(share >= 0 && share <= 1) { // which no NaN is
			a.errs = append(a.errs, fmt.Errorf("the share of faults is %v: want one from 0 to 1", share))
		}
		a.faults = &faults{share: share, seed: seed, made: map[uint64]*history{}}
	}
}

type faults struct {
	share float64
	seed  uint64

	mu   sync.Mutex
	made map[uint64]*history // by the request's key
}

// A history is what has become of a request.
type history struct {
	made           uint64
	failed, passed int // since it was calm
}

type kind int

const (
	none kind = iota
	status
	reset
	cut
)

// A fault is a way to fail. The zero fault is none.
type fault struct {
	kind       kind
	status     int
	retryAfter string  // "" is none
	at         float64 // the share of the body that a client gets
}

// key returns what tells requests apart.
func (a *API) key(r *http.Request, body []byte) uint64 {
	query := r.URL.Query()
	for _, door := range a.doors {
		delete(query, door.query)
	}
	h := fnv.New64a()
	for _, part := range []string{r.Method, r.URL.Path, query.Encode(), string(body)} {
		fmt.Fprintf(h, "%q", part)
	}
	return h.Sum64()
}

// next says what becomes of a request.
func (f *faults) next(key uint64) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.made[key]
	if h == nil {
		h = &history{}
		f.made[key] = h
	}
	chance := rand.New(rand.NewPCG(f.seed, key+h.made)) //nolint:gosec // it guards nothing
	h.made++
	if h.failed == maxFaults || chance.Float64() >= f.share {
		if h.failed > 0 {
			h.passed++
		}
		if h.passed == calm {
			h.failed, h.passed = 0, 0
		}
		return fault{}
	}
	h.failed++
	retryAfter := []string{"", "0", "0", "1"}[chance.IntN(4)] // a second is long where time is real
	switch chance.IntN(4) {
	case 0:
		return fault{kind: status, status: http.StatusTooManyRequests, retryAfter: retryAfter}
	case 1:
		return fault{kind: status, status: http.StatusServiceUnavailable, retryAfter: retryAfter}
	case 2:
		return fault{kind: reset}
	default:
		return fault{kind: cut, at: chance.Float64()}
	}
}

// answer returns the answer of a fault that has one.
func (f fault) answer() answer {
	a := refused(refuse(f.status, "%s, for no reason", map[int]string{
		http.StatusTooManyRequests:    "slow down",
		http.StatusServiceUnavailable: "back in a moment",
	}[f.status]))
	if f.retryAfter != "" {
		a.header.Set("Retry-After", f.retryAfter)
	}
	return a
}
