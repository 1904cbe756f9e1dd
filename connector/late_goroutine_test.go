package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A checkpoint guarantees that every row it covers was delivered before it.
func TestTheLastCheckpointIsNotAheadOfRowsDeliveredAfterSyncReturned(t *testing.T) {
	// The goroutine must advance the cursor while the checkpoint is made, which rarely
	// happens on one processor. With several, a runtime that refuses rows before it
	// freezes the state fails within 50 syncs.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(4, runtime.NumCPU())))
	for range 300 {
		var stop atomic.Bool
		ended := make(chan struct{})
		c := &scripted{tables: []schema.Table{idTable("t")}, sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "t", state.Sorted())
			begun := make(chan struct{})
			go func() {
				defer close(ended)
				for id := int64(1); !stop.Load(); id++ {
					_ = out.Upsert("t", map[string]any{"id": id})
					cursor.Advance(id)
					if id == 100 {
						close(begun)
					}
					if id%64 == 0 {
						runtime.Gosched()
					}
				}
			}()
			<-begun
			return nil
		}}
		var last, covered int64
		err := syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				var row struct{ ID int64 }
				if err := json.Unmarshal(op.Row, &row); err != nil {
					return err
				}
				last = row.ID
			case host.OpCheckpoint:
				var st struct{ T struct{ Cursor int64 } }
				if err := json.Unmarshal(op.State, &st); err != nil {
					return err
				}
				covered = st.T.Cursor
			}
			return nil
		})
		stop.Store(true)
		<-ended
		require.LessOrEqual(t, covered, last, "the cursor is ahead of the last row")
		if err != nil { // otherwise the sync ended before the goroutine delivered again
			require.ErrorContains(t, err, "returned while a goroutine was still delivering")
			require.Equal(t, connector.Defect, connector.KindOf(err))
		}
	}
}

// The test relies on the race detector.
func TestATableCanBeDeclaredByAGoroutineThatOutlivesSync(t *testing.T) {
	for range 50 {
		var left sync.WaitGroup
		c := &scripted{tables: []schema.Table{idTable("t")}, sync: func(_ context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
			for w := range 4 {
				left.Go(func() {
					for i := range 1000 {
						if err := out.Declare(schema.Table{Name: fmt.Sprintf("t%d_%d", w, i)}); errors.Is(err, connector.ErrClosed) {
							return
						}
					}
				})
			}
			return nil
		}}
		assert.NotPanics(t, func() { _ = syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard) })
		left.Wait()
	}
}
