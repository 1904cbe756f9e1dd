package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A record holds the operations of a sync, as text, and its errors.
type record struct {
	operations []string
	err        error
	unreported error
}

// recordSync runs a sync. Its destination returns the results of write.
func recordSync(t *testing.T, c connector.Connector, write func(*host.Operation) error, opts ...host.Option) (got record) {
	t.Helper()
	run := host.New(t.Context(), c, append([]host.Option{fixture.Quiet}, opts...)...)
	defer run.Close()
	got.err = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		text := op.Kind.String()
		if op.Table != nil {
			text += " " + op.Table.Name
		}
		text += string(op.Row) + string(op.State)
		if op.Err != nil {
			text += ": " + op.Err.Error()
		}
		got.operations = append(got.operations, text)
		return write(op)
	}))
	got.unreported = run.Unreported()
	return got
}

func accept(*host.Operation) error { return nil }

// oneTable delivers one row of the table a by SyncTables.
func oneTable(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a")
}

func TestADestinationThatFailedIsNotWrittenToAgain(t *testing.T) {
	full := errors.New("disk full")
	for name, fail := range map[string]func() error{
		"error": func() error { return full },
		"panic": func() error { panic(full) },
	} {
		for _, next := range []error{nil, host.ErrEnough, errors.New("still full")} {
			failed := false
			got := recordSync(t, &fixture.Wide{Names: []string{"a", "b"}, OnSync: oneTable}, func(op *host.Operation) error {
				switch {
				case failed:
					return next
				case op.Kind == host.OpUpsert:
					failed = true
					return fail()
				}
				return nil
			}, fixture.Each)
			require.ErrorContains(t, got.err, "disk full", name)
			assert.Equal(t, []string{"table begin a", `upsert a{"id":1}`}, got.operations, name)
		}
	}
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

func TestAGoroutineThatOutlivesItsTableFuncAdvancesNoCursor(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		returned := make(chan struct{})
		var left sync.WaitGroup
		err := out.SyncTables(func(out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			left.Go(func() {
				<-returned
				assert.ErrorIs(t, out.Upsert("a", id(10)), connector.ErrClosed)
				cursor.Advance(10)
			})
			err := out.Upsert("a", id(1))
			cursor.Advance(1)
			return err
		}, "a")
		close(returned)
		left.Wait()
		return err
	}}
	last, err := lastStateOf(t, c)
	require.NoError(t, err)
	assert.Equal(t, `{"a":{"cursor":1}}`, last)
}

func TestATableThatFailedSavesNothingEvenIfItIsReadAgain(t *testing.T) {
	for _, again := range []string{"a", "b"} { // the same first table, and another one with the same child
		c := &fixture.Wide{Names: []string{"a", "b", "child"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			read := func(table, key string, failure error) error {
				return out.SyncTables(func(out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, "child", state.Key(key))
					err := out.Upsert("child", id(10))
					cursor.Advance(10)
					return errors.Join(err, failure)
				}, table, "child")
			}
			_ = read("a", "full", errors.New("503")) // it is unknown which rows are missing
			return read(again, "delta", nil)
		}}
		last, err := lastStateOf(t, c)
		require.NoError(t, err)
		assert.Equal(t, `{}`, last, again)
	}
}

func TestTheStateOfATableDeclaredByAFailingCallIsHeld(t *testing.T) {
	for _, names := range [][2]string{{"late", "wide.late"}, {"wide.late", "late"}} {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			_ = out.SyncTables(func(out connector.Emitter) error {
				err := out.Declare(schema.Table{Name: "late"})
				cursor := state.NewCursor[int64](st, names[1])
				err = errors.Join(err, out.Upsert("late", id(10)))
				cursor.Advance(10)
				return errors.Join(err, errors.New("the source is gone"))
			}, names[0])
			return nil
		}}
		last, err := lastStateOf(t, c)
		require.NoError(t, err)
		assert.Equal(t, `{}`, last, "%v", names)
	}
}

func TestATableSharedByTwoCallsEndsWithTheLastOfThem(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(outer connector.Emitter) error {
			return errors.Join(
				out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a"),
				out.Checkpoint(),
				outer.Upsert("a", id(2)))
		}, "b", "a")
	}}
	got := recordSync(t, c, accept, fixture.Each)
	require.NoError(t, got.err)
	ends := 0
	for i, op := range got.operations {
		if op == "table end a" {
			ends++
			assert.Contains(t, got.operations[:i], `upsert a{"id":2}`)
		}
	}
	assert.Equal(t, 1, ends)
}

