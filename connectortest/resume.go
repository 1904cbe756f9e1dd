package connectortest

import (
	"math/rand/v2"
	"slices"
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
