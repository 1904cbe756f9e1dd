package connectortest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

var faultsRule = rule{
	name:     "Faults",
	contract: "if requests fail at random (429, 500, 503, timeouts, reset connections, truncated bodies), or connections are cut, reset, refused, stalled or delayed, a sync still delivers everything, or fails with an error of kind Transient; a rejected request is never mistaken for an empty response: if only the requests to one endpoint are rejected, no table that lacks rows counts as read to its end, unless a warning names the table; every sync that fails leaves a state to resume from",
	fix:      "return each error of a request or an iterator unchanged or wrapped with %w; check the status of a response, because an error response has a body, too; deliver each row once; leave retries to package transport",
	random:   true,
	check:    checkFaults,
}

func checkFaults(s *suite, c *check) {
	fix := c.rule.fix
	if s.proxied != nil {
		checkBrokenConnections(s, c)
	}
	requests, reason := s.requests(c)
	switch {
	case reason != "" && s.proxied != nil:
		c.Logf("no request failed, only connections: %s", reason)
		return
	case reason != "":
		c.Skipf("skipped: %s; for a source that is not an HTTP API, pass the option ThroughProxy", reason)
	}
	c.rule.fix = fix
	for range 3 {
		checkRandomFaults(s, c)
	}
	for range 4 {
		if !c.Failed() {
			checkRejectedRequests(s, c, c.rand.IntN(requests))
		}
	}
	if !c.Failed() {
		checkRejectedEndpoints(s, c)
	}
}

// checkRandomFaults runs a sync whose requests fail at random.
func checkRandomFaults(s *suite, c *check) {
	flaky := &flakyNetwork{network: s.baseNetwork(), rand: rand.New(rand.NewPCG(c.rand.Uint64(), 0)), failures: map[string]int{}, slowFaults: 3}
	if s.isVirtual() { // waits take no real time
		flaky.slowFaults, flaky.wait = math.MaxInt, 20*time.Second
	}
	var platform Platform
	d := s.sync(c.Context(), attempt{platform: &platform, network: flaky})
	history := "run with " + flaky.summary()
	if d.err == nil {
		deliversAll(s, c, d, history)
		return
	}
	if kind := connector.KindOf(d.err); kind != connector.Transient && !d.timedOut {
		c.failWithf("return each error of a request or an iterator unchanged or wrapped with %w, so that it keeps its kind; leave retries to package transport", "a sync was %s; it failed with an error of kind %v: %s", history, kind, d.failure())
		return
	}
	s.resumes(c, &platform, history+", and failed ("+firstLine(d.err.Error())+")")
}

// checkRejectedRequests runs a sync in which request at, starting at 0, and all
// later ones receive a response that no client retries.
func checkRejectedRequests(s *suite, c *check, at int) {
	rejecting := &rejectingNetwork{network: s.baseNetwork(), status: http.StatusNotImplemented, left: at}
	var platform Platform
	d := s.sync(c.Context(), attempt{platform: &platform, network: rejecting})
	history := fmt.Sprintf("run with 501 Not Implemented from request %d on", at+1)
	if d.err == nil {
		deliversAll(s, c, d, history)
		return
	}
	s.resumes(c, &platform, history)
}

// deliversAll fails unless a sync that succeeded despite faults delivered everything. A
// sync that was ended while it tried again need not have, but can be resumed.
func deliversAll(s *suite, c *check, d *delivery, history string) (ok bool) {
	diff := s.compareComplete().diff(d.platform, s.baseline(c).platform)
	switch {
	case diff == "":
		return true
	case d.toldToEnd:
		return s.resumes(c, d.platform, history+", and was ended because it delivered nothing more")
	}
	c.failf("a sync was %s; it succeeded, but its rows differ from those of a sync without faults:\n%s", history, diff)
	return false
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
