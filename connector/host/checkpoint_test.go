package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestACheckpointNeverCoversARowThatWasNotDelivered(t *testing.T) {
	tables := []string{"a", "b", "c", "d"}
	const rows = 3000
	c := &fixture.Wide{Names: tables, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		group := connector.Tables{Parallel: len(tables)}
		for _, name := range tables {
			group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, name, state.Sorted())
				for id := int64(1); id <= rows; id++ {
					// The wrong order, on purpose: the checkpoint of another table must
					// not save this cursor.
					cursor.Advance(id)
					runtime.Gosched()
					if err := out.Upsert(name, map[string]any{"id": id}); err != nil {
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
	}}
	delivered := map[string]int64{}
	checkpoints := 0
	err := fixture.Sync(t, c, host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			var row struct{ ID int64 }
			require.NoError(t, json.Unmarshal(op.Row, &row))
			delivered[op.Table.Name] = row.ID
		case host.OpCheckpoint:
			checkpoints++
			var parts map[string]struct{ Cursor int64 }
			require.NoError(t, json.Unmarshal(op.State, &parts))
			for name, part := range parts {
				require.LessOrEqual(t, part.Cursor, delivered[name], "table %s", name)
			}
		}
		return nil
	}), fixture.Each, fixture.Quiet)
	require.NoError(t, err)
	assert.Greater(t, checkpoints, rows)
	for _, name := range tables {
		assert.EqualValues(t, rows, delivered[name])
	}
}

func TestAnOverdueStateThatIsRefusedFailsTheSync(t *testing.T) {
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		if err := errors.Join(out.Upsert("orders", fixture.NewOrder(1)), st.Table("orders").Set("next", "key-0123456789"), out.Checkpoint()); err != nil {
			return err
		}
		<-ctx.Done() // the runtime sends the overdue checkpoint
		return nil
	}}
	_, err := lastStateOf(t, c, host.CheckpointEvery(20*time.Millisecond, 1000))
	require.ErrorContains(t, err, "it would contain a secret")
	assert.Equal(t, 1, strings.Count(err.Error(), "it would contain a secret"), "%v", err)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
}

// Each partition has one row, followed by a checkpoint.
func TestTheCostOfStatesGrowsNoFasterThanTheNumberOfPartitionsAndCheckpoints(t *testing.T) {
	stateBytes := func(n int) (total int) {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			parts := state.NewPartitions[int64](st, "a", n, state.Sorted())
			for i := range n {
				if err := out.Upsert("a", id(int64(i))); err != nil {
					return err
				}
				parts.Cursor(strconv.Itoa(i)).Advance(int64(i))
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}}
		err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			if op.Kind == host.OpCheckpoint {
				total += len(op.State)
			}
			return nil
		}, host.CheckpointEvery(time.Hour, 1000))
		require.NoError(t, err)
		return total
	}
	few, many := stateBytes(10_000), stateBytes(40_000)
	assert.Less(t, float64(many)/float64(few), 6.0, "bytes of states for 4 times the partitions: %d after %d", many, few)
}
