package connectortest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

var faultsRule = rule{
	name:     "Faults",
	contract: "a source that fails now and then (429, 500, 503, timeouts, connections that are reset, bodies that break off) is read to the end all the same, or the sync fails with an error of kind Transient; a source that refuses a request is never taken for one that has no rows; whatever fails leaves a state to go on from",
	mend:     "return each error of a request or of an iterator as it is or wrapped by %w; look at the status of an answer, for that of an error has a body, too; hand no rows over twice; leave retries to package transport",
	random:   true,
	check: func(s *suite, c *check) {
		requests, why := s.requests(c)
		if why != "" {
			c.Skipf("skipped: %s", why)
		}
		for range 3 {
			s.weather(c)
		}
		for range 4 {
			if !c.Failed() {
				s.refuse(c, c.rand.IntN(requests))
			}
		}
	},
}

// weather makes a sync whose requests fail at random.
func (s *suite) weather(c *check) {
	line := &flaky{network: s.wire(), rand: rand.New(rand.NewPCG(c.rand.Uint64(), 0)), inRow: map[string]int{}, slow: 3}
	if s.isVirtual() { // waits take no time
		line.slow, line.wait = math.MaxInt, 20*time.Second
	}
	var platform Destination
	d := s.travel(c.Context(), journey{into: &platform, network: line})
	how := "made of a source with " + line.summary()
	if d.err == nil {
		if diff := s.compareWhole().diff(d.into, s.uninterrupted(c).into); diff != "" {
			c.broken("a sync was %s; it succeeded and delivered something else than one without them:\n%s", how, diff)
		}
		return
	}
	if kind := connector.KindOf(d.err); kind != connector.Transient && !d.hung {
		c.broken("a sync was %s; it failed with an error of kind %v: %s", how, kind, d.failure())
		return
	}
	s.completes(c, &platform, how+", which it did not survive ("+firstLine(d.err.Error())+")")
}

// refuse makes a sync of a source that answers one request, and all that come
// after it, with a status that nobody repeats.
func (s *suite) refuse(c *check, at int) {
	line := &closing{network: s.wire(), at: at}
	var platform Destination
	d := s.travel(c.Context(), journey{into: &platform, network: line})
	how := "answered with 501 Not Implemented from request " + number(at+1) + " on"
	if d.err == nil {
		if diff := s.compareWhole().diff(d.into, s.uninterrupted(c).into); diff != "" {
			c.broken("a sync was %s; it succeeded all the same, without these rows:\n%s", how, diff)
		}
		return
	}
	s.completes(c, &platform, how)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// number writes an ordinal or a count as the reports have it.
func number(n int) string { return fmt.Sprint(n) }

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

// closing answers requests, until it does no longer.
type closing struct {
	network http.RoundTripper
	mu      sync.Mutex
	at      int
}

func (n *closing) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.at--
	over := n.at < 0
	n.mu.Unlock()
	if !over {
		return n.network.RoundTrip(r)
	}
	drop(r)
	return answerTo(r, http.StatusNotImplemented, nil, `{"error":"not implemented"}`), nil
}
