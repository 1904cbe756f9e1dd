package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

var cancelRule = rule{
	name:     "Cancel",
	contract: "a sync whose context is cancelled, between rows or during a request, ends within seconds, leaves no goroutine behind, and leaves a state to resume from",
	fix:      "pass the context of Sync to everything that waits; return the error of each method of the Emitter; before Sync returns, wait for the goroutines that it started",
	random:   true,
	check:    checkCancel,
}

var errCancelled = errors.New("connectortest: the sync is cancelled")

func checkCancel(s *suite, c *check) {
	length := len(s.baseline(c).platform.operations())
	leaks := &leakCheck{check: c}
	for range 2 {
		if !leaks.stopped(s.sync(c.Context(), attempt{findLeaks: true}), "run to its end") {
			return
		}
	}
	for range 6 {
		at := c.rand.IntN(length)
		history := fmt.Sprintf("cancelled at operation %d", at)
		var platform Platform
		var cancel context.CancelCauseFunc
		d := s.sync(c.Context(), attempt{platform: &platform, findLeaks: true, cancel: &cancel, before: func(n int, _ *host.Operation) error {
			if n == at {
				cancel(errCancelled)
			}
			return nil
		}})
		if !leaks.stopped(d, history) || !s.resumes(c, &platform, history) {
			return
		}
	}
	cancelDuringRequests(s, c, leaks)
}

// cancelDuringRequests cancels syncs during a request.
func cancelDuringRequests(s *suite, c *check, leaks *leakCheck) {
	requests, reason := s.requests(c)
	if reason != "" {
		c.Logf("no sync was cancelled during a request: %s", reason)
		return
	}
	for range 3 {
		at := c.rand.IntN(requests)
		history := fmt.Sprintf("cancelled during request %d", at+1)
		var platform Platform
		var cancel context.CancelCauseFunc
		hanging := &hangingRequest{
			network:  s.baseNetwork(),
			at:       int64(at),
			cancel:   func() { cancel(errCancelled) },
			released: make(chan struct{}),
		}
		d := s.sync(c.Context(), attempt{platform: &platform, findLeaks: true, cancel: &cancel, network: hanging})
		close(hanging.released)
		if !leaks.stopped(d, history) || !s.resumes(c, &platform, history) {
			return
		}
	}
}

// A leakCheck looks at syncs that have ended.
type leakCheck struct {
	*check
	leaks int // syncs that left goroutines behind
}

// stopped fails if a sync stopped late or leaked goroutines. A goroutine that lives
// as long as the process is not a leak. Only one sync starts it, so a single sync
// may leave goroutines behind.
func (l *leakCheck) stopped(d *delivery, history string) (ok bool) {
	if d.stoppedLate {
		l.failf("a sync was %s, and had not returned after %v", history, stopTimeout)
		return false
	}
	if len(d.leaked) > 0 {
		l.leaks++
	}
	if l.leaks >= 2 {
		l.failf("a sync was %s and has returned, but %d of its goroutines still run; one of them:\n%s", history, len(d.leaked), d.leaked[0])
		return false
	}
	return true
}

// A hangingRequest cancels the sync during one request, and never responds to it.
type hangingRequest struct {
	network  http.RoundTripper
	at       int64 // number of the request, starting at 0
	cancel   func()
	released chan struct{}
	count    atomic.Int64
}

func (n *hangingRequest) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.count.Add(1)-1 != n.at {
		return n.network.RoundTrip(r)
	}
	n.cancel()
	// A request that cleans up after the sync, for example by deleting a job, has
	// a context of its own and a short deadline. Cancelling the sync must not end it.
	if deadline, ok := r.Context().Deadline(); ok && r.Context().Err() == nil && time.Until(deadline) <= stopTimeout {
		return n.network.RoundTrip(r)
	}
	closeBody(r)
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-n.released:
		return nil, io.ErrUnexpectedEOF
	}
}
