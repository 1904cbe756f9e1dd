package hosttest

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var incrementalRule = rule{
	name:     "Incremental",
	contract: "a sync gets back the whole state that the last one left, and begins there",
	check: func(c *check) {
		var size, started atomic.Int64
		var token atomic.Value
		s := syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
			var seen string
			if _, err := st.Shared().Get("token", &seen); err != nil {
				return err
			}
			token.Store(seen)
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			started.Store(cursor.Start())
			for id := cursor.Start() + 1; id <= size.Load(); id++ {
				if err := out.Upsert("orders", note{id, "n"}); err != nil {
					return err
				}
				cursor.Advance(id)
			}
			if err := st.Table("carts").Set("seen", map[string]any{"big": 9007199254740993}); err != nil {
				return err
			}
			return st.Shared().Set("token", fmt.Sprintf("after \"%d\" é", size.Load()))
		})
		var saved []byte
		from := int64(0)
		for _, to := range []int64{5, 5, 8} {
			c.in("a sync from %d to %d", from, to)
			size.Store(to)
			a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured), State: saved}})
			if started.Load() != from {
				c.broken("the connector begins at %d, want %d", started.Load(), from)
			}
			wantToken := ""
			if from > 0 {
				wantToken = fmt.Sprintf("after \"%d\" é", from)
			}
			if got := token.Load(); got != wantToken {
				c.broken("the part that the tables share holds %q, want %q", got, wantToken)
			}
			var want []int64
			for id := from + 1; id <= to; id++ {
				want = append(want, id)
			}
			if got := a.ids("shop.orders"); !slices.Equal(got, want) {
				c.broken("the orders %v arrived, want %v", got, want)
			}
			if saved = a.state(); saved == nil {
				c.fatal("no state arrived")
			}
			parts := c.resume(s, saved)
			if got := string(parts["carts"]); got != `{"seen":{"big":9007199254740993}}` {
				c.broken("the part of table carts is %s", got)
			}
			from = to
		}
	},
}

var checkpointsRule = rule{
	name:     "Checkpoints",
	contract: "a state never covers a row that did not reach the platform before it, no matter what runs in parallel",
	check: func(c *check) {
		const rows = 25
		tables := []string{"a", "b", "c", "d"}
		s := syncing(tablesOf(tables...), func(ctx context.Context, st state.State, out connector.Emitter) error {
			group := connector.Tables{Parallel: len(tables)}
			for _, name := range tables {
				group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, name, state.Sorted())
					for id := int64(1); id <= rows; id++ {
						// The wrong way round on purpose: others must not save it.
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
			c.broken("%d states arrived of %d checkpoints that all are due", n, rows*len(tables))
		}
		at := c.positions(s, a.state())
		for _, name := range tables {
			if got := a.ids("shop." + name); len(got) != rows || !slices.IsSorted(got) {
				c.broken("table %s: the rows %v arrived, want 1 to %d in order", name, got, rows)
			}
			if at[name] != rows {
				c.broken("table %s: a sync that begins with the last state begins at row %d, want %d", name, at[name], rows)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(at)) {
			if !slices.Contains(tables, name) && at[name] != 0 {
				c.broken("the state has a table %s that nobody declared", name)
			}
		}
	},
}
