package fakerest

import (
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// RateLimit answers no more than so many requests in a time; the others get 429
// with Retry-After in whole seconds. All bear X-RateLimit-Limit,
// X-RateLimit-Remaining and X-RateLimit-Reset, the seconds until more are allowed.
func RateLimit(requests int, per time.Duration) Option {
	return func(_ testing.TB, a *API) { a.limit = &limit{most: requests, per: per} }
}

// A limit counts requests in windows of time.
type limit struct {
	most int
	per  time.Duration

	mu    sync.Mutex
	began time.Time
	count int
}

func (l *limit) allow(w http.ResponseWriter) bool {
	l.mu.Lock()
	now := time.Now()
	if now.Sub(l.began) >= l.per {
		l.began, l.count = now, 0
	}
	l.count++
	left := l.most - l.count
	wait := strconv.Itoa(int(math.Ceil(l.began.Add(l.per).Sub(now).Seconds())))
	l.mu.Unlock()
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(l.most))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	w.Header().Set("X-RateLimit-Reset", wait)
	if left >= 0 {
		return true
	}
	w.Header().Set("Retry-After", wait)
	fail(w, http.StatusTooManyRequests, "too many requests")
	return false
}

// Faults makes a share of the requests, from 0 to 1, fail at random: with 429, 500
// or 503, by a connection that breaks before the answer, or in the middle of it.
// The same request fails three times in a row at most, so that a client that asks
// again gets through. Equal seeds choose alike, where requests come in the same
// order.
func Faults(share float64, seed uint64) Option {
	return func(t testing.TB, a *API) {
		t.Helper()
		if !(share >= 0 && share <= 1) { // which no NaN is
			t.Fatalf("fakerest: the share of faults is %v: want one from 0 to 1", share)
		}
		a.faults = &faults{share: share, rand: rand.New(rand.NewPCG(seed, 0)), inRow: map[string]int{}}
	}
}

type faults struct {
	share float64
	mu    sync.Mutex
	rand  *rand.Rand
	inRow map[string]int
}

const faultKinds = 5

// choose says what becomes of a request: -1 is that it is answered.
func (f *faults) choose(r *http.Request) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.URL.String()
	if f.inRow[key] >= 3 || f.rand.Float64() >= f.share {
		delete(f.inRow, key)
		return -1
	}
	f.inRow[key]++
	return f.rand.IntN(faultKinds)
}

func (f *faults) serve(next http.HandlerFunc, w http.ResponseWriter, r *http.Request) {
	switch f.choose(r) {
	case 0:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "too many requests")
	case 1:
		fail(w, http.StatusInternalServerError, "that should not have happened")
	case 2:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, "back in a moment")
	case 3:
		panic(http.ErrAbortHandler) // as net/http breaks a connection
	case 4:
		whole := httptest.NewRecorder()
		next(whole, r)
		for name, values := range whole.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush() // or nothing of it would arrive
		panic(http.ErrAbortHandler)
	default:
		next(w, r)
	}
}
