package host_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// besides calls f for the table b while the table a is being synced, whose first row was
// written. The function cancel ends the latter.
func besides(ctx context.Context, whole connector.Emitter, f func(out connector.Emitter, cancel func()) error) error {
	ctx, cancel := context.WithCancel(ctx)
	begun := make(chan struct{})
	return together(whole, func(connector.Emitter) error {
		close(begun)
		<-ctx.Done()
		return nil
	}, func(out connector.Emitter) error {
		<-begun
		return f(out, cancel)
	})
}

func TestATableWhoseRowsWereGatheredEndsAfterAStateThatCoversThem(t *testing.T) {
	for _, options := range [][]host.Option{{fixture.Each}, nil} {
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, whole connector.Emitter) error {
			return besides(ctx, whole, func(out connector.Emitter, cancel func()) error {
				time.AfterFunc(10*time.Millisecond, cancel) // after the table has ended
				return errors.Join(out.Upsert("b", id(1)), out.Checkpoint(), out.Upsert("b", id(2)))
			})
		}}
		var w batchWriter
		require.NoError(t, w.sync(t, c, host.SyncRequest{}, options...))
		uncovered := map[string]bool{}
		for _, op := range w.ops {
			switch op.Kind {
			case host.OpUpsert:
				uncovered[op.Table.Name] = true
			case host.OpCheckpoint:
				clear(uncovered)
			case host.OpTableEnd:
				assert.False(t, uncovered[op.Table.Name], "table %s ended before a state covered its rows", op.Table)
			}
		}
	}
}

func TestACheckpointAfterGatheredRowsIsSentAtOnceIfTheHostWantsEach(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, whole connector.Emitter) error {
		covered := make(chan struct{}, 10)
		connector.OnDelivered(ctx, func(state.State) { covered <- struct{}{} })
		return besides(ctx, whole, func(out connector.Emitter, cancel func()) error {
			defer cancel()
			for i := range int64(3) {
				if err := errors.Join(out.Upsert("b", id(i+1)), out.Checkpoint()); err != nil {
					return err
				}
				select {
				case <-covered:
				case <-time.After(time.Minute):
					t.Errorf("no state was sent after row %d", i+1)
				}
			}
			return nil
		})
	}}
	var w batchWriter
	require.NoError(t, w.sync(t, c, host.SyncRequest{}, fixture.Each))
}

func TestAStateIsSentOnceTheGatheredRowsAreAsManyAsTheHostWants(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, whole connector.Emitter) error {
		return besides(ctx, whole, func(out connector.Emitter, cancel func()) error {
			defer cancel()
			for i := range int64(40) {
				if err := errors.Join(out.Upsert("b", id(i+1)), st.Table("b").Set("n", i), out.Checkpoint()); err != nil {
					return err
				}
			}
			return nil
		})
	}}
	var w batchWriter
	require.NoError(t, w.sync(t, c, host.SyncRequest{}, host.CheckpointEvery(time.Minute, 10)))
	states := slices.DeleteFunc(w.texts(), func(s string) bool { return !strings.HasPrefix(s, "checkpoint") })
	assert.Len(t, states, 5, "%q", states)
}

func TestARowIsWrittenSoonAlthoughTheDestinationIsBusyWithAnotherTable(t *testing.T) {
	written := make(chan struct{})
	w := batchWriter{fail: func(op *host.Operation) error {
		if op.Row != nil && op.Table.Name == "a" {
			time.Sleep(100 * time.Microsecond) // the destination is slower than the connector
		}
		if string(op.Row) == `{"id":1}` && op.Table.Name == "b" {
			close(written)
		}
		return nil
	}}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, whole connector.Emitter) error {
		ctx, cancel := context.WithCancel(ctx)
		begun := make(chan struct{})
		return together(whole, func(out connector.Emitter) error {
			close(begun)
			for i := int64(1); ctx.Err() == nil; i++ {
				if err := out.Upsert("a", id(i)); err != nil {
					return err
				}
			}
			return nil
		}, func(out connector.Emitter) error {
			defer cancel()
			<-begun
			err := out.Upsert("b", id(1))
			select {
			case <-written:
			case <-time.After(time.Minute):
				t.Error("the row was not written")
			}
			return err
		})
	}}
	require.NoError(t, w.sync(t, c, host.SyncRequest{}))
}

