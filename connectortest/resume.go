package connectortest

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

var resumeRule = rule{
	name:     "Resume",
	contract: "a checkpoint covers exactly the rows that were delivered before it: a sync that resumes from any checkpoint delivers everything that is missing",
	fix:      "deliver a row or a delete first, then advance the cursor, then checkpoint; read every page to its end; when resuming, read from the cursor's value on, including rows with exactly that value; pass only whole rows to Upsert; save a table's state with its own rows, not with another table's; pass nothing from one sync to the next except the state",
	random:   true,
	check:    checkResume,
}

func checkResume(s *suite, c *check) {
	baseline := s.baseline(c)
	states := baseline.platform.States()
	chosen := sample(c.rand, len(states), s.restarts)
	if len(chosen) < len(states) {
		c.Logf("the test resumes from %d of %d checkpoints", len(chosen), len(states))
	}
	for _, n := range chosen {
		if !s.resumes(c, baseline.platform.AsOf(n), cutAfterCheckpoint(n, len(states))) {
			if s.findings.cause == "" {
				s.findings.cause = c.rule.name
			}
			return // the other checkpoints fail for the same reason
		}
	}
}

// cutAfterCheckpoint describes a sync that was cut off after checkpoint n, starting
// at 0.
func cutAfterCheckpoint(n, count int) string {
	return fmt.Sprintf("cut off right after checkpoint %d of %d", n+1, count)
}

// sample returns up to limit of the numbers below n, sorted. The first and the last
// are always among them.
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
