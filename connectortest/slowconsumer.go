package connectortest

import (
	"slices"
	"time"

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

// maxReceived is the number of bytes that a connector may receive through a proxy
// while the platform does not read. The system buffers up to 6 MB of them.
const maxReceived = 8 << 20

func checkSlowConsumer(s *suite, c *check) {
	baseline := s.baseline(c)
	pauses := sample(c.rand, len(baseline.platform.operations()), 4)
	counter := &requestCounter{network: s.network}
	if _, reason := s.requests(c); reason == "" {
		counter.network = s.baseNetwork()
	} else if s.proxied == nil {
		c.Logf("the test did not check how far the source is read ahead: %s; for a source that is not an HTTP API, pass the option ThroughProxy", reason)
	}
	var p *tcpProxy
	if s.proxied != nil {
		s.proxiedTraffic(c)
		p = s.newProxy(c)
	}
	count := func() [2]int64 {
		if p == nil {
			return [2]int64{counter.count.Load()}
		}
		return [2]int64{counter.count.Load(), p.received()}
	}
	var requests, received int64 // during one pause, at most
	a := attempt{before: func(n int, _ *host.Operation) error {
		if slices.Contains(pauses, n) {
			grown := waitUntilIdle(count, s.sleep)
			requests, received = max(requests, grown[0]), max(received, grown[1])
		}
		return nil
	}}
	if counter.network != nil {
		a.network = counter
	}
	var d *delivery
	if p != nil {
		d = s.syncThrough(c.Context(), c, p, a)
	} else {
		d = s.sync(c.Context(), a)
	}
	if d.err != nil {
		c.fatalWithf("set no time limit on the methods of the Emitter: they block as long as the platform does", "a sync to a slow platform failed: %s", d.failure())
	}
	if diff := s.compareComplete().diff(d.platform, baseline.platform); diff != "" {
		c.failWithf("don't drop rows when a queue is full: block until the platform takes them", "the rows on a slow platform differ from those on a fast one:\n%s", diff)
	}
	if requests > maxReadAhead {
		c.failf("while the platform did not read, the connector sent %d more requests", requests)
	}
	if received > maxReceived {
		c.failf("while the platform did not read, the connector received %d more bytes", received)
	}
}

// waitUntilIdle waits until two counts stay the same for a while, and returns by how
// much they have grown until then.
func waitUntilIdle(count func() [2]int64, sleep func(time.Duration)) (grown [2]int64) {
	first := count()
	last := first
	for range 50 {
		sleep(40 * time.Millisecond)
		now := count()
		if now == last {
			break
		}
		last = now
	}
	return [2]int64{last[0] - first[0], last[1] - first[1]}
}
