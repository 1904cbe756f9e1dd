package host_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestADestinationThatHasEnoughReceivesTheLastConsistentState(t *testing.T) {
	for name, end := range map[string]func(context.Context, error) error{
		"returns the error":     func(_ context.Context, err error) error { return err },
		"swallows the error":    func(context.Context, error) error { return nil },
		"returns another error": func(context.Context, error) error { return errors.New("connection closed") },
		"waits for the end":     func(ctx context.Context, _ error) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "a", state.Sorted())
				for n := int64(1); ; n++ {
					if err := out.Upsert("a", id(n)); err != nil {
						assert.Equal(t, connector.Interrupted, connector.KindOf(err))
						return end(ctx, err)
					}
					cursor.Advance(n)
					if n%2 == 0 {
						if err := out.Checkpoint(); err != nil {
							return end(ctx, err)
						}
					}
				}
			}}
			rows, last := 0, ""
			err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				switch op.Kind {
				case host.OpUpsert:
					if rows++; rows >= 5 {
						return host.ErrEnough
					}
				case host.OpCheckpoint:
					last = string(op.State)
				}
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, 5, rows)
			assert.Equal(t, `{"a":{"cursor":4}}`, last)
		})
	}
}

func TestTheLastAcceptedRowCanBeCheckpointed(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for n := cursor.Start(); n < 5; n++ {
			if err := out.Upsert("a", id(n)); err != nil {
				return err
			}
			cursor.Advance(n)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	}}
	last, syncs := []byte(nil), 0
	for ; string(last) != `{"a":{"cursor":4}}`; syncs++ {
		require.Less(t, syncs, 10, "the state is %s", last)
		rows := 0
		require.NoError(t, fixture.Sync(t, c, host.SyncRequest{State: last}, func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				if rows++; rows == 2 { // the row at the cursor is read again
					return host.ErrEnough
				}
			case host.OpCheckpoint:
				last = slices.Clone(op.State)
			}
			return nil
		}))
	}
	assert.Equal(t, 4, syncs)
}

func TestNoCheckpointCoversARowRefusedAfterErrEnough(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for n := int64(1); n <= 5; n++ {
			_ = out.Upsert("a", id(n)) // a mistake: the error is ignored
			cursor.Advance(n)
			_ = out.Checkpoint()
		}
		return nil
	}}
	rows, last := 0, ""
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			if rows++; rows == 3 {
				return host.ErrEnough
			}
		case host.OpCheckpoint:
			last = string(op.State)
		}
		return nil
	}))
	assert.Equal(t, 3, rows)
	assert.Equal(t, `{"a":{"cursor":3}}`, last)
}

func TestARowRefusedThroughAScopeIsNotCovered(t *testing.T) {
	for name, tables := range map[string][]string{"no table": {}, "another table": {"b"}} {
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			scoped := out.Scope(tables...)
			_ = scoped.Upsert("a", id(1))
			cursor.Advance(1)
			_ = scoped.Upsert("a", id(2)) // a mistake: the error is ignored
			cursor.Advance(2)
			return errors.Join(out.Scope("a").Checkpoint(), out.Checkpoint())
		}}
		got := recordSync(t, c, func(op *host.Operation) error {
			if op.Kind == host.OpUpsert {
				return host.ErrEnough
			}
			return nil
		})
		require.NoError(t, got.err, name)
		assert.NotContains(t, got.operations[len(got.operations)-1], "2", name)
	}
}

func TestARefusedRowOfOneTableDoesNotBlockTheCheckpointOfAnother(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		reading, taken, refused := make(chan struct{}), make(chan struct{}), make(chan struct{})
		tables := connector.Tables{}
		tables.Add("a", func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			<-reading
			err := out.Upsert("a", id(1))
			cursor.Advance(1)
			close(taken)
			<-refused
			return errors.Join(err, out.Checkpoint())
		})
		tables.Add("b", func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "b", state.Sorted())
			close(reading)
			<-taken
			err := out.Upsert("b", id(1))
			cursor.Advance(1)
			close(refused)
			return err
		})
		return tables.Sync(ctx, st, out)
	}}
	got := recordSync(t, c, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return host.ErrEnough
		}
		return nil
	})
	require.NoError(t, got.err)
	assert.Equal(t, `checkpoint{"a":{"cursor":1}}`, got.operations[len(got.operations)-1])
}

func TestATableThatFailedBeforeErrEnoughIsAnError(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error {
			return connector.Errorf(connector.Configuration, "403 Forbidden")
		})
		tables.Add("b", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("b", id(1)) })
		return tables.Sync(ctx, st, out)
	}}
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return host.ErrEnough
		}
		return nil
	})
	require.ErrorContains(t, err, "a: 403 Forbidden")
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
}

func TestADestinationThatFailsAfterErrEnoughFailsTheSync(t *testing.T) {
	for _, kind := range []host.OperationKind{host.OpTableEnd, host.OpCheckpoint} {
		got := recordSync(t, &fixture.Wide{Names: []string{"a"}, OnSync: oneTable}, func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				return host.ErrEnough
			case kind:
				return errors.New("disk full")
			}
			return nil
		})
		require.EqualError(t, got.err, "disk full", "%v", kind)
		require.EqualError(t, got.unreported, "disk full", "%v", kind)
	}
}

func TestAPanicAfterErrEnoughIsAnError(t *testing.T) {
	enough := func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return host.ErrEnough
		}
		return nil
	}
	panics := func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.Upsert("a", id(1))
		panic("index out of range")
	}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: panics}
	require.ErrorContains(t, recordSync(t, c, enough).err, "panic in Sync: index out of range")
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", panics)
		tables.Add("b", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("b", id(1)) })
		return tables.Sync(ctx, st, out)
	}
	got := recordSync(t, c, enough)
	require.ErrorContains(t, got.err, "index out of range")
	assert.Equal(t, connector.Defect, connector.KindOf(got.err))
}

func TestARequestCanEndASyncAtAnyTime(t *testing.T) {
	end, last := make(chan struct{}), ""
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		if err := out.Upsert("a", id(1)); err != nil {
			return err
		}
		cursor.Advance(1)
		if err := out.Checkpoint(); err != nil {
			return err
		}
		close(end) // while the connector waits, and makes no operation
		<-ctx.Done()
		assert.Equal(t, connector.Interrupted, connector.KindOf(context.Cause(ctx)))
		return ctx.Err()
	}}
	err := fixture.Sync(t, c, host.SyncRequest{End: end}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			last = string(op.State)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, `{"a":{"cursor":1}}`, last)
}

func TestARunTellsWhetherTheSyncEndedEarly(t *testing.T) {
	for name, test := range map[string]struct {
		enough  bool
		failure error
		early   bool
	}{
		"to the end":        {false, nil, false},
		"early":             {true, nil, true},
		"failed":            {false, errors.New("busy"), false},
		"failed after that": {true, connector.Errorf(connector.Defect, "a panic"), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				return errors.Join(out.Upsert("a", id(1)), test.failure)
			}}
			run := host.New(t.Context(), c, fixture.Quiet)
			defer run.Close()
			err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
				if op.Kind == host.OpUpsert && test.enough {
					return host.ErrEnough
				}
				return nil
			}))
			assert.Equal(t, test.failure == nil, err == nil)
			assert.Equal(t, test.early, run.EndedEarly())
			c.OnSync = func(context.Context, state.State, connector.Emitter) error { return nil }
			require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)))
			assert.False(t, run.EndedEarly(), "the last sync counts")
		})
	}
}
