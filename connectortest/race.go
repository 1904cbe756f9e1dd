package connectortest

import (
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

var raceRule = rule{
	name:     "Race",
	contract: "what is read at the same time does not get in each other's way: whichever table, page or child the source answers first, the same is delivered, and a sync that dies in between is gone on from",
	mend:     "let what belongs to one table's rows and state be its own; look up in the source, not in what another table happens to have read; run the tests with -race as well",
	random:   true,
	check: func(s *suite, c *check) {
		whole := s.uninterrupted(c)
		network := s.network
		if _, why := s.requests(c); why == "" {
			network = s.wire()
		} else {
			c.Logf("requests were not delayed: %s", why)
		}
		for range 4 {
			j := journey{before: func(int, *host.Operation) error {
				runtime.Gosched()
				return nil
			}}
			if network != nil {
				j.network = &jitter{network: network, rand: rand.New(rand.NewPCG(c.rand.Uint64(), 0))}
			}
			d := s.travel(c.Context(), j)
			if d.err != nil {
				c.broken("a sync whose requests were delayed at random failed: %s", d.failure())
				return
			}
			if diff := s.compareWhole().diff(d.into, whole.into); diff != "" {
				c.broken("a sync whose requests were delayed at random delivered something else:\n%s", diff)
				return
			}
			states := d.into.States()
			n := c.rand.IntN(len(states))
			if !s.completes(c, d.into.AsOf(n), "made of a source that delayed requests at random, and "+ordinal(n, len(states))) {
				return
			}
		}
	},
}

// jitter delays requests: some not at all and some by far more than others, so
// that each can be overtaken by all.
type jitter struct {
	network http.RoundTripper
	mu      sync.Mutex
	rand    *rand.Rand
}

func (n *jitter) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	delay := time.Duration(n.rand.IntN(4)*n.rand.IntN(4)) * time.Millisecond
	n.mu.Unlock()
	select {
	case <-time.After(delay):
		return n.network.RoundTrip(r)
	case <-r.Context().Done():
		drop(r)
		return nil, r.Context().Err()
	}
}
