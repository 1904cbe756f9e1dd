package connectortest

import (
	"math/rand/v2"
	"runtime"

	"github.com/penstock-sdk/penstock/connector/host"
)

var raceRule = rule{
	name:     "Race",
	contract: "parallel reads do not interfere with each other: the order in which responses arrive does not change the rows, and a sync that dies midway can be resumed",
	fix:      "keep the rows and the state of each table separate from the others; look values up in the source, not in rows that another table happens to have read; also run the tests with -race",
	random:   true,
	check:    checkRace,
}

func checkRace(s *suite, c *check) {
	baseline := s.baseline(c)
	network := s.network
	if _, reason := s.requests(c); reason == "" {
		network = s.baseNetwork()
	} else {
		c.Logf("requests were not delayed: %s", reason)
	}
	for range 4 {
		a := attempt{before: func(int, *host.Operation) error {
			runtime.Gosched()
			return nil
		}}
		if network != nil {
			a.network = &jitter{network: network, rand: rand.New(rand.NewPCG(c.rand.Uint64(), 0))}
		}
		d := s.sync(c.Context(), a)
		if d.err != nil {
			c.failWithf("read the error: a response may arrive late, and after others that were requested later; don't treat that as a failure", "a sync whose requests were delayed at random failed: %s", d.failure())
			return
		}
		if diff := s.compareComplete().diff(d.platform, baseline.platform); diff != "" {
			c.failf("a sync whose requests were delayed at random delivered different rows:\n%s", diff)
			return
		}
		states := d.platform.States()
		n := c.rand.IntN(len(states))
		if !s.resumes(c, d.platform.AsOf(n), "run with requests delayed at random, and "+cutAfterCheckpoint(n, len(states))) {
			return
		}
	}
}
