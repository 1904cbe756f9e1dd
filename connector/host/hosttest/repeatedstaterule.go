package hosttest

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var repeatedStateRule = rule{
	name:     "RepeatedState",
	contract: "a state is not repeated unless rows came between, and rows between equal states are covered: a sync that starts from one of them delivers the rows again",
	fix:      "write a state only for an OpCheckpoint, and write it whole, even if it equals the last one",
	check: func(c *check) {
		// The position moves when the table has been read, so that the states before that are
		// equal.
		const rows = 3
		s := syncing(tablesOf("a"), func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a")
			for id := int64(1); id <= rows; id++ {
				if err := out.Upsert("a", note{id, "n"}); err != nil {
					return err
				}
				cursor.Advance(id)
				for range 4 {
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
			}
			return nil
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{each}})
		if n := len(a.of(State)); n < rows {
			c.broken("%d states arrived, want one after each of %d rows", n, rows)
		}
		events := a.of(Row, State)
		arrived := 0
		for i, e := range events {
			if e.Kind == Row {
				arrived++
				continue
			}
			isLast := i == len(events)-1
			if i > 0 && events[i-1].Kind == State && string(events[i-1].State) == string(e.State) && !isLast {
				c.broken("the state %s arrived twice without a row in between", e.State)
			}
			at := c.positions(s, e.State)["a"]
			switch {
			case isLast && at != rows:
				c.broken("a sync from the last state starts at row %d, want %d", at, rows)
			case !isLast && at != 0:
				c.broken("a sync from the state after row %d starts at row %d, although the position has not moved", arrived, at)
			}
		}
		if arrived != rows {
			c.broken("%d rows arrived, want %d", arrived, rows)
		}
	},
}
