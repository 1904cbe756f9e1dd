package connector_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// syncOne returns a function that delivers two rows of a table, each followed by a
// checkpoint, and a third row without a checkpoint. It returns the result of end.
func syncOne(name string, end func() error) connector.TableFunc {
	return func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, name, state.Sorted())
		for id := int64(1); id <= 2; id++ {
			if err := out.Upsert(name, map[string]any{"id": id}); err != nil {
				return err
			}
			cursor.Advance(id)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		// No checkpoint covers this row when the function returns.
		if err := out.Upsert(name, map[string]any{"id": 3}); err != nil {
			return err
		}
		cursor.Advance(3)
		return end()
	}
}

func TestATableThatFailsDoesNotStopTheOthers(t *testing.T) {
	forbidden := &connector.Error{Kind: connector.Configuration, Err: errors.New("403 Forbidden")}
	for name, end := range map[string]func() error{
		"error":   func() error { return forbidden },
		"panic":   func() error { panic("index out of range") },
		"goexit":  func() error { runtime.Goexit(); return nil },
		"swallow": func() error { return forbidden },
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b", "c"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				var tables connector.Tables
				tables.Add("a", syncOne("a", func() error { return nil }))
				tables.Add("b", syncOne("b", end))
				tables.Add("c", syncOne("c", func() error { return nil }))
				err := tables.Sync(ctx, st, out)
				require.Error(t, err)
				if name == "swallow" {
					return nil // the state of the failed table must still be held
				}
				return err
			}}
			lines, err := fixture.Answer(t, c, `{}`)
			last := len(lines) - 1
			if name == "swallow" {
				require.NoError(t, err)
				assert.Contains(t, lines[last-1], `"WARNING","message":"table b failed, but the connector continued the sync: 403 Forbidden"`)
			} else {
				require.Error(t, err)
				var failed *connector.TablesError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, 3, failed.Total)
				require.Len(t, failed.Failures, 1)
				assert.Equal(t, "b", failed.Failures[0].Table)
				assert.Contains(t, lines[last], "1 of 3 tables failed: b: ")
				last--
			}
			assert.Equal(t, `{"type":"STATE","state":{"a":{"cursor":3},"b":{"cursor":2},"c":{"cursor":3}}}`, lines[last])
			if name == "error" {
				assert.ErrorIs(t, err, forbidden)
				assert.Equal(t, connector.Configuration, connector.KindOf(err))
			}
		})
	}
}

func TestTablesRunsNoMoreFunctionsThanItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most, calls atomic.Int64
		names := strings.Split("abcdefghij", "")
		c := &fixture.Wide{Names: names, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 3}
			for _, name := range names {
				tables.Add(name, func(context.Context, state.State, connector.Emitter) error {
					most.Store(max(most.Load(), running.Add(1)))
					calls.Add(1)
					time.Sleep(time.Second)
					running.Add(-1)
					return nil
				})
			}
			return tables.Sync(ctx, st, out)
		}}
		_, err := fixture.Answer(t, c, `{}`)
		require.NoError(t, err)
		assert.EqualValues(t, 3, most.Load())
		assert.EqualValues(t, 10, calls.Load())
	})
}

func TestDeselectedTablesAreNotReadAndKeepTheirState(t *testing.T) {
	var called []string
	c := &fixture.Wide{Names: []string{"a", "b", "child"}, Follows: map[string]string{"child": "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(ctx context.Context, st state.State, out connector.Emitter) error {
			called = append(called, "a")
			return syncOne("a", func() error { return nil })(ctx, st, out)
		})
		tables.Add("b", func(ctx context.Context, st state.State, out connector.Emitter) error {
			called = append(called, "b")
			return errors.Join(out.Upsert("child", map[string]any{"id": 1}), syncOne("b", func() error { return nil })(ctx, st, out))
		})
		return tables.Sync(ctx, st, out)
	}}
	lines, err := fixture.Answer(t, c, `{"state":{"b":{"cursor":0}},"selection":{"tables":{"wide":{"a":false,"b":false}}}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, called)
	assert.Equal(t, []string{
		`{"type":"RECORD","record":{"wide":{"child":{"id":1}}}}`,
		`{"type":"STATE","state":{"b":{"cursor":0},"child":{"_follows":{"number":0,"of":"b","position":{"cursor":3}}}}}`,
	}, lines)
}

func TestATableSkippedByACanceledSyncIsNotASeparateFailure(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		ctx, cancel := context.WithCancel(ctx)
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { cancel(); return nil })
		tables.Add("b", func(context.Context, state.State, connector.Emitter) error { t.Error("called"); return nil })
		return tables.Sync(ctx, st, out)
	}}
	_, err := fixture.Answer(t, c, `{}`)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
}

func TestTheEmitterOfATableIsClosedWhenItsFunctionReturns(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		var kept connector.Emitter
		tables.Add("a", func(_ context.Context, _ state.State, out connector.Emitter) error { kept = out; return nil })
		require.NoError(t, tables.Sync(ctx, st, out))
		assert.ErrorIs(t, kept.Upsert("a", map[string]any{"id": 1}), connector.ErrClosed)
		return out.Upsert("a", map[string]any{"id": 2})
	}}
	lines, err := fixture.Answer(t, c, `{}`)
	require.ErrorContains(t, err, "returned while a goroutine was still delivering")
	assert.Contains(t, lines[0], `"id":2`)
	assert.NotContains(t, strings.Join(lines, ""), `"id":1`)
}

func TestDeselectedColumnsAreDropped(t *testing.T) {
	sync := func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.True(t, out.Selected("orders"))
		assert.False(t, out.Selected("carts"))
		return errors.Join(
			out.Upsert("orders", fixture.NewOrder(1)),
			out.Upsert("orders", map[string]any{"id": 2, "email": "x", "extra": 1, "other": 2}),
			out.Upsert("orders", []byte(`{"id":3,"email":"x","extra":1,"other":2}`)),
			out.Upsert("carts", map[string]any{"id": 1}),
			out.Truncate("carts"),
		)
	}
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: sync}, `{"secrets":{"api_key":"k"},"selection":{"tables":{"shop":{
		"orders":{"columns":{"email":false,"id":false,"extra":false,"total":true}},"carts":false,"ghosts":true}}}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"type":"LOG","log":{"level":"WARNING","message":"column id of table shop.orders is part of the primary key: it is delivered although it is deselected"}}`,
		`{"type":"RECORD","record":{"shop":{"orders":{"id":1,"total":"19.90","updated_at":"2026-01-02T03:04:06Z"}}}}`,
		`{"type":"RECORD","record":{"shop":{"orders":{"id":2,"other":2}}}}`,
		`{"type":"RECORD","record":{"shop":{"orders":{"id":3,"other":2}}}}`,
		`{"type":"STATE","state":{}}`,
	}, lines)
}
