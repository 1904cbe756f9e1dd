package connectortest

import (
	"context"
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

var cancelRule = rule{
	name:     "Cancel",
	contract: "a sync whose context is canceled, between rows or during a request, ends within seconds, leaves no goroutine behind, and leaves a state to resume from",
	fix:      "pass the context of Sync to everything that waits; return the error of each method of the Emitter; before Sync returns, wait for the goroutines that it started",
	random:   true,
	check:    checkCancel,
}

var errCancelled = errors.New("connectortest: the sync was canceled")

func checkCancel(s *suite, c *check) {
	length := len(s.baseline(c).platform.operations())
	leaks := &leakCheck{check: c, limit: s.stopTimeout}
	for range 2 {
		if !leaks.stopped(s.sync(c.Context(), attempt{findLeaks: true}), "run to its end") {
			return
		}
	}
	for range 6 {
		at := c.rand.IntN(length)
		history := fmt.Sprintf("canceled at operation %d", at)
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
	if s.proxied != nil && !cancelDuringResponses(s, c, leaks) {
		return
	}
	cancelDuringRequests(s, c, leaks)
}

// stalledSyncs is the number of syncs that are canceled while a connection stalls.
const stalledSyncs = 4

// cancelDuringResponses cancels syncs while a connection through a proxy stalls.
func cancelDuringResponses(s *suite, c *check, leaks *leakCheck) (ok bool) {
	size := s.proxiedTraffic(c)
	for i := range stalledSyncs {
		p := s.newProxy(c, connFault{hangingConn, within(c.rand, size[fromSource], i, stalledSyncs), fromSource})
		var cancel context.CancelCauseFunc
		p.hang = func() {
			// The connector still delivers what has arrived.
			waitUntilIdle(func() [2]int64 { return [2]int64{s.steps.Load(), p.received()} }, s.sleep)
			cancel(errCancelled)
		}
		a := attempt{platform: &Platform{}, findLeaks: true, cancel: &cancel, timeout: s.proxyTimeout(c)}
		d := s.syncThrough(c.Context(), c, p, a)
		history := "canceled when " + p.summary()
		if !leaks.stopped(d, history) || !s.resumes(c, d.platform, history) {
			return false
		}
	}
	return true
}

// cancelDuringRequests cancels syncs during a request.
func cancelDuringRequests(s *suite, c *check, leaks *leakCheck) {
	requests, reason := s.requests(c)
	if reason != "" {
		if s.proxied == nil {
			reason += "; for a source that is not an HTTP API, pass the option ThroughProxy"
		}
		c.Logf("no sync was canceled during a request: %s", reason)
		return
	}
	for range 3 {
		at := c.rand.IntN(requests)
		history := fmt.Sprintf("canceled during request %d", at+1)
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
