package shop

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
)

// maxInARow is how often the same request may fail one time after the other.
const maxInARow = 3

// faults make requests fail for no reason.
type faults struct {
	rate  float64
	count atomic.Int64

	mu    sync.Mutex
	rand  *rand.Rand
	inRow map[string]int // by the request's URL
}

func newFaults(config Config) *faults {
	return &faults{rate: config.Faults, rand: rand.New(rand.NewPCG(config.Seed, 1)), inRow: map[string]int{}}
}

// A fault is a way to fail. The zero fault is none.
type fault int

const (
	tooManyRequests fault = iota + 1
	serverError
	unavailable
	cut
)

// next decides how a request fails.
func (f *faults) next(url string) fault {
	if f.rate <= 0 {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inRow[url] >= maxInARow || f.rand.Float64() >= f.rate {
		delete(f.inRow, url)
		return 0
	}
	f.inRow[url]++
	f.count.Add(1)
	return tooManyRequests + fault(f.rand.IntN(4))
}

// serve answers a request, or fails to.
func (f *faults) serve(h http.Handler, w http.ResponseWriter, r *http.Request) {
	switch f.next(r.URL.String()) {
	case tooManyRequests:
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "slow down")
	case serverError:
		fail(w, http.StatusInternalServerError, "something went wrong")
	case unavailable:
		fail(w, http.StatusServiceUnavailable, "back in a moment")
	case cut:
		whole := httptest.NewRecorder()
		h.ServeHTTP(whole, r)
		body := whole.Body.Bytes()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // which cuts the connection
	default:
		h.ServeHTTP(w, r)
	}
}