func TestTheResetStateOfATableDeclaredLateIsDelivered(t *testing.T) {
	syncs := 0
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		syncs++
		late := st.Table("late")
		if syncs == 1 {
			return errors.Join(out.Declare(schema.Table{Name: "late"}), out.Upsert("late", id(10)), late.Set("cursor", 10))
		}
		late.Delete("cursor") // the table must be read from the start
		return errors.Join(out.Checkpoint(), out.Declare(schema.Table{Name: "late"}), out.Truncate("late"), out.Checkpoint())
	}}
	k := kept{}
	require.NoError(t, k.next(t, c))
	assert.Equal(t, `{"late":{"cursor":10}}`, string(k["wide.late"]))
	require.NoError(t, k.next(t, c))
	assert.Equal(t, `{}`, string(k["wide.late"]))
}

// A several error has the method Unwrap for several errors but wraps none.
type several struct{ text string }

func (e several) Error() string { return e.text }
func (several) Unwrap() []error { return nil }

func TestUnreportedReturnsErrorsThatNoTableEndReported(t *testing.T) {
	gone := errors.New("403")
	for name, test := range map[string]struct {
		sync       fixture.SyncFunc
		unreported string // "" if every failure was reported
	}{
		"a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return gone }, "a")
		}, ""},
		"two failed tables": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{}
			for _, name := range []string{"a", "b"} {
				tables.Add(name, func(context.Context, state.State, connector.Emitter) error { return gone })
			}
			return fmt.Errorf("read the source: %w", tables.Sync(ctx, st, out))
		}, ""},
		"an unknown table": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{}
			tables.Add("aa", func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("aa", id(1)) })
			return tables.Sync(ctx, st, out)
		}, `table "aa" is not in the schema`},
		"a table that is read twice": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error {
				return errors.Join(out.SyncTables(func(connector.Emitter) error { return nil }, "a"), gone)
			}, "a")
		}, ""}, // the end of the table reports both
		"an error joined with a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			failed := out.SyncTables(func(connector.Emitter) error { return gone }, "a")
			return errors.Join(failed, errors.New("log out: 500"))
		}, "log out: 500"},
		"an error that wraps an empty list": {func(context.Context, state.State, connector.Emitter) error {
			return several{"log out: 500"}
		}, "log out: 500"},
		"an error that wraps an empty list, joined with a failed table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			failed := out.SyncTables(func(connector.Emitter) error { return gone }, "a")
			return errors.Join(failed, several{"log out: 500"})
		}, "log out: 500"},
		"an error that names a table": {func(_ context.Context, _ state.State, out connector.Emitter) error {
			_ = out.Upsert("a", id(1))
			return &connector.Error{Table: "a", Err: gone}
		}, ""},
		"an error that names a table, and a refused state": {func(_ context.Context, st state.State, out connector.Emitter) error {
			_ = out.Upsert("a", id(1))
			_ = st.Table("b").Set("next", "key-0123456789")
			_ = out.Checkpoint()
			return &connector.Error{Table: "a", Err: gone}
		}, "it would contain a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				connector.Hide(ctx, "key-0123456789")
				return test.sync(ctx, st, out)
			}}
			got := recordSync(t, c, accept)
			require.Error(t, got.err)
			if test.unreported == "" {
				require.NoError(t, got.unreported)
				return
			}
			require.ErrorContains(t, got.unreported, test.unreported)
			assert.NotContains(t, got.unreported.Error(), "403", "the end of the table reported it")
		})
	}
}

func TestNothingIsWrittenToAnAbandonedDestination(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	ctx, cancel := context.WithCancel(t.Context())
	release, done := make(chan struct{}), make(chan struct{})
	var writes atomic.Int32
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		writes.Add(1)
		if op.Kind == host.OpTableBegin && op.Table.Name == "b" {
			cancel()
			<-release
			defer close(done)
		}
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	before := writes.Load()
	close(release)
	<-done
	require.NoError(t, run.Close())
	assert.Equal(t, before, writes.Load())
}

// A rotating2 connector replaces two secrets concurrently.
type rotating2 struct {
	fixture.Wide
	A connector.Secret `json:"a" jsonschema:"rotates"`
	B connector.Secret `json:"b" jsonschema:"rotates"`
}

func (*rotating2) Test(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for _, field := range []string{"a", "b"} {
		all.Go(func() { _ = connector.ReplaceSecret(ctx, field, "token-0123456789") })
	}
	return nil
}

func TestSecretsReplacedConcurrentlyArriveOneAtATime(t *testing.T) {
	var fields []string // the race detector finds concurrent writes
	run := host.New(t.Context(), &rotating2{}, fixture.Quiet, host.ReplacedSecretsTo(host.DestinationFunc(func(op *host.Operation) error {
		fields = append(fields, op.Field)
		return nil
	})))
	defer run.Close()
	require.NoError(t, run.Test())
	assert.ElementsMatch(t, []string{"a", "b"}, fields)
}

// An apiError is not comparable, like the errors of many generated clients.
type apiError struct{ details any }

func (apiError) Error() string { return "409 Conflict" }

