package connectortest

import (
	"errors"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
)

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

var errCut = errors.New("connectortest: the stream is cut here")
