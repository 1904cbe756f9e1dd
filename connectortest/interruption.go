package connectortest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
)

var resumeRule = rule{
	name:     "Resume",
	contract: "a checkpoint covers rows that were handed over before it and no others: whichever is the last that arrives, a sync that goes on from it delivers everything that is missing",
	mend:     "hand a row over first, then advance the cursor, then checkpoint; read from the cursor's value on, that value included, for more rows may bear it; only Upsert whole rows; save a table's state with its own rows and not with another table's; keep nothing from one sync to the next but the state",
	random:   true,
	check: func(s *suite, c *check) {
		whole := s.uninterrupted(c)
		states := whole.into.States()
		chosen := sample(c.rand, len(states), s.restarts)
		if len(chosen) < len(states) {
			c.Logf("%d of %d checkpoints are tried", len(chosen), len(states))
		}
		for _, n := range chosen {
			if !s.completes(c, whole.into.AsOf(n), ordinal(n, len(states))) {
				if s.first == "" {
					s.first = c.rule.name
				}
				return // the others say the same
			}
		}
	},
}

// ordinal says how a sync was cut off after a checkpoint.
func ordinal(n, of int) string {
	return "cut off right after checkpoint " + number(n+1) + " of " + number(of)
}

// sample returns up to limit of the numbers below n, sorted, the first and the
// last among them.
func sample(r *rand.Rand, n, limit int) []int {
	limit = max(limit, 2)
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = i
	}
	if n <= limit {
		return chosen
	}
	r.Shuffle(n-2, func(i, j int) { chosen[i+1], chosen[j+1] = chosen[j+1], chosen[i+1] })
	chosen = append(chosen[:limit-1], n-1)
	slices.Sort(chosen)
	return chosen
}

var crashRule = rule{
	name:     "Crash",
	contract: "however often syncs die, and wherever: the rows that arrived stay, the next sync goes on from the last checkpoint that arrived, and in the end everything is there and as it should be",
	mend:     "what Resume says holds for a sync that was resumed itself: save where the source is and not how far this one sync came; what was delivered twice has to be the same",
	random:   true,
	check: func(s *suite, c *check) {
		length := len(s.uninterrupted(c).into.events())
		for crashes := 0; crashes < s.restarts; {
			var platform Destination
			story := []string{}
			for {
				at, cut := c.rand.IntN(max(length/3, 1)), false
				d := s.travel(c.Context(), journey{from: platform.lastState(), into: &platform, before: func(n int, _ *host.Operation) error {
					if n == at {
						cut = true
						return errCut
					}
					return nil
				}})
				if !cut && d.err != nil {
					c.hopeless("a sync that went on after one that was %s failed: %s\nthe state: %s", died(story), d.failure(), platform.lastState())
				}
				if !cut {
					if len(story) == 0 {
						return // there are fewer operations than the last time, and nothing to cut
					}
					break // it came to its end
				}
				story = append(story, number(at))
				if crashes++; crashes >= s.restarts || len(story) == 8 {
					break
				}
			}
			if !s.completes(c, &platform, died(story)) {
				return
			}
		}
	},
}

// died says where syncs that went on from one another were cut off.
func died(story []string) string {
	text := "cut off at operation " + story[0]
	if len(story) > 1 {
		text += ", and those that went on from it at operation " + strings.Join(story[1:], ", ")
	}
	return text
}

var cancelRule = rule{
	name:     "Cancel",
	contract: "a sync whose context is cancelled, between rows or while a request is under way, ends within seconds, leaves no goroutine behind, and leaves a state to go on from",
	mend:     "hand the context that Sync is given to everything that waits; return the error of an Emitter's method; wait for the goroutines that Sync starts before it returns",
	random:   true,
	check: func(s *suite, c *check) {
		length := len(s.uninterrupted(c).into.events())
		leaks := 0
		look := func(d *delivery, how string) bool {
			if d.late {
				c.broken("a sync was %s, and had not returned after %v", how, promptly)
				return false
			}
			// What is started once for the whole process is no leak, and it is
			// started by one sync only.
			if len(d.goroutines) > 0 {
				leaks++
			}
			if leaks >= 2 {
				c.broken("a sync was %s, and had returned, but %d of its goroutines still run; one of them:\n%s", how, len(d.goroutines), d.goroutines[0])
				return false
			}
			return true
		}
		for range 2 {
			if !look(s.travel(c.Context(), journey{watched: true}), "left to come to its end") {
				return
			}
		}
		for range 6 {
			at := c.rand.IntN(length)
			how := "cancelled at operation " + number(at)
			var platform Destination
			var cancel context.CancelCauseFunc
			d := s.travel(c.Context(), journey{into: &platform, watched: true, cancel: &cancel, before: func(n int, _ *host.Operation) error {
				if n == at {
					cancel(errCancelled)
				}
				return nil
			}})
			if !look(d, how) || !s.completes(c, &platform, how) {
				return
			}
		}
		s.cancelRequests(c, look)
	},
}

var errCancelled = errors.New("connectortest: the sync is told to end")

// cancelRequests cancels syncs in the middle of a request.
func (s *suite) cancelRequests(c *check, look func(*delivery, string) bool) {
	requests, why := s.requests(c)
	if why != "" {
		c.Logf("no sync was cancelled during a request: %s", why)
		return
	}
	for range 3 {
		at := c.rand.IntN(requests)
		how := "cancelled during request " + number(at+1)
		var platform Destination
		var cancel context.CancelCauseFunc
		line := &stuck{network: s.wire(), at: int64(at), cancel: func() { cancel(errCancelled) }, released: make(chan struct{})}
		d := s.travel(c.Context(), journey{into: &platform, watched: true, cancel: &cancel, network: line})
		close(line.released)
		if !look(d, how) || !s.completes(c, &platform, how) {
			return
		}
	}
}

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
