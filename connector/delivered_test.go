package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/state"
)

// acknowledging returns a connector that delivers rows of the table a, with a
// checkpoint after each, and calls f with the cursor of each delivered state.
func acknowledging(rows int64, f func(cursor int64, out connector.Emitter)) *background {
	return goingOn(func(ctx context.Context, st state.State, out connector.Emitter) error {
		connector.OnDelivered(ctx, func(st state.State) { f(state.NewCursor[int64](st, "a").Start(), out) })
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for id := int64(1); id <= rows; id++ {
			if err := out.Upsert("a", map[string]any{"id": id}); err != nil {
				return err
			}
			cursor.Advance(id)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestEachDeliveredStateIsReportedInOrderAndTheLastOneBeforeClose(t *testing.T) {
	var got []any
	c := acknowledging(3, func(cursor int64, _ connector.Emitter) { got = append(got, cursor) })
	c.onClose = func() error { got = append(got, "close"); return nil }
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(discard)))
	require.NoError(t, run.Close())
	assert.Equal(t, []any{int64(1), int64(2), int64(3), int64(3), "close"}, got, "the last state is sent again at the end")
}

func TestOnlyDeliveredStatesAreReported(t *testing.T) {
	var reported []int64
	c := acknowledging(10, func(cursor int64, _ connector.Emitter) { reported = append(reported, cursor) })
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint && strings.Contains(string(op.State), "4") {
			return errors.New("disk full")
		}
		return nil
	}))
	require.EqualError(t, err, "disk full")
	require.NoError(t, run.Close())
	assert.Equal(t, []int64{1, 2, 3}, reported)
}

func TestTheLastStateOfASyncThatFailsOrEndsEarlyIsReported(t *testing.T) {
	for name, test := range map[string]struct {
		end  error // of the destination, for row 3
		fail error // of Sync
	}{"the sync fails": {nil, errors.New("503")}, "the destination has enough": {host.ErrEnough, nil}} {
		var last int64
		c := goingOn(func(ctx context.Context, st state.State, out connector.Emitter) error {
			connector.OnDelivered(ctx, func(st state.State) { last = state.NewCursor[int64](st, "a").Start() })
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			for id := int64(1); id <= 3; id++ {
				if err := out.Upsert("a", map[string]any{"id": id}); err != nil {
					return err
				}
				cursor.Advance(id)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return test.fail
		})
		_ = syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
			if op.Kind == host.OpUpsert && strings.Contains(string(op.Row), "3") {
				return test.end
			}
			return nil
		})
		assert.EqualValues(t, 3, last, name)
	}
}

func TestASlowFunctionDoesNotDelayTheSyncAndMissesNoState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int64
		began := time.Now()
		c := acknowledging(5, func(cursor int64, _ connector.Emitter) {
			time.Sleep(time.Minute)
			got = append(got, cursor)
		})
		delivered := time.Duration(0)
		run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
		require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error {
			delivered = time.Since(began)
			return nil
		})))
		require.NoError(t, run.Close())
		assert.Zero(t, delivered)
		assert.Equal(t, []int64{1, 2, 3, 4, 5, 5}, got)
	})
}

func TestAFunctionThatIsSlowerThanLargeStatesMissesTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []int64
		c := goingOn(func(ctx context.Context, st state.State, out connector.Emitter) error {
			connector.OnDelivered(ctx, func(st state.State) {
				time.Sleep(time.Minute)
				got = append(got, state.NewCursor[int64](st, "a").Start())
			})
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			for id := int64(1); id <= 10; id++ {
				cursor.Advance(id)
				if err := errors.Join(st.Table("b").Set("large", strings.Repeat("x", 3<<20)), out.Checkpoint()); err != nil {
					return err
				}
				time.Sleep(time.Second)
			}
			return nil
		})
		run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
		require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(discard)))
		require.NoError(t, run.Close())
		assert.Equal(t, []int64{1, 10, 10}, got)
	})
}

func TestAFunctionMustNotUseTheEmitterOfASyncThatHasReturned(t *testing.T) {
	var refused []error
	c := acknowledging(3, func(_ int64, out connector.Emitter) { refused = append(refused, out.Warn("acknowledged")) })
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(discard))
	require.ErrorContains(t, err, "a call of Warn ended after that")
	require.NoError(t, run.Close())
	assert.ErrorIs(t, errors.Join(refused...), connector.ErrClosed)
}

