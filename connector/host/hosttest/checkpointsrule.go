package hosttest

import (
	"context"
	"maps"
	"runtime"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var checkpointsRule = rule{
	name:     "Checkpoints",
	contract: "a state never covers a row that did not reach the platform before it, no matter what runs in parallel",
	fix:      "pass operations on in the order of the calls of Destination.Write; a state must not overtake rows that are still buffered",
	check: func(c *check) {
		const rows = 25
		tables := []string{"a", "b", "c", "d"}
		s := syncing(tablesOf(tables...), func(ctx context.Context, st state.State, out connector.Emitter) error {
			group := connector.Tables{Parallel: len(tables)}
			for _, name := range tables {
				group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, name, state.Sorted())
					for id := int64(1); id <= rows; id++ {
						// The order is wrong on purpose. Other tables must not save the
						// position before the row was delivered.
						cursor.Advance(id)
						runtime.Gosched()
						if err := out.Upsert(name, note{id, "n"}); err != nil {
							return err
						}
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return group.Sync(ctx, st, out)
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
		c.covered(s, a)
		if n := len(a.of(State)); n < rows {
			c.broken("%d states arrived for %d checkpoints, each of which is due", n, rows*len(tables))
		}
		at := c.positions(s, a.state())
		for _, name := range tables {
			if got := a.ids("shop." + name); len(got) != rows || !slices.IsSorted(got) {
				c.broken("table %s: the rows %v arrived, want 1 to %d in order", name, got, rows)
			}
			if at[name] != rows {
				c.broken("table %s: a sync from the last state starts at row %d, want %d", name, at[name], rows)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(at)) {
			if !slices.Contains(tables, name) && at[name] != 0 {
				c.broken("the state has a part for table %s, which was not declared", name)
			}
		}
	},
}
