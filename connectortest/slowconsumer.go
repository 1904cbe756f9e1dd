package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
)

var slowConsumerRule = rule{
	name:     "SlowConsumer",
	contract: "a platform that reads slowly slows the connector down: no row is dropped, nothing hangs, and the source is not read far ahead",
	fix:      "deliver rows where they are read; don't put them into a queue that grows or drops rows",
	random:   true,
	check:    checkSlowConsumer,
}

// maxReadAhead is the number of requests that a connector may send while the platform
// does not read. It is more than a connector needs to read pages ahead or in parallel.
const maxReadAhead = 250

func checkSlowConsumer(s *suite, c *check) {
	baseline := s.baseline(c)
	pauses := sample(c.rand, len(baseline.platform.operations()), 4)
	counter := &requestCounter{network: s.network}
	if _, reason := s.requests(c); reason == "" {
		counter.network = s.baseNetwork()
	} else {
		c.Logf("the test did not check how far the source is read ahead: %s", reason)
	}
	var ahead int64
	a := attempt{before: func(n int, _ *host.Operation) error {
		if slices.Contains(pauses, n) {
			ahead = max(ahead, counter.waitUntilIdle(s.sleep))
		}
		return nil
	}}
	if counter.network != nil {
		a.network = counter
	}
	d := s.sync(c.Context(), a)
	if d.err != nil {
		c.fatalWithf("set no time limit on the methods of the Emitter: they block as long as the platform does", "a sync to a slow platform failed: %s", d.failure())
	}
	if diff := s.compareComplete().diff(d.platform, baseline.platform); diff != "" {
		c.failWithf("don't drop rows when a queue is full: block until the platform takes them", "the rows on a slow platform differ from those on a fast one:\n%s", diff)
	}
	if ahead > maxReadAhead {
		c.failf("while the platform did not read, the connector sent %d more requests", ahead)
	}
}