func TestAPanicOfTheFunctionFailsTheSyncAndIsNotRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		f    func()
		want string
	}{
		"panic":  {func() { panic("index out of range") }, "panic in the function passed to connector.OnDelivered: index out of range"},
		"goexit": {func() { runtime.Goexit() }, "the function passed to connector.OnDelivered called runtime.Goexit"},
	} {
		for _, rows := range []int64{1, 1e9} { // the last state only, or a sync that does not end by itself
			var log bytes.Buffer
			calls := 0
			c := acknowledging(rows, func(int64, connector.Emitter) {
				calls++
				test.f()
			})
			opts := []host.Option{host.LogTo(slog.NewTextHandler(&log, nil))}
			if rows > 1 {
				opts = append(opts, fixture.Each)
			}
			run := host.New(t.Context(), c, opts...)
			err := run.Sync(host.SyncRequest{}, host.DestinationFunc(discard))
			require.ErrorContains(t, err, test.want, name)
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			assert.Error(t, run.Unreported())
			require.NoError(t, run.Close())
			assert.Equal(t, 1, calls)
			if name == "panic" {
				assert.Contains(t, log.String(), "delivered_test.go", "the stack")
			}
		}
	}
}

func TestAFunctionThatDoesNotReturnIsAbandonedOnceTheRunIsToldToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		c := acknowledging(1, func(int64, connector.Emitter) { <-release })
		c.onClose = func() error { t.Error("closed"); return nil }
		run := host.New(ctx, c, fixture.Quiet, host.Grace(time.Second))
		began := time.Now()
		err := run.Sync(host.SyncRequest{}, host.DestinationFunc(discard))
		require.ErrorContains(t, err, "the function passed to connector.OnDelivered did not return within 1s after the run was told to end")
		assert.Equal(t, connector.Interrupted, connector.KindOf(err))
		assert.Equal(t, time.Minute+time.Second, time.Since(began))
		require.NoError(t, run.Close())
		close(release)
	})
}

func TestEachFunctionThatWasRegisteredIsCalled(t *testing.T) {
	var got []string
	c := acknowledging(1, func(int64, connector.Emitter) { got = append(got, "sync") })
	c.open = func(ctx context.Context) error {
		connector.OnDelivered(ctx, func(st state.State) {
			got = append(got, "open")
			assert.Error(t, st.Table("a").Set("n", 1), "the state has been delivered")
		})
		return nil
	}
	require.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard))
	assert.Equal(t, []string{"open", "sync"}, got)
	connector.OnDelivered(t.Context(), func(state.State) { t.Error("called outside a run") })
}

// versioned is a connector whose state has version 1.
type versioned struct{ *background }

func (versioned) StateMigrations() []state.Migration {
	return []state.Migration{func(map[string]json.RawMessage) error { return nil }}
}

func TestAStateWithAVersionIsReported(t *testing.T) {
	var got []int64
	c := versioned{acknowledging(1, func(cursor int64, _ connector.Emitter) { got = append(got, cursor) })}
	require.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard))
	assert.Equal(t, []int64{1}, got)
}

// A written text holds what a slow reader has received.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) contains(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.text.String(), text)
}

// The lines are buffered, and the reader is slow.
func TestTheLineOfAStateIsWrittenBeforeTheStateIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out written
		calls := 0
		c := acknowledging(20, func(cursor int64, _ connector.Emitter) {
			calls++
			assert.True(t, out.contains(fmt.Sprintf(`{"type":"STATE","state":{"a":{"cursor":%d}}}`, cursor)), "state %d", cursor)
		})
		err := stdin.Serve(t.Context(), c, strings.NewReader(`{}`), &out, fixture.Quiet, fixture.Each)
		require.NoError(t, err)
		assert.Equal(t, 21, calls)
	})
}

// A gone reader has disconnected.
type goneReader struct{}

func (goneReader) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAStateThatCouldNotBeWrittenIsNotReported(t *testing.T) {
	c := acknowledging(20, func(cursor int64, _ connector.Emitter) { t.Errorf("state %d was reported", cursor) })
	err := stdin.Serve(t.Context(), c, strings.NewReader(`{}`), goneReader{}, fixture.Quiet, fixture.Each)
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
