package host_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// atTheEnd is a log handler that calls f once Sync has returned and the last state
// has been sent, but before the run's Sync has returned.
type atTheEnd struct {
	slog.Handler
	f func()
}

func (h atTheEnd) Enabled(context.Context, slog.Level) bool { return true }

func (h atTheEnd) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "sync ended" {
		h.f()
	}
	return nil
}

// lateOperations are operations of a goroutine that the connector left behind.
var lateOperations = map[string]func(out connector.Emitter) error{
	"Upsert":     func(out connector.Emitter) error { return out.Upsert("a", id(9)) },
	"Update":     func(out connector.Emitter) error { return out.Update("a", id(9)) },
	"Delete":     func(out connector.Emitter) error { return out.Delete("a", id(9)) },
	"Truncate":   func(out connector.Emitter) error { return out.Truncate("a") },
	"Checkpoint": func(out connector.Emitter) error { return out.Checkpoint() },
	"Warn":       func(out connector.Emitter) error { return out.Warn("late") },
	"Declare":    func(out connector.Emitter) error { return out.Declare(schema.Table{Name: "late"}) },
	"SyncTables": func(out connector.Emitter) error {
		return out.SyncTables(func(connector.Emitter) error { return nil }, "a")
	},
	"Scope":            func(out connector.Emitter) error { return out.Scope("a").Upsert("a", id(9)) },
	"Scope.Checkpoint": func(out connector.Emitter) error { return out.Scope("a").Checkpoint() },
	"empty Scope":      func(out connector.Emitter) error { return out.Scope().Checkpoint() },
}

func TestAnOperationAfterSyncReturnedFailsTheSyncAndChangesNoState(t *testing.T) {
	for name, late := range lateOperations {
		for _, unit := range []bool{false, true} { // the emitter of a table, or of the sync
			var kept connector.Emitter
			var st state.State
			var cursor *state.Cursor[int64]
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, s state.State, out connector.Emitter) error {
				st, kept = s, out
				read := func(own connector.Emitter) error {
					if unit {
						kept = own
					}
					cursor = state.NewCursor[int64](s, "a", state.Sorted())
					if err := own.Upsert("a", id(1)); err != nil {
						return err
					}
					cursor.Advance(1)
					return errors.Join(s.Table("b").Set("kept", true), own.Checkpoint())
				}
				if unit {
					return out.SyncTables(read, "a", "b")
				}
				return read(out)
			}}
			last, err := lastStateOf(t, c, host.LogTo(atTheEnd{slog.DiscardHandler, func() {
				assert.ErrorIs(t, late(kept), connector.ErrClosed)
				cursor.Advance(9)
				st.Table("b").Delete("kept")
				assert.Error(t, st.Table("b").Set("late", true))
				state.NewPartitions[int64](st, "a", 10).Cursor("late").Advance(1)
			}}))
			require.ErrorContains(t, err, "returned while a goroutine was still delivering", name)
			require.ErrorContains(t, err, "connector.Go", name)
			assert.Equal(t, connector.Defect, connector.KindOf(err), name)
			assert.Equal(t, `{"a":{"cursor":1},"b":{"kept":true}}`, last, name)
		}
	}
}

func TestAnErrorForALateRowNamesItsTable(t *testing.T) {
	var kept connector.Emitter
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		kept = out
		return nil
	}}
	err := fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard, host.LogTo(atTheEnd{slog.DiscardHandler, func() { _ = kept.Upsert("a", id(1)) }}))
	failure, ok := errors.AsType[*connector.Error](err)
	require.True(t, ok)
	assert.Equal(t, "a", failure.Table)
}

// The rows of the table are not sorted. A goroutine has delivered row 5, and row 3
// follows.
func TestATableThatAGoroutineIsReadingIsNotFinished(t *testing.T) {
	for name, test := range map[string]struct {
		late bool // the row arrives after the last state
	}{"before the last state": {false}, "after the last state": {true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var left sync.WaitGroup
				defer left.Wait()
				next := make(chan struct{})
				c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, "a")
					err := out.Upsert("a", id(5))
					cursor.Advance(5)
					writing := make(chan struct{})
					left.Go(func() {
						close(writing)
						if test.late {
							<-next
						}
						_ = out.Upsert("a", id(3))
						cursor.Advance(3)
					})
					<-writing
					time.Sleep(time.Second)
					return err
				}}
				last, rows := "", 0
				err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
					switch op.Kind {
					case host.OpUpsert:
						if rows++; rows == 2 {
							time.Sleep(time.Minute) // Sync returns in the meantime
						}
					case host.OpCheckpoint:
						last = string(op.State)
					}
					return nil
				}, host.LogTo(atTheEnd{slog.DiscardHandler, func() {
					close(next)
					left.Wait()
				}}))
				require.ErrorContains(t, err, "returned while a goroutine was still delivering")
				assert.Equal(t, connector.Defect, connector.KindOf(err))
				assert.Equal(t, `{}`, last, "row 3 was not delivered, or not before Sync returned")
			})
		})
	}
}

