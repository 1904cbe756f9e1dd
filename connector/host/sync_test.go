package host_test

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
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestACheckpointNeverCoversARowThatWasNotHandedOverBefore(t *testing.T) {
	tables := []string{"a", "b", "c", "d"}
	const rows = 3000
	c := &fixture.Wide{Names: tables, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		group := connector.Tables{Parallel: len(tables)}
		for _, name := range tables {
			group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, name, state.Sorted())
				for id := int64(1); id <= rows; id++ {
					// The wrong way round on purpose: others must not save it.
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

func TestTablesInParallelWriteWholeLines(t *testing.T) {
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

func TestRowsThatDoNotFitAreRefusedAndNotDelivered(t *testing.T) {
	for name, c := range map[string]struct {
		emit func(connector.Emitter) error
		want string
	}{
		"unknown table": {func(out connector.Emitter) error { return out.Upsert("ordres", fixture.NewOrder(1)) },
			`table "ordres" is not in the schema, which has orders, carts`},
		"missing key": {func(out connector.Emitter) error { return out.Upsert("orders", map[string]any{"total": "1"}) },
			"table shop.orders, column id: got no value"},
		"null key": {func(out connector.Emitter) error { return out.Delete("orders", []byte(`{"id":null}`)) },
			"table shop.orders, column id: got null"},
		"misfit": {func(out connector.Emitter) error { return out.Update("orders", map[string]any{"id": 1, "total": true}) },
			"table shop.orders, column total: want DECIMAL, got bool"},
		"no row": {func(out connector.Emitter) error { return out.Upsert("orders", 5) },
			"table shop.orders: got int: a row must be a struct"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				return c.emit(out)
			}}, fixture.WithKey)
			require.ErrorContains(t, err, c.want)
			require.Len(t, lines, 2)
			assert.Contains(t, lines[0], "STATE")
			assert.Equal(t, connector.Defect, connector.KindOf(err))
		})
	}
}

func TestRefusedRowsThatTheConnectorPassesOverAreReported(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		_ = out.Upsert("orders", map[string]any{"total": "1"})
		_ = out.Upsert("orders", map[string]any{"total": "2"})
		return out.Upsert("orders", fixture.NewOrder(1))
	}}, fixture.WithKey)
	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.Contains(t, lines[1], "2 rows were refused and are not delivered; the first: table shop.orders, column id")
}

func TestWritesAfterSyncReturnedAreRefused(t *testing.T) {
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

func TestALateWriterIsRefusedWhileTheSyncEnds(t *testing.T) {
	stop := make(chan struct{})
	var late sync.WaitGroup
	var refused atomic.Bool
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		late.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := out.Upsert("orders", fixture.NewOrder(1)); err != nil {
						refused.Store(true)
					}
				}
			}
		})
		time.Sleep(time.Millisecond)
		return nil
	}}, fixture.WithKey)
	require.NoError(t, err)
	assert.Contains(t, lines[len(lines)-1], "STATE")
	time.Sleep(time.Millisecond)
	close(stop)
	late.Wait()
	assert.True(t, refused.Load())
}

func TestAFailedSyncEndsWithAStateWhateverCameBefore(t *testing.T) {
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

func TestASourceThatIsNotSortedAsItSaidTakesTheStateBack(t *testing.T) {
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
	assert.Equal(t, `{"type":"STATE","state":{}}`, fixture.LastState(lines), "what the sync began with: nothing in between can be trusted")
}

func TestATableFoundOnTheWayCanBeDeclared(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		require.Error(t, out.Upsert("refunds", map[string]any{"id": 1}))
		require.Error(t, out.Declare(schema.Table{Name: "refunds", Columns: []schema.Column{{Name: "id"}}}))
		require.NoError(t, out.Declare(schema.Table{Name: "refunds", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}))
		return out.Upsert("refunds", map[string]any{"id": 1})
	}}, fixture.WithKey)
	require.NoError(t, err)
	assert.Equal(t, `{"type":"RECORD","record":{"shop":{"refunds":{"id":1}}}}`, lines[0])
}

