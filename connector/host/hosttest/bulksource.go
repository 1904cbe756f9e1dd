package hosttest

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

const (
	// inFlight is the maximum number of bytes that a connector may deliver while
	// the platform is not reading.
	inFlight = 8 << 20
	rowSize  = 16 << 10
	// manyRows is the number of rows of a bulk source: enough to exceed inFlight
	// by a quarter.
	manyRows = inFlight / 4 * 5 / rowSize
)

// bulkSource returns a source with more rows than may be in flight. It counts the
// rows that it has delivered.
func bulkSource(delivered *atomic.Int64) *source {
	text := strings.Repeat("x", rowSize)
	return syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= manyRows; id++ {
			if err := out.Upsert("orders", note{id, text}); err != nil {
				return err
			}
			cursor.Advance(id)
			delivered.Add(1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}
