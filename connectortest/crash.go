package connectortest

import (
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
)

var crashRule = rule{
	name:     "Crash",
	contract: "a sync may die at any point, any number of times: the rows that arrived stay, the next sync starts from the last checkpoint that arrived, and in the end all data is complete and correct",
	fix:      "the rule Resume also applies to a sync that was itself resumed: save the position in the source, not the progress of this one sync; a row that is delivered twice must be the same both times",
	random:   true,
	check:    checkCrash,
}

func checkCrash(s *suite, c *check) {
	length := len(s.baseline(c).platform.operations())
	for crashes := 0; crashes < s.restarts; {
		var platform Platform
		var cuts []int // one for each sync that was cut off
		for {
			at, cut := c.rand.IntN(max(length/3, 1)), false
			d := s.sync(c.Context(), attempt{from: platform.lastState(), platform: &platform, before: func(n int, _ *host.Operation) error {
				if n == at {
					cut = true
					return errCut
				}
				return nil
			}})
			if !cut && d.err != nil && len(cuts) == 0 {
				c.fatalWithf("read the error; check that the source allows as many syncs as the test runs, and keep nothing in package variables", "a sync from an empty state failed, although an earlier one succeeded: %s", d.failure())
			}
			if !cut && d.err != nil {
				c.fatalWithf(fixResumeFails, "a sync was %s; the next one failed: %s\nthe state: %s", cutAtOperations(cuts), d.failure(), platform.lastState())
			}
			if !cut {
				if len(cuts) == 0 {
					return // this sync has fewer operations than the baseline, and none to cut off
				}
				break // the sync is complete
			}
			cuts = append(cuts, at)
			if crashes++; crashes >= s.restarts || len(cuts) == 8 {
				break
			}
		}
		if !s.resumes(c, &platform, cutAtOperations(cuts)) {
			return
		}
	}
}

// cutAtOperations describes a sync that was cut off, and the ones that resumed from
// it and were cut off, too. There is at least one cut.
func cutAtOperations(cuts []int) string {
	texts := make([]string, len(cuts))
	for i, at := range cuts {
		texts[i] = strconv.Itoa(at)
	}
	text := "cut off at operation " + texts[0]
	if len(cuts) > 1 {
		text += ", and those that resumed from it at operation " + strings.Join(texts[1:], ", ")
	}
	return text
}
