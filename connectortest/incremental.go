package connectortest

import (
	"maps"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

var incrementalRule = rule{
	name:     "Incremental",
	contract: "a sync that goes on from the last state of another one, while the source stands still, delivers no more than rows that were delivered before, changes nothing, and leaves the state as it was; a state that is an hour ahead, because the source's clock is, does no harm",
	mend:     "save in the state what the rows or the source say and nothing that grows with each sync; hand over whole rows; except state that the source draws anew each time by VolatileState",
	check: func(s *suite, c *check) {
		whole := s.uninterrupted(c)
		old := delivered(s, whole.into.events())
		platform := whole.into.AsOf(len(whole.into.States()) - 1)
		before := len(platform.events())
		second := s.travel(c.Context(), journey{from: platform.lastState(), into: platform})
		if second.err != nil {
			c.hopeless("a second sync failed: %s", second.failure())
		}
		for row := range delivered(s, platform.events()[before:]) {
			if !old[row] {
				c.broken("the second sync delivered a row that the first one had not:\n    %s", row)
				break
			}
		}
		again := map[string]int{}
		for _, e := range platform.events()[before:] {
			if e.kind == host.OpUpsert && len(e.table.PrimaryKey()) == 0 {
				again[e.table.String()]++
			}
		}
		for _, name := range slices.Sorted(maps.Keys(again)) {
			c.Logf("table %s has no primary key, and the second sync delivered %d of its rows again: a platform then has them twice; truncate it first, or declare a key", name, again[name])
		}
		if diff := s.compare().diff(platform, whole.into); diff != "" {
			c.broken("after the second sync the platform has something else than after the first:\n%s", diff)
		}
		s.sameState(c, "the second sync", whole, second)
		// Whatever a state holds, some syncs later it is no longer.
		third := s.travel(c.Context(), journey{from: platform.lastState(), into: platform})
		if third.err != nil {
			c.hopeless("a third sync failed: %s", third.failure())
		}
		s.sameState(c, "the third sync", second, third)
		s.fromTheFuture(c, whole, old)
	},
}

// fromTheFuture makes a sync from a state whose instants are ahead.
func (s *suite) fromTheFuture(c *check, whole *delivery, old map[string]bool) {
	ahead, ok := postponed(whole.state, time.Hour)
	if !ok {
		return
	}
	platform := whole.into.AsOf(len(whole.into.States()) - 1)
	before := len(platform.events())
	d := s.travel(c.Context(), journey{from: ahead, into: platform})
	if d.err != nil {
		c.broken("a sync from a state that is an hour ahead failed: %s\nthe state: %s", d.failure(), ahead)
		return
	}
	for row := range delivered(s, platform.events()[before:]) {
		if !old[row] {
			c.broken("a sync from a state that is an hour ahead delivered a row that the first one had not:\n    %s\nthe state: %s", row, ahead)
			return
		}
	}
}

// delivered returns the rows that were upserted, each with its table.
func delivered(s *suite, operations []event) map[string]bool {
	rows := map[string]bool{}
	for _, e := range operations {
		if e.kind == host.OpUpsert {
			ignored := s.compare().ignored(&tableRows{table: e.table})
			rows[e.table.String()+" "+e.row.withoutNulls().without(ignored).text()] = true
		}
	}
	return rows
}
