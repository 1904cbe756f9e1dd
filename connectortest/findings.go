package connectortest

import (
	"sync"
	"sync/atomic"
	"time"
)

// findings hold what one subtest finds out and later subtests use. Everything else
// in a suite stays the same from subtest to subtest.
type findings struct {
	// baseline is an uninterrupted sync from an empty state. The first subtest
	// that needs it runs it.
	baseline     *delivery
	baselineOnce sync.Once
	// baselineReported is set once a subtest has failed because the baseline did.
	// Later subtests that need it are skipped.
	baselineReported bool

	// requests is the number of requests of a sync through package transport. The
	// first subtest that needs it counts them.
	requests     int
	requestsOnce sync.Once
	// endpoints are the endpoints of these requests.
	endpoints []*endpointCount
	// notIntercepted is why the suite cannot intercept these requests, or "".
	notIntercepted string

	// proxied is what a sync exchanges with its source through a proxy. The first
	// subtest that needs it measures it.
	proxied     traffic
	proxiedOnce sync.Once
	// notProxied is why no sync can run through a proxy, or "".
	notProxied string

	// cause is the name of a failed rule that may be the cause of later failures,
	// or "".
	cause string

	// hang says why a process of RunBinary had to be killed, or is "". No further
	// subtest runs then.
	hang string

	// slowestAnswer is the longest time that a process has taken to start and to
	// answer a request that needs no sync.
	slowestAnswer time.Duration

	// sourceRequests counts the requests that the source in memory has received.
	sourceRequests atomic.Int64
	// now is the virtual time at which the next subtest starts.
	now time.Time
}

// causeFix returns the fix for a failure that the failure of an earlier rule may have
// caused, or "" if there is no such rule.
func (f *findings) causeFix() string {
	if f.cause == "" {
		return ""
	}
	return "fix the failure of " + f.cause + " first: it may be the cause of this one"
}
