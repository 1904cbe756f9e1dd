package connectortest

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
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

// A cutBody is a body whose connection breaks after some bytes, or at its end.
type cutBody struct {
	io.ReadCloser
	mu   sync.Mutex
	left int
}

func (b *cutBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
