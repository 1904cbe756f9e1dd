package hosttest

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

const (
	// inFlight is how much may be handed over to a host whose reader takes
	// nothing.
	inFlight = 8 << 20
	rowSize  = 16 << 10
	// manyRows is how many rows the connector has: twice what may be in flight.
	manyRows = 2 * inFlight / rowSize
)

// bulkSource returns a source with more rows than may be in flight, which counts
// what it has handed over.
func bulkSource(handed *atomic.Int64) *source {
	text := strings.Repeat("x", rowSize)
	return syncing(shop, func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); id <= manyRows; id++ {
			if err := out.Upsert("orders", note{id, text}); err != nil {
				return err
			}
			cursor.Advance(id)
			handed.Add(1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}
