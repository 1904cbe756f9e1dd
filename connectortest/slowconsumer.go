package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
)

var slowConsumerRule = rule{
	name:     "SlowConsumer",
	contract: "a platform that reads slowly slows the connector down: nothing is dropped, nothing hangs, and the source is not read far ahead",
	mend:     "hand rows over where they are read; put no queue between that grows, and none that drops",
	random:   true,
	check: func(s *suite, c *check) {
		whole := s.uninterrupted(c)
		at := sample(c.rand, len(whole.into.events()), 4)
		line := &counting{network: s.network}
		if _, why := s.requests(c); why == "" {
			line.network = s.wire()
		} else {
			c.Logf("how far the source is read ahead was not looked at: %s", why)
		}
		var ahead int64
		j := journey{before: func(n int, _ *host.Operation) error {
			if slices.Contains(at, n) {
				ahead = max(ahead, line.standstill(s.pause))
			}
			return nil
		}}
		if line.network != nil {
			j.network = line
		}
		d := s.travel(c.Context(), j)
		if d.err != nil {
			c.hopeless("a sync to a slow platform failed: %s", d.failure())
		}
		if diff := s.compareWhole().diff(d.into, whole.into); diff != "" {
			c.broken("a slow platform got something else than a fast one:\n%s", diff)
		}
		if ahead > farAhead {
			c.broken("while the platform took nothing, the connector made %d more requests", ahead)
		}
	},
}

// farAhead is more requests than any number of pages that are read ahead, or at
// the same time, on purpose.
const farAhead = 250
