package connectortest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

var cancelRule = rule{
	name:     "Cancel",
	contract: "a sync whose context is cancelled, between rows or while a request is under way, ends within seconds, leaves no goroutine behind, and leaves a state to go on from",
	mend:     "hand the context that Sync is given to everything that waits; return the error of an Emitter's method; wait for the goroutines that Sync starts before it returns",
	random:   true,
	check: func(s *suite, c *check) {
		length := len(s.uninterrupted(c).into.events())
		leaks := 0
		look := func(d *delivery, how string) bool {
			if d.late {
				c.broken("a sync was %s, and had not returned after %v", how, promptly)
				return false
			}
			// What is started once for the whole process is no leak, and it is
			// started by one sync only.
			if len(d.goroutines) > 0 {
				leaks++
			}
			if leaks >= 2 {
				c.broken("a sync was %s, and had returned, but %d of its goroutines still run; one of them:\n%s", how, len(d.goroutines), d.goroutines[0])
				return false
			}
			return true
		}
		for range 2 {
			if !look(s.travel(c.Context(), journey{watched: true}), "left to come to its end") {
				return
			}
		}
		for range 6 {
			at := c.rand.IntN(length)
			how := "cancelled at operation " + number(at)
			var platform Destination
			var cancel context.CancelCauseFunc
			d := s.travel(c.Context(), journey{into: &platform, watched: true, cancel: &cancel, before: func(n int, _ *host.Operation) error {
				if n == at {
					cancel(errCancelled)
				}
				return nil
			}})
			if !look(d, how) || !s.completes(c, &platform, how) {
				return
			}
		}
		s.cancelRequests(c, look)
	},
}

var errCancelled = errors.New("connectortest: the sync is told to end")

// cancelRequests cancels syncs in the middle of a request.
func (s *suite) cancelRequests(c *check, look func(*delivery, string) bool) {
	requests, why := s.requests(c)
	if why != "" {
		c.Logf("no sync was cancelled during a request: %s", why)
		return
	}
	for range 3 {
		at := c.rand.IntN(requests)
		how := "cancelled during request " + number(at+1)
		var platform Destination
		var cancel context.CancelCauseFunc
		line := &stuck{network: s.wire(), at: int64(at), cancel: func() { cancel(errCancelled) }, released: make(chan struct{})}
		d := s.travel(c.Context(), journey{into: &platform, watched: true, cancel: &cancel, network: line})
		close(line.released)
		if !look(d, how) || !s.completes(c, &platform, how) {
			return
		}
	}
}

// stuck tells the sync to end during one request, and has no answer to it.
type stuck struct {
	network  http.RoundTripper
	at       int64
	cancel   func()
	released chan struct{}
	count    atomic.Int64
}

func (n *stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.count.Add(1)-1 != n.at {
		return n.network.RoundTrip(r)
	}
	n.cancel()
	// A request that cleans up after the sync is not ended by it, but soon by
	// itself: a job or a scroll is let go.
	if deadline, ok := r.Context().Deadline(); ok && r.Context().Err() == nil && time.Until(deadline) <= promptly {
		return n.network.RoundTrip(r)
	}
	drop(r)
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-n.released:
		return nil, io.ErrUnexpectedEOF
	}
}
