package connectortest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
)

// brokenConnSyncs is the number of syncs whose connections break at random.
const brokenConnSyncs = 12

// brokenConnFix says what to do if a sync does not handle a broken connection.
const brokenConnFix = "after the loop over the rows of a query, return the error that says whether the rows are complete, such as that of rows.Err; return each error of a driver unchanged or wrapped with %w, or, if it does not say that a connection broke, with connector.Errorf(connector.Transient, …); after a reconnect, continue with the row after the last one that was delivered"

// checkBrokenConnections runs syncs whose connections break.
func checkBrokenConnections(s *suite, c *check) {
	size := s.proxiedTraffic(c)
	c.rule.fix = brokenConnFix
	for i := range brokenConnSyncs {
		if !checkBrokenConnection(s, c, randomConnFaults(c.rand, size, i, brokenConnSyncs)...) {
			return
		}
	}
	for i := range 2 {
		if !checkBrokenConnection(s, c, connFault{lostSource, within(c.rand, size[fromSource], i, 2), fromSource}) {
			return
		}
	}
	checkDeadSource(s, c)
}

// checkBrokenConnection runs a sync through a proxy with faults.
func checkBrokenConnection(s *suite, c *check, plan ...connFault) (ok bool) {
	a := attempt{platform: &Platform{}, timeout: s.proxyTimeout(c)}
	if plan[0].kind == lostSource {
		a.timeout = stopTimeout // a connector may try to reconnect for hours
	}
	p := s.newProxy(c, plan...)
	d := s.syncThrough(c.Context(), c, p, a)
	return survives(s, c, d, "run while "+p.summary(), plan[0].kind == lostSource)
}

// checkDeadSource runs a sync whose source refuses all connections.
func checkDeadSource(s *suite, c *check) {
	dead, err := newDeadAddress(c.Context())
	if err != nil {
		c.fatalf("open a connection on the loopback interface: %v", err)
	}
	defer dead.close()
	redirected, _ := s.proxied.redirect(s.connector, dead.addr()) // newSuite has checked the type
	d := s.sync(c.Context(), attempt{connector: redirected, timeout: stopTimeout})
	survives(s, c, d, "run while the source refused connections", true)
}

// survives fails unless a sync whose connections broke delivered everything, or failed
// with an error of kind Transient and can be resumed. If the source could no longer
// be reached, the sync may also have tried until it was ended.
func survives(s *suite, c *check, d *delivery, history string, lost bool) (ok bool) {
	if d.err == nil {
		return deliversAll(s, c, d, history)
	}
	if d.timedOut && lost {
		return s.resumes(c, d.platform, history+", and was ended while it tried to connect")
	}
	if kind := connector.KindOf(d.err); kind != connector.Transient || d.timedOut {
		c.failf("a sync was %s; it failed with an error of kind %v: %s", history, kind, d.failure())
		return false
	}
	return s.resumes(c, d.platform, fmt.Sprintf("%s, and failed (%s)", history, firstLine(d.err.Error())))
}