func TestErrorsOfTypesThatAreNotComparableAreReturned(t *testing.T) {
	conflict := apiError{[]string{"version"}}
	fails := func(context.Context, state.State, connector.Emitter) error { return conflict }
	c := &fixture.Wide{Names: []string{"a"}, OnSync: fails}
	require.EqualError(t, recordSync(t, c, accept).err, "409 Conflict")
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{}
		tables.Add("a", fails)
		return tables.Sync(ctx, st, out)
	}
	require.ErrorContains(t, recordSync(t, c, accept).err, "a: 409 Conflict")
	c.OnSync = oneTable
	got := recordSync(t, c, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			return conflict
		}
		return nil
	})
	require.ErrorContains(t, got.err, "409 Conflict")
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

func TestAScopeMadeInATableFuncEndsWithIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		var scoped connector.Emitter
		err := out.SyncTables(func(out connector.Emitter) error {
			scoped = out.Scope()
			return nil
		}, "a")
		assert.ErrorIs(t, scoped.Upsert("a", id(10)), connector.ErrClosed)
		cursor.Advance(10)
		return err
	}}
	last, err := lastStateOf(t, c)
	require.NoError(t, err)
	assert.Equal(t, `{}`, last)
}

func TestAnErrorIsUnreportedEvenIfATableFailedWithTheSameError(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.SyncTables(func(connector.Emitter) error { return io.ErrUnexpectedEOF }, "a")
		return fmt.Errorf("log out: %w", io.ErrUnexpectedEOF)
	}}
	require.EqualError(t, recordSync(t, c, accept).unreported, "log out: unexpected EOF")
}

func TestTheEndOfATableThatWasReadAgainReplacesItsFailure(t *testing.T) {
	gone := errors.New("503")
	c := &fixture.Wide{Names: []string{"a", "b", "child"}}
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		first := out.SyncTables(func(connector.Emitter) error { return gone }, "a")
		return errors.Join(first, out.SyncTables(func(connector.Emitter) error { return nil }, "a"))
	}
	require.EqualError(t, recordSync(t, c, accept).unreported, "503", "the last end of the table does not report it")
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.SyncTables(func(connector.Emitter) error { return gone }, "a", "child")
		return out.SyncTables(func(own connector.Emitter) error {
			return errors.Join(
				out.SyncTables(func(own connector.Emitter) error { return own.Upsert("child", id(1)) }, "a", "child"),
				own.Upsert("child", id(2)))
		}, "b", "child")
	}
	got := recordSync(t, c, accept, fixture.Each)
	require.NoError(t, got.err)
	assert.Contains(t, got.operations, "table end child")
}

// An opener calls a function in Open and has a secret that may be replaced.
type opener struct {
	fixture.Wide
	A    connector.Secret `json:"a" jsonschema:"rotates"`
	open func(context.Context)
}

func (o *opener) Open(ctx context.Context) error { o.open(ctx); return nil }

func TestACancelledSyncDoesNotWaitUntilASecretIsStored(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, storing := make(chan struct{}), make(chan struct{})
	var left sync.WaitGroup
	c := &opener{Wide: fixture.Wide{Names: []string{"a"}}, open: func(ctx context.Context) {
		left.Go(func() { _ = connector.ReplaceSecret(ctx, "a", "token-0123456789") })
		<-storing
		cancel()
	}}
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond), host.ReplacedSecretsTo(host.DestinationFunc(func(*host.Operation) error {
		close(storing)
		<-release
		return nil
	})))
	require.ErrorIs(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)), context.Canceled)
	close(release)
	left.Wait()
	require.NoError(t, run.Close())
}

func TestTheDestinationOfASyncReceivesNoSecretAfterIt(t *testing.T) {
	for range 100 {
		var stop, over atomic.Bool
		var left sync.WaitGroup
		c := &opener{open: func(context.Context) {}}
		c.Names, c.OnSync = []string{"a"}, func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			left.Go(func() {
				for !stop.Load() {
					_ = connector.ReplaceSecret(ctx, "a", "token-0123456789")
				}
			})
			return nil
		}
		stored := make(chan struct{}, 1)
		run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(host.DestinationFunc(func(*host.Operation) error {
			select {
			case stored <- struct{}{}:
			default:
			}
			return nil
		})))
		require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error {
			assert.False(t, over.Load())
			return nil
		})))
		over.Store(true)
		<-stored // after the sync
		stop.Store(true)
		left.Wait()
		require.NoError(t, run.Close())
	}
}

func TestASyncThatAbandonsItsLastOperationsReportsWhy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, done := make(chan struct{}), make(chan struct{})
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		err := out.Upsert("a", id(1))
		cancel()
		return err
	}}
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpTableEnd {
			defer close(done)
			<-release
		}
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, run.Unreported(), "stopped reading")
	close(release)
	<-done
	require.NoError(t, run.Close())
}
