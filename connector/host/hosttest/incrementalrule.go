package hosttest

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

var incrementalRule = rule{
	name:     "Incremental",
	contract: "a sync receives the whole state that the previous sync left, and resumes there",
	fix:      "set SyncRequest.State to the last state that the platform received, unchanged",
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
				c.broken("the connector starts at %d, want %d", started.Load(), from)
			}
			wantToken := ""
			if from > 0 {
				wantToken = fmt.Sprintf("after \"%d\" é", from)
			}
			if got := token.Load(); got != wantToken {
				c.broken("the shared part of the state holds %q, want %q", got, wantToken)
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
				c.broken("the part of table carts is %s, want {\"seen\":{\"big\":9007199254740993}}", got)
			}
			from = to
		}
	},
}
