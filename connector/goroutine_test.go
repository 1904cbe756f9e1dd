package connector_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
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

func TestGoReturnsTheFirstErrorAndCancelsTheOtherFunctions(t *testing.T) {
	gone := errors.New("the source is gone")
	var causes atomic.Int32
	wait := connector.Go(t.Context(),
		func(ctx context.Context) error {
			<-ctx.Done()
			if errors.Is(context.Cause(ctx), gone) {
				causes.Add(1)
			}
			return ctx.Err()
		},
		func(context.Context) error { return gone },
		func(context.Context) error { return nil },
	)
	for range 2 {
		require.ErrorIs(t, wait(), gone)
	}
	assert.EqualValues(t, 1, causes.Load())
}

func TestTheContextOfFunctionsWithoutErrorsEndsWithThem(t *testing.T) {
	require.NoError(t, connector.Go(t.Context())())
	used := make(chan context.Context, 1)
	require.NoError(t, connector.Go(t.Context(), func(ctx context.Context) error { used <- ctx; return nil })())
	require.ErrorIs(t, (<-used).Err(), context.Canceled, "the context ends with the functions")
}

func TestAPanicOfAGoroutineIsADefectOutsideARun(t *testing.T) {
	for name, f := range map[string]func(context.Context) error{
		"panic in a goroutine: index out of range":    func(context.Context) error { panic("index out of range") },
		"panic in a goroutine: panic called with nil": func(context.Context) error { panic(nil) },
		"a goroutine called runtime.Goexit":           func(context.Context) error { runtime.Goexit(); return nil },
		"invalid memory address":                      nil,
	} {
		err := connector.Go(t.Context(), f)()
		require.ErrorContains(t, err, name)
		assert.Equal(t, connector.Defect, connector.KindOf(err))
	}
}

// background is a connector whose methods are functions.
type background struct {
	scripted
	open    func(ctx context.Context) error
	onClose func() error
}

func (b *background) Open(ctx context.Context) error {
	if b.open == nil {
		return nil
	}
	return b.open(ctx)
}

func (b *background) Close() error {
	if b.onClose == nil {
		return nil
	}
	return b.onClose()
}

// goingOn returns a connector with the tables a and b and the given Sync.
func goingOn(sync fixture.SyncFunc) *background {
	return &background{scripted: scripted{
		tables: []schema.Table{idTable("a"), idTable("b")},
		sync: func(ctx context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			return sync(ctx, st, out)
		},
	}}
}

func TestAPanicOfAGoroutineFailsTheSyncAndItsStackIsLogged(t *testing.T) {
	c := goingOn(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		connector.Hide(ctx, "key-0123456789")
		return connector.Go(ctx, func(context.Context) error { panic("no such key: key-0123456789") })()
	})
	var log bytes.Buffer
	err := syncInto(t.Context(), t, c, "", slog.NewTextHandler(&log, nil), discard)
	require.EqualError(t, err, "panic in a goroutine: no such key: [redacted]")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, log.String(), "goroutine_test.go", "the stack")
	assert.NotContains(t, log.String(), "key-0123456789")
}

func TestASyncThatDoesNotWaitForItsGoroutinesFails(t *testing.T) {
	forbidden := connector.Errorf(connector.Configuration, "403 Forbidden")
	running := "Sync returned while a goroutine that it had started with connector.Go was running"
	for name, test := range map[string]struct {
		then func(ended <-chan struct{}) error // the result of Sync, once the goroutine runs
		f    func(ctx context.Context) error
		want string
		kind connector.Kind
	}{
		"running": {
			func(<-chan struct{}) error { return nil }, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			running, connector.Defect,
		},
		"running, and Sync fails": {
			func(<-chan struct{}) error { return errors.New("EOF") }, func(ctx context.Context) error { <-ctx.Done(); return nil },
			running, connector.Defect,
		},
		"running, and the user can fix the failure": {
			func(<-chan struct{}) error { return forbidden }, func(ctx context.Context) error { <-ctx.Done(); return nil },
			"403 Forbidden\n" + running, connector.Configuration,
		},
		"failed": {
			func(ended <-chan struct{}) error { <-ended; return nil }, func(context.Context) error { return forbidden },
			"403 Forbidden", connector.Configuration,
		},
		"panicked": {
			func(ended <-chan struct{}) error { <-ended; return nil }, func(context.Context) error { panic("nil map") },
			"panic in a goroutine: nil map", connector.Defect,
		},
		"ended": {
			func(ended <-chan struct{}) error { <-ended; return nil }, func(context.Context) error { return nil },
			"", connector.Defect,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var left atomic.Int32
				c := goingOn(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
					ended := make(chan struct{})
					began := make(chan struct{})
					_ = connector.Go(ctx, func(ctx context.Context) error {
						left.Add(1)
						defer left.Add(-1)
						close(began)
						return test.f(ctx)
					})
					<-began
					time.AfterFunc(time.Second, func() { close(ended) })
					return test.then(ended)
				})
				c.onClose = func() error {
					assert.Zero(t, left.Load(), "the connector is closed while the goroutine is running")
					return nil
				}
				err := syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard)
				if test.want == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, test.want)
				assert.Equal(t, test.kind, connector.KindOf(err))
			})
		})
	}
}

