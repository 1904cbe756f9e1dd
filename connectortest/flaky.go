package connectortest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// flaky fails some requests. It is safe for concurrent use.
type flaky struct {
	network http.RoundTripper

	mu     sync.Mutex
	rand   *rand.Rand
	inRow  map[string]int // failures of the same request
	total  int            // failures of any in a row
	slow   int            // how many faults are left that a client waits after
	wait   time.Duration  // until a timeout, and what clients are told to wait
	faults [none]int
}

const (
	tooMany = iota
	unavailable
	broken
	timeout
	reset
	cut
	none
)

// choose says what becomes of a request: a third of them fail, and never more
// than three in a row.
func (f *flaky) choose(r *http.Request) (fault, at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Method + " " + r.URL.String()
	if f.total >= 3 || f.inRow[key] >= 3 || f.rand.IntN(3) > 0 {
		f.total = 0
		delete(f.inRow, key)
		return none, 0
	}
	fault = f.rand.IntN(none)
	if fault >= broken {
		// After these a client waits half a second or so: some are enough.
		if f.slow == 0 || f.wait == 0 && f.inRow[key] > 0 {
			fault %= broken
		} else {
			f.slow--
		}
	}
	f.total++
	f.inRow[key]++
	f.faults[fault]++
	return fault, f.rand.IntN(300)
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	// A wait of 0 is none to many clients, and one of a second is long.
	soon := http.Header{"Retry-After": {"0.005"}}
	if f.wait > 0 {
		soon.Set("Retry-After", strconv.Itoa(int(f.wait/time.Second)))
	}
	switch fault, at := f.choose(r); fault {
	case tooMany:
		drop(r)
		return answerTo(r, http.StatusTooManyRequests, soon, `{"error":"slow down"}`), nil
	case unavailable:
		drop(r)
		return answerTo(r, http.StatusServiceUnavailable, soon, `{"error":"back in a moment"}`), nil
	case broken:
		drop(r)
		return answerTo(r, http.StatusInternalServerError, nil, `{"error":"that should not have happened"}`), nil
	case timeout:
		drop(r)
		select {
		case <-time.After(f.wait):
			return nil, fmt.Errorf("read: %w", os.ErrDeadlineExceeded)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	case reset:
		drop(r)
		return nil, fmt.Errorf("read: %w", syscall.ECONNRESET)
	case cut:
		resp, err := f.network.RoundTrip(r)
		if err == nil && resp.Body != nil && resp.Body != http.NoBody {
			resp.Body = &cutBody{ReadCloser: resp.Body, left: at}
		}
		return resp, err
	}
	return f.network.RoundTrip(r)
}

// summary says what failed.
func (f *flaky) summary() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, fault := range []struct {
		what int
		name string
	}{{tooMany, "429"}, {unavailable, "503"}, {broken, "500"}, {timeout, "timeout"}, {reset, "reset"}, {cut, "body cut off"}} {
		if n := f.faults[fault.what]; n > 0 {
			all = append(all, fmt.Sprintf("%s: %d", fault.name, n))
		}
	}
	return "faults (" + strings.Join(all, ", ") + ")"
}
