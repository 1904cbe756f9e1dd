package shop

import (
	"hash/maphash"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
)

const (
	// maxFaults is the number of times a request can fail before it must succeed.
	maxFaults = 3
	// calm is the number of times the request must then succeed before it can fail
	// again. It is more than 1 because several clients may send the same request at the
	// same time. Otherwise, one of them could get all the failures.
	calm = 8
	// remembered is the minimum number of failed requests that are remembered. The
	// memory is bounded because some requests are never retried.
	remembered = 8192
)

// faults makes valid requests fail.
type faults struct {
	rate  float64
	count atomic.Int64

	mu       sync.Mutex
	rand     *rand.Rand
	hash     maphash.Seed
	now, old map[uint64]record // by the hash of a request's method, path and query
}

// A record counts the results of a request that has failed.
type record struct {
	faults   uint8 // since the record was created
	answered uint8 // since the last fault
}

func newFaults(config Config) *faults {
	return &faults{
		rate: config.Faults,
		rand: rand.New(rand.NewPCG(config.Seed, 1)),
		hash: maphash.MakeSeed(),
		now:  map[uint64]record{},
	}
}

// A fault is a way to fail. The zero fault means success.
type fault int

const (
	tooManyRequests fault = iota + 1
	serverError
	unavailable
	cut
)

// next decides whether and how a request fails. For a cut, it also returns the share of
// the body that is sent, which is more than 0.
func (f *faults) next(r *http.Request) (_ fault, at float64) {
	if f.rate <= 0 {
		return 0, 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := maphash.Comparable(f.hash, [...]string{r.Method, r.URL.Path, r.URL.RawQuery})
	known, ok := f.now[key]
	if !ok {
		known, ok = f.old[key]
	}
	if f.rand.Float64() >= f.rate || known.faults == maxFaults {
		if ok {
			f.answered(key, known)
		}
		return 0, 0
	}
	f.remember(key, record{faults: known.faults + 1})
	f.count.Add(1)
	switch kind := tooManyRequests + fault(f.rand.IntN(4)); {
	case kind != cut:
		return kind, 0
	case r.Method == http.MethodHead:
		return unavailable, 0 // a response to HEAD has no body to cut
	default:
		return cut, max(f.rand.Float64(), 0.001)
	}
}

// answered counts a success of a request that has failed before.
func (f *faults) answered(key uint64, r record) {
	if r.answered++; r.answered < calm {
		f.remember(key, r)
		return
	}
	delete(f.now, key)
	delete(f.old, key)
}

// remember stores a record. It discards old records once there are too many.
func (f *faults) remember(key uint64, r record) {
	f.now[key] = r
	if len(f.now) >= remembered {
		f.now, f.old = map[uint64]record{}, f.now
	}
}

// appendAnswer appends the response to a request that fails, except for a cut.
func (f fault) appendAnswer(b []byte, header http.Header) (status int, _ []byte) {
	switch f {
	case tooManyRequests:
		header.Set("Retry-After", "1")
		return http.StatusTooManyRequests, appendError(b, "slow down")
	case serverError:
		return http.StatusInternalServerError, appendError(b, "something went wrong")
	default:
		return http.StatusServiceUnavailable, appendError(b, "back in a moment")
	}
}