func TestATableFuncThatDoesNotWaitForItsGoroutinesFailsItsTable(t *testing.T) {
	c := goingOn(func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(ctx context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a")
			err := out.Upsert("a", map[string]any{"id": 5})
			cursor.Advance(5) // a smaller row follows
			_ = connector.Go(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil })
			return err
		})
		tables.Add("b", syncOne("b", func() error { return nil }))
		return tables.Sync(ctx, st, out)
	})
	last := ""
	err := syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
		last += string(op.State)
		return nil
	})
	require.ErrorContains(t, err, "1 of 2 tables failed: a: the sync function returned while a goroutine that it had started with connector.Go was running")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Equal(t, `{"b":{"cursor":3}}`, last)
}

func TestAGoroutineOfASyncThatWasToldToEndIsNoDefect(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := goingOn(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		began := make(chan struct{})
		_ = connector.Go(ctx, func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			return nil
		})
		<-began
		cancel()
		return nil
	})
	err := syncInto(ctx, t, c, "", slog.DiscardHandler, discard)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
}

func TestAConnectorIsNotClosedWhileItsGoroutineIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := goingOn(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			_ = connector.Go(ctx, func(context.Context) error { <-release; return nil })
			return nil
		})
		c.onClose = func() error { t.Error("closed"); return nil }
		run := host.New(t.Context(), c, fixture.Quiet, host.Grace(time.Minute))
		require.Error(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(discard)))
		began := time.Now()
		err := run.Close()
		require.ErrorContains(t, err, "did not return within 1m0s after its context was done")
		assert.Equal(t, connector.Defect, connector.KindOf(err))
		assert.Equal(t, time.Minute, time.Since(began))
		require.NoError(t, run.Close())
		close(release)
	})
}

func TestAGoroutineThatOpenStartsRunsUntilTheConnectorIsClosed(t *testing.T) {
	for _, waits := range []bool{true, false} { // whether Close waits for it
		var wait func() error
		var stop context.CancelFunc
		var running atomic.Int32
		c := goingOn(func(context.Context, state.State, connector.Emitter) error {
			assert.EqualValues(t, 1, running.Load())
			return nil
		})
		c.open = func(ctx context.Context) error {
			ctx, stop = context.WithCancel(ctx)
			began := make(chan struct{})
			wait = connector.Go(ctx, func(ctx context.Context) error {
				running.Add(1)
				close(began)
				<-ctx.Done()
				running.Add(-1)
				return nil
			})
			<-began
			return nil
		}
		if waits {
			c.onClose = func() error { stop(); return wait() }
		}
		require.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard))
		assert.Zero(t, running.Load())
		stop()
	}
}

func TestATestThatDoesNotWaitForItsGoroutinesFails(t *testing.T) {
	for name, f := range map[string]func(context.Context) error{
		"403 Forbidden":                        func(context.Context) error { return errors.New("403 Forbidden") },
		"Test returned while a goroutine that": func(ctx context.Context) error { <-ctx.Done(); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			c := goingOn(nil)
			c.test = func(ctx context.Context, _ *scripted) error {
				_ = connector.Go(ctx, f)
				time.Sleep(time.Second)
				return nil
			}
			run := host.New(t.Context(), c, fixture.Quiet)
			require.ErrorContains(t, run.Test(), name)
			require.NoError(t, run.Close())
		})
	}
}

func TestGoroutinesDeliverRowsOfOneTable(t *testing.T) {
	c := goingOn(func(ctx context.Context, _ state.State, out connector.Emitter) error {
		var shards []func(context.Context) error
		for shard := range 8 {
			shards = append(shards, func(context.Context) error {
				return out.Upsert("a", map[string]any{"id": shard})
			})
		}
		return connector.Go(ctx, shards...)()
	})
	var rows []string
	require.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			rows = append(rows, string(op.Row))
		}
		return nil
	}))
	assert.Len(t, rows, 8, strings.Join(rows, " "))
}