func TestASyncThatWasToldToEndKeepsItsErrorDespiteALateOperation(t *testing.T) {
	for name, test := range map[string]struct {
		write func(cancel func()) error
		want  string
	}{
		"canceled":                   {func(cancel func()) error { cancel(); return nil }, "context canceled"},
		"the destination has enough": {func(func()) error { return host.ErrEnough }, ""},
		"the destination failed":     {func(func()) error { return errors.New("disk full") }, "disk full"},
	} {
		var kept connector.Emitter
		ctx, cancel := context.WithCancel(t.Context())
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			kept = out
			_ = out.Upsert("a", id(1))
			return nil
		}}
		run := host.New(ctx, c, host.LogTo(atTheEnd{slog.DiscardHandler, func() { _ = kept.Upsert("a", id(2)) }}))
		err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
			if op.Kind == host.OpUpsert {
				return test.write(cancel)
			}
			return nil
		}))
		if test.want == "" {
			require.NoError(t, err, name)
		} else {
			require.EqualError(t, err, test.want, name)
		}
		require.NoError(t, run.Close())
		cancel()
	}
}

func TestAFailedSyncWithALateOperationReportsBoth(t *testing.T) {
	for want, failure := range map[connector.Kind]error{
		connector.Configuration: connector.Errorf(connector.Configuration, "403 Forbidden"),
		connector.Defect:        connector.Errorf(connector.Transient, "503 Service Unavailable"),
	} {
		synctest.Test(t, func(t *testing.T) {
			var left sync.WaitGroup
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				left.Go(func() { _ = out.Upsert("a", id(1)) })
				time.Sleep(time.Second)
				return failure
			}}
			err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				if op.Kind == host.OpUpsert {
					time.Sleep(time.Minute)
				}
				return nil
			})
			left.Wait()
			require.ErrorContains(t, err, failure.Error())
			require.ErrorContains(t, err, "returned while a goroutine was still delivering")
			assert.Equal(t, want, connector.KindOf(err))
		})
	}
}

func TestASecretReplacedAfterSyncReturnedIsDeliveredAndNoDefect(t *testing.T) {
	var replaced []string
	dst := host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpReplacedSecret {
			replaced = append(replaced, op.Value.Reveal())
		}
		return nil
	})
	v := &keyed{}
	run := host.New(t.Context(), v, host.ReplacedSecretsTo(dst), host.LogTo(atTheEnd{slog.DiscardHandler, func() {
		assert.NoError(t, connector.ReplaceSecret(v.ctx, "token", "new-0123456789"))
	}}))
	require.NoError(t, run.Sync(host.SyncRequest{}, dst))
	require.NoError(t, run.Close())
	assert.Equal(t, []string{"new-0123456789"}, replaced)
}

// keyed is a connector whose token is replaced by its source.
type keyed struct {
	Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`
	ctx   context.Context  // of Sync
}

func (*keyed) Schema(context.Context) (schema.Schema, error) {
	return schema.New("wide", schema.Table{Name: "a"})
}
func (*keyed) Test(context.Context) error { return nil }
func (k *keyed) Sync(ctx context.Context, _ state.State, _ connector.Emitter) error {
	k.ctx = ctx
	return nil
}

func TestAnOperationIsLateAlsoWhileADeliveredStateIsReported(t *testing.T) {
	reporting, release := make(chan struct{}), make(chan struct{})
	report := sync.OnceFunc(func() { close(reporting); <-release })
	var left sync.WaitGroup
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		connector.OnDelivered(ctx, func(state.State) { report() })
		cursor := state.NewCursor[int64](st, "a") // the rows are not sorted
		err := errors.Join(out.Upsert("a", id(9)), out.Checkpoint())
		cursor.Advance(9)
		<-reporting
		left.Go(func() {
			for out.Upsert("a", id(2)) == nil { // until it is refused
				time.Sleep(time.Microsecond)
			}
			close(release)
		})
		return err
	}}
	var last string
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			last = string(op.State)
		}
		return nil
	}, fixture.Each)
	left.Wait()
	require.ErrorContains(t, err, "Sync returned while a goroutine was still delivering")
	assert.Equal(t, `{}`, last, "row 9 is covered only together with the rows before it")
}

func TestADeliveredStateHasTheNamesOfTheTables(t *testing.T) {
	for _, name := range []string{"a", "wide.a", "aa"} {
		got := int64(0)
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			connector.OnDelivered(ctx, func(st state.State) { got = state.NewCursor[int64](st, name).Start() })
			state.NewCursor[int64](st, "a").Advance(3)
			return out.Upsert("a", id(3))
		}}
		_, err := lastStateOf(t, c)
		if name == "aa" {
			require.ErrorContains(t, err, `connector.OnDelivered: state: table "aa" is not in the schema, which has a`)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			continue
		}
		require.NoError(t, err)
		assert.EqualValues(t, 3, got, name)
	}
}
