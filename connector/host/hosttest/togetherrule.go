package hosttest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

var togetherRule = rule{
	name:     "Together",
	contract: "the rows of tables that are synced at the same time arrive once, in the order of their table, and before a state that covers them",
	fix:      "let WriteRows of a host.BatchWriter pass on each of the rows once and in order; to keep a row after WriteRows has returned, clone its operation",
	check: func(c *check) {
		const rows = 400 // of each table, more than a batch has
		var both sync.WaitGroup
		both.Add(2)
		s := syncing(tablesOf("a", "b"), func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			for _, name := range []string{"a", "b"} {
				tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
					both.Done()
					both.Wait()
					cursor := state.NewCursor[int64](st, name, state.Sorted())
					for id := int64(1); id <= rows; id++ {
						if err := out.Upsert(name, note{id, "n"}); err != nil {
							return err
						}
						cursor.Advance(id)
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return tables.Sync(ctx, st, out)
		})
		a := c.succeed(call{source: s, request: Request{Configuration: []byte(configured)}, opts: []host.Option{host.CheckpointEvery(time.Hour, rows/4)}})
		arrived := map[string]int64{}
		for _, e := range a.of(Row) {
			var row note
			if err := json.Unmarshal(e.Row, &row); err != nil || row.ID != arrived[e.Table]+1 {
				c.fatal("the row %s of table %s arrived after row %d", e.Row, e.Table, arrived[e.Table])
			}
			arrived[e.Table] = row.ID
		}
		for _, table := range []string{"shop.a", "shop.b"} {
			if arrived[table] != rows {
				c.broken("%d rows of table %s arrived, want %d", arrived[table], table, rows)
			}
		}
		c.covered(s, a)
	},
}
