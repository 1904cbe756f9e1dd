package host_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestConcurrentTablesWriteWholeLines(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "c", "d"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var wait sync.WaitGroup
		for i, name := range []string{"a", "b", "c", "d"} {
			wait.Go(func() {
				for id := range 2000 {
					assert.NoError(t, out.Upsert(name, map[string]any{"id": id, "text": strings.Repeat("x", i*100)}))
					assert.NoError(t, out.Checkpoint())
				}
			})
		}
		wait.Wait()
		return nil
	}}
	lines, err := fixture.Answer(t, c, `{}`)
	require.NoError(t, err)
	records := 0
	for _, line := range lines {
		if strings.Contains(line, "RECORD") {
			records++
		}
	}
	assert.Equal(t, 8000, records)
}

func TestOperationsAfterSyncReturnedAreRefused(t *testing.T) {
	var kept connector.Emitter
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		kept = out
		return nil
	}}, fixture.WithKey)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	for _, err := range []error{kept.Upsert("orders", fixture.NewOrder(1)), kept.Truncate("orders"), kept.Warn("x"), kept.Checkpoint(), kept.Declare(schema.Table{Name: "t"}),
		kept.Update("orders", fixture.NewOrder(1)), kept.Delete("orders", fixture.NewOrder(1)), kept.SyncTables(func(connector.Emitter) error { return nil }, "orders")} {
		assert.ErrorIs(t, err, connector.ErrClosed)
	}
}

func TestAGoroutineThatOutlivesSyncIsRefused(t *testing.T) {
	var late sync.WaitGroup
	var refusal error
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		delivering := make(chan struct{})
		late.Go(func() {
			for n := 0; refusal == nil; n++ {
				if refusal = out.Upsert("orders", fixture.NewOrder(1)); n == 0 {
					close(delivering)
				}
			}
		})
		<-delivering
		return nil
	}}, fixture.WithKey)
	late.Wait()
	if err != nil { // otherwise the sync ended before the goroutine delivered again
		assert.Equal(t, connector.Defect, connector.KindOf(err))
		assert.Contains(t, lines[len(lines)-1], "returned while a goroutine was still delivering")
		lines = lines[:len(lines)-1]
	}
	assert.Contains(t, lines[len(lines)-1], "STATE")
	assert.ErrorIs(t, refusal, connector.ErrClosed)
}

func TestAFailedSyncEndsWithAState(t *testing.T) {
	for name, last := range map[string]func(connector.Emitter) error{
		"an upsert":  func(out connector.Emitter) error { return out.Upsert("orders", fixture.NewOrder(2)) },
		"a delete":   func(out connector.Emitter) error { return out.Delete("orders", fixture.NewOrder(2)) },
		"a truncate": func(out connector.Emitter) error { return out.Truncate("orders") },
	} {
		lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			if err := out.Checkpoint(); err != nil {
				return err
			}
			return errors.Join(last(out), errors.New("the source is gone"))
		}}, fixture.WithKey, fixture.Each)
		require.ErrorContains(t, err, "the source is gone")
		require.Contains(t, lines[len(lines)-1], "SEVERE")
		assert.Equal(t, `{"type":"STATE","state":{}}`, lines[len(lines)-2], name)
	}
}

func TestASourceThatIsNotSortedAsDeclaredResetsTheState(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for _, id := range []int64{1, 2, 5, 3, 9} {
			if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
				return err
			}
			cursor.Advance(id)
			_ = out.Checkpoint()
		}
		return nil
	}}, fixture.WithKey, fixture.Each)
	var disorder *state.OrderError
	require.ErrorAs(t, err, &disorder)
	assert.Equal(t, `{"type":"STATE","state":{}}`, fixture.LastState(lines), "no position after the start of the sync can be trusted")
}