// A rotatingPair has two tables and a secret that its source replaces.
type rotatingPair struct {
	rotating
	sync fixture.SyncFunc
}

func (*rotatingPair) Schema(context.Context) (schema.Schema, error) {
	table := func(name string) schema.Table {
		return schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	}
	return schema.New("s", table("a"), table("b"))
}

func (c *rotatingPair) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	return c.sync(ctx, st, out)
}

func TestAReplacedSecretIsStoredAlthoughTheRowsBeforeItFail(t *testing.T) {
	c := &rotatingPair{rotating: rotating{RefreshToken: "token-0123456789"}}
	c.sync = func(ctx context.Context, _ state.State, whole connector.Emitter) error {
		return besides(ctx, whole, func(out connector.Emitter, cancel func()) error {
			defer cancel()
			if err := out.Upsert("b", id(1)); err != nil {
				return err
			}
			_ = connector.ReplaceSecret(ctx, "refresh_token", "token-9876543210")
			return nil
		})
	}
	w := batchWriter{fail: func(op *host.Operation) error {
		if string(op.Row) == `{"id":1}` {
			return errors.New("the disk is full")
		}
		return nil
	}}
	var stored []string
	keep := host.DestinationFunc(func(op *host.Operation) error {
		stored = append(stored, op.Field)
		return nil
	})
	require.ErrorContains(t, w.sync(t, c, host.SyncRequest{}, host.ReplacedSecretsTo(keep)), "the disk is full")
	assert.Equal(t, []string{"refresh_token"}, stored)
}

func TestADestinationThatCallsGoexitInABatchDoesNotBlockTheSync(t *testing.T) {
	for _, full := range []bool{false, true} {
		w := batchWriter{fail: func(op *host.Operation) error {
			if string(op.Row) == `{"id":1}` && op.Table.Name == "b" {
				runtime.Goexit()
			}
			return nil
		}}
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, whole connector.Emitter) error {
			return besides(ctx, whole, func(out connector.Emitter, cancel func()) error {
				defer cancel()
				err := out.Upsert("b", id(1))
				if full {
					return errors.Join(err, whole.Warn("from another goroutine"))
				}
				select {
				case <-ctx.Done():
				case <-time.After(200 * time.Millisecond):
				}
				return errors.Join(err, out.Upsert("b", id(2)))
			})
		}}
		done := make(chan error, 1)
		go func() { done <- w.sync(t, c, host.SyncRequest{}) }()
		select {
		case err := <-done:
			assert.Error(t, err)
		case <-time.After(time.Minute):
			t.Error("the sync hangs")
		}
	}
}

func TestADestinationThatCallsGoexitAtTheEndOfASyncDoesNotBlockIt(t *testing.T) {
	for name, exits := range map[string]func(op *host.Operation) bool{
		"in a warning":        func(op *host.Operation) bool { return op.Kind == host.OpWarning },
		"in the last state":   func(op *host.Operation) bool { return op.Kind == host.OpCheckpoint },
		"at a table's end":    func(op *host.Operation) bool { return op.Kind == host.OpTableEnd },
		"in every operation":  func(*host.Operation) bool { return true },
		"after the first row": func(op *host.Operation) bool { return op.Kind != host.OpUpsert && op.Kind != host.OpTableBegin },
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				err := out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a")
				_ = out.Upsert("typo", id(1)) // a warning at the end
				return err
			}}
			err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				if exits(op) {
					runtime.Goexit()
				}
				return nil
			})
			require.ErrorContains(t, err, "the destination called runtime.Goexit")
			assert.Equal(t, connector.Defect, connector.KindOf(err))
		})
	}
}