func TestACancelledSyncEndsInVirtualTimeWithItsLastState(t *testing.T) {
	for name, c := range map[string]struct {
		grace time.Duration
		wait  func(context.Context, connector.Emitter) error
		takes time.Duration
	}{
		"watches its context": {time.Second, func(ctx context.Context, _ connector.Emitter) error { <-ctx.Done(); return ctx.Err() }, 0},
		"watches the emitter": {time.Second, func(_ context.Context, out connector.Emitter) error {
			for {
				if err := out.Upsert("carts", map[string]any{"id": 1}); err != nil {
					return err
				}
				time.Sleep(10 * time.Millisecond)
			}
		}, 10 * time.Millisecond},
		"swallows the error": {time.Second, func(ctx context.Context, _ connector.Emitter) error { <-ctx.Done(); return nil }, 0},
		"watches nothing":    {time.Second, func(context.Context, connector.Emitter) error { time.Sleep(time.Hour); return nil }, time.Second},
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
				time.Sleep(2 * time.Hour) // who watches nothing has to end before the bubble does
			})
		})
	}
}

func TestASlowReaderSlowsTheSyncDownAndMemoryStays(t *testing.T) {
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
	// Nobody has read a byte: what is handed over is what the buffers hold.
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

func TestAStuckReaderDoesNotHoldACancelledRun(t *testing.T) {
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	err := stdin.Serve(ctx, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		for id := int64(0); ; id++ {
			if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
				return err
			}
		}
	}}, strings.NewReader(fixture.WithKey), w, fixture.Quiet, host.Grace(100*time.Millisecond))
	require.Error(t, err)
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
	assert.Less(t, time.Since(began), time.Second)
	require.NoError(t, r.Close()) // frees the write that was stuck
}

// A lifecycle records in which order its methods are called.
type lifecycle struct {
	fixture.Shop
	fail  string
	calls []string
}

func (l *lifecycle) call(name string) error {
	l.calls = append(l.calls, name)
	if l.fail == name {
		return errors.New(name + " failed")
	}
	return nil
}
func (l *lifecycle) Open(context.Context) error { return l.call("open") }
func (l *lifecycle) Close() error               { return l.call("close") }
func (l *lifecycle) Test(context.Context) error { return l.call("test") }
func (l *lifecycle) Sync(context.Context, state.State, connector.Emitter) error {
	return l.call("sync")
}

func TestOpenAndCloseEmbraceARun(t *testing.T) {
	for fail, want := range map[string]string{
		"":      "[open sync close]",
		"open":  "[open]",
		"sync":  "[open sync close]",
		"close": "[open sync close]",
	} {
		l := &lifecycle{fail: fail}
		err := fixture.Sync(t, l, host.SyncRequest{}, fixture.Discard, fixture.Quiet)
		assert.Equal(t, want, fmt.Sprint(l.calls), fail)
		if fail == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, fail+" failed")
		}
	}
}

type migrating struct{ fixture.Shop }

func (m *migrating) StateMigrations() []state.Migration {
	return []state.Migration{func(old map[string]json.RawMessage) error {
		old["orders"] = json.RawMessage(`{"cursor":` + string(old["last_id"]) + `}`)
		delete(old, "last_id")
		return nil
	}}
}

func TestAnOlderStateIsMigrated(t *testing.T) {
	m := &migrating{}
	m.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error {
		assert.EqualValues(t, 7, state.NewCursor[int64](st, "orders").Start())
		return nil
	}
	lines, err := fixture.Answer(t, m, `{"secrets":{"api_key":"k"},"state":{"last_id":7}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"type":"STATE","state":{"orders":{"cursor":7},"_version":1}}`}, lines)
	lines, err = fixture.Answer(t, m, `{"secrets":{"api_key":"k"},"state":{"_version":2}}`)
	require.Error(t, err)
	assert.Contains(t, lines[0], "run the newer connector")
}

func TestProgressIsLoggedPerTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		err := fixture.Sync(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			for id := range int64(100) {
				require.NoError(t, out.Upsert("orders", fixture.NewOrder(id)))
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}}, host.SyncRequest{}, fixture.Discard,
			host.LogTo(slog.NewTextHandler(&log, nil)), host.ProgressEvery(3050*time.Millisecond))
		require.NoError(t, err)
		assert.Contains(t, log.String(), "msg=syncing table=shop.orders rows=31 rows_per_second=10")
		assert.Contains(t, log.String(), `msg="table synced" table=shop.orders upserts=100`)
	})
}

func TestARunLeavesTheConnectorItWasGivenAlone(t *testing.T) {
	c := &fixture.Shop{}
	_, err := fixture.Answer(t, c, fixture.WithKey)
	require.NoError(t, err)
	assert.Empty(t, c.APIKey)
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

func TestTablesOfSeveralSchemasAreTold(t *testing.T) {
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
	assert.Equal(t, []string{
		`{"type":"RECORD","record":{"sales":{"people":{"id":1}}}}`,
		`{"type":"RECORD","record":{"sales":{"orders":{"id":3}}}}`,
		`{"type":"STATE","state":{}}`,
	}, lines)
}
