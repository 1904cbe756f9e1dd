package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/state"
)

// operationsOf runs a sync and returns its states, and the kinds and tables of its other
// operations, except for the begins of tables.
func operationsOf(t *testing.T, read func(st state.State, out connector.Emitter) error, opts ...host.Option) []string {
	t.Helper()
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return read(st, out)
	}}
	var all []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpCheckpoint:
			all = append(all, string(op.State))
		case host.OpTableBegin:
		default:
			all = append(all, fmt.Sprint(op.Kind, " ", op.Table.Name))
		}
		return nil
	}, opts...))
	return all
}

func TestAStateIsNotRepeatedUnlessRowsCameBetween(t *testing.T) {
	assert.Equal(t, []string{
		"{}", "upsert a", "{}", "truncate b", "{}", `{"a":{"n":1}}`,
		"{}", `{"a":{"n":1}}`, "upsert a", // it changes to and fro
		`{"a":{"n":1}}`, "table end a", "table end b",
	}, operationsOf(t, func(st state.State, out connector.Emitter) error {
		err := errors.Join(out.Checkpoint(), out.Checkpoint(), out.Upsert("a", id(1)), out.Checkpoint(), out.Checkpoint(),
			out.Truncate("b"), out.Checkpoint(), st.Table("a").Set("n", 1), out.Checkpoint(), st.Table("a").Set("n", 1), out.Checkpoint())
		st.Table("a").Delete("n")
		return errors.Join(err, out.Checkpoint(), st.Table("a").Set("n", 1), out.Checkpoint(), out.Upsert("a", id(1)))
	}, fixture.Each))
}

func TestATableEndsWithoutARepeatedState(t *testing.T) {
	got := operationsOf(t, func(_ state.State, out connector.Emitter) error {
		for _, name := range []string{"a", "b"} {
			if err := out.SyncTables(func(out connector.Emitter) error {
				return errors.Join(out.Upsert(name, id(1)), out.Checkpoint(), out.Checkpoint())
			}, name); err != nil {
				return err
			}
		}
		return nil
	}, fixture.Each)
	assert.Equal(t, []string{"upsert a", "{}", "table end a", "upsert b", "{}", "table end b", "{}"}, got)
}

func TestALargeStateIsRepeatedOnlyAfterAsManyBytesOfRows(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector takes fifty times as long, and nothing runs at the same time")
	}
	large := strings.Repeat("x", 100<<10)
	began := time.Now()
	got := operationsOf(t, func(st state.State, out connector.Emitter) error {
		err := errors.Join(st.Table("a").Set("n", large), out.Checkpoint())
		for i := range 9_000 {
			err = errors.Join(err, out.Upsert("a", map[string]any{"id": i, "text": "about thirty bytes of text"}), out.Checkpoint())
		}
		return err
	}, host.CheckpointEvery(time.Nanosecond, 1))
	states, rows := 0, 0
	for _, op := range got {
		switch {
		case op == "upsert a":
			rows++
		case strings.HasPrefix(op, "{"):
			states++
		}
	}
	assert.Equal(t, 9_000, rows)
	// The rows have 4 times the size of the state, and the sync ends with another one. Rows are
	// also covered after each second.
	assert.Greater(t, states, 3)
	assert.Less(t, states, 8+int(time.Since(began)/time.Second))
}

// A queue sends the next message once the last one is acknowledged. Its state does not change.
func TestRowsBesideALargeStateAreCoveredWithoutFurtherRows(t *testing.T) {
	for name, every := range map[string]host.Option{
		"each checkpoint":            host.CheckpointEvery(0, 10),
		"checkpoints at an interval": host.CheckpointEvery(time.Nanosecond, 10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			covered := make(chan struct{}, 1)
			c := &fixture.Wide{Names: []string{"a", "queue"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				connector.OnDelivered(ctx, func(state.State) {
					select {
					case covered <- struct{}{}:
					default:
					}
				})
				err := errors.Join(st.Table("a").Set("n", strings.Repeat("x", 100<<10)), out.Checkpoint())
				<-covered
				err = errors.Join(err, out.Upsert("queue", id(1)), out.Checkpoint())
				select {
				case <-covered:
				case <-ctx.Done(): // the time of the test is over
				}
				return err
			}}
			require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard, every))
		})
	}
}