func TestACanceledSyncEndsInVirtualTimeWithItsLastState(t *testing.T) {
	for name, c := range map[string]struct {
		grace time.Duration
		wait  func(context.Context, connector.Emitter) error
		takes time.Duration
	}{
		"returns when its context is done": {time.Second, func(ctx context.Context, _ connector.Emitter) error { <-ctx.Done(); return ctx.Err() }, 0},
		"returns when an operation is refused": {time.Second, func(_ context.Context, out connector.Emitter) error {
			for {
				if err := out.Upsert("carts", map[string]any{"id": 1}); err != nil {
					return err
				}
				time.Sleep(10 * time.Millisecond)
			}
		}, 10 * time.Millisecond},
		"returns nil":  {time.Second, func(ctx context.Context, _ connector.Emitter) error { <-ctx.Done(); return nil }, 0},
		"ignores both": {time.Second, func(context.Context, connector.Emitter) error { time.Sleep(time.Hour); return nil }, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Minute, cancel)
				var out bytes.Buffer
				began := time.Now()
				err := stdin.Serve(ctx, &fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
					require.NoError(t, st.Shared().Set("at", 1))
					require.NoError(t, out.Checkpoint())
					require.NoError(t, st.Shared().Set("at", 2))
					return c.wait(ctx, out)
				}}, strings.NewReader(fixture.WithKey), &out, fixture.Quiet, host.Grace(c.grace), host.ProgressEvery(0), host.CheckpointEvery(time.Hour, 1000))
				require.Error(t, err)
				assert.Equal(t, connector.Interrupted, connector.KindOf(err), "%v", err)
				assert.LessOrEqual(t, time.Since(began), time.Minute+c.takes+100*time.Millisecond)
				lines := fixture.Lines(t, out.String())
				require.GreaterOrEqual(t, len(lines), 2)
				assert.Equal(t, `{"type":"STATE","state":{"_shared":{"at":1}}}`, lines[len(lines)-2])
				assert.Contains(t, lines[len(lines)-1], "SEVERE")
				time.Sleep(2 * time.Hour) // the abandoned Sync must return before the bubble ends
			})
		})
	}
}

func TestASlowReaderSlowsTheSyncDownInBoundedMemory(t *testing.T) {
	r, w := io.Pipe()
	var handed atomic.Int64
	done := make(chan error, 1)
	go func() {
		defer w.Close()
		done <- stdin.Serve(t.Context(), &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			for id := range int64(100_000) {
				if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
					return err
				}
				handed.Add(1)
			}
			return nil
		}}, strings.NewReader(fixture.WithKey), w, fixture.Quiet)
	}()
	before := int64(-1)
	for now := handed.Load(); now != before || now == 0; now = handed.Load() {
		before = now
		time.Sleep(20 * time.Millisecond)
	}
	// No byte has been read, so the accepted rows are in the buffers.
	assert.Less(t, handed.Load(), int64(5_000))
	read, err := io.ReadAll(io.LimitReader(r, 64<<20))
	require.NoError(t, err)
	require.NoError(t, <-done)
	assert.Equal(t, 100_001, bytes.Count(read, []byte("\n")))
}

func TestAClosedReaderStopsTheSyncAtOnce(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, _ = io.ReadFull(r, make([]byte, 1000))
		_ = r.Close()
	}()
	err := stdin.Serve(t.Context(), &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		for id := int64(0); ; id++ {
			if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
				return err
			}
		}
	}}, strings.NewReader(fixture.WithKey), w, fixture.Quiet)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
}

func TestAReaderThatDoesNotReadDoesNotDelayACanceledRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() {
			served <- stdin.Serve(ctx, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				for id := int64(0); ; id++ {
					if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
						return err
					}
				}
			}}, strings.NewReader(fixture.WithKey), w, fixture.Quiet, host.Grace(100*time.Millisecond))
		}()
		synctest.Wait() // until the sync waits for the reader
		began := time.Now()
		cancel()
		err := <-served
		require.Error(t, err)
		assert.Equal(t, connector.Interrupted, connector.KindOf(err))
		assert.Less(t, time.Since(began), time.Second)
		require.NoError(t, r.Close()) // unblocks the write
	})
}

type twoSchemas struct{ fixture.Shop }

func (*twoSchemas) Schema(context.Context) (schema.Schema, error) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	sales, err := schema.New("sales", schema.Table{Name: "people", Columns: id}, schema.Table{Name: "orders", Columns: id})
	staff, err2 := schema.New("staff", schema.Table{Name: "people", Columns: id})
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return schema.Join(sales, staff)
}

func TestTablesOfSeveralSchemasAreDistinguished(t *testing.T) {
	c := &twoSchemas{}
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		require.ErrorContains(t, out.Upsert("people", map[string]any{"id": 1}),
			`table "people" is not in the schema, which has sales.people, orders, staff.people`)
		return errors.Join(
			out.Upsert("sales.people", map[string]any{"id": 1}),
			out.Upsert("staff.people", map[string]any{"id": 2}),
			out.Upsert("orders", map[string]any{"id": 3}),
		)
	}
	lines, err := fixture.Answer(t, c, `{"secrets":{"api_key":"k"},"selection":{"tables":{"staff":{"people":false}}}}`)
	require.NoError(t, err)
	require.Len(t, lines, 4)
	assert.Equal(t, []string{
		`{"type":"RECORD","record":{"sales":{"people":{"id":1}}}}`,
		`{"type":"RECORD","record":{"sales":{"orders":{"id":3}}}}`,
	}, lines[:2])
	assert.Contains(t, lines[2], "1 row was refused and is not delivered")
	assert.Equal(t, `{"type":"STATE","state":{}}`, lines[3])
}
