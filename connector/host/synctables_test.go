package host_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestATableIsSyncedByOneCallAtATime(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "child"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(connector.Emitter) error {
			assert.ErrorContains(t, out.SyncTables(func(connector.Emitter) error { return nil }, "a"), "table a is already being synced")
			return out.SyncTables(func(connector.Emitter) error { return nil }, "b", "child") // two calls may share a child
		}, "a", "child")
	}}
	_, err := lastStateOf(t, c)
	require.NoError(t, err)
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

func TestAChildOfAFailedTableEndsWithTheFailure(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "child"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.SyncTables(func(out connector.Emitter) error {
				return errors.Join(out.Upsert("child", id(1)), errors.New("403 Forbidden"))
			}, "a", "child"),
			out.SyncTables(func(out connector.Emitter) error { return out.Upsert("child", id(2)) }, "b", "child"))
	}}
	last := map[string]string{}
	_ = fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpTableEnd {
			last[op.Table.Name] = fmt.Sprint(op.Err)
		}
		return nil
	})
	assert.Equal(t, map[string]string{"a": "403 Forbidden", "b": "<nil>", "child": "403 Forbidden"}, last)
}

func TestTheStateOfAFailedTableIsHeldUnderBothItsNames(t *testing.T) {
	for _, named := range []string{"b", "wide.b"} {
		for _, kept := range []string{"b", "wide.b"} {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
				_ = out.SyncTables(func(out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, kept)
					err := out.Upsert("b", id(10))
					cursor.Advance(10)
					return errors.Join(err, errors.New("the source is gone"))
				}, named)
				return nil
			}}
			last, err := lastStateOf(t, c)
			require.NoError(t, err, "the connector ignores the error")
			assert.Equal(t, `{}`, last, "%s, %s", named, kept)
		}
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

func TestATableStillBeingSyncedWhenSyncReturnsIsNotFinished(t *testing.T) {
	var left sync.WaitGroup
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		delivered := make(chan struct{})
		left.Go(func() {
			_ = out.SyncTables(func(out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "b")
				err := out.Upsert("b", id(10))
				cursor.Advance(10)
				close(delivered)
				<-ctx.Done()
				return errors.Join(err, out.Upsert("b", id(5)))
			}, "b")
		})
		<-delivered
		return nil
	}}
	last, err := lastStateOf(t, c)
	left.Wait()
	require.ErrorContains(t, err, "Sync returned while table b was being synced")
	assert.Equal(t, `{}`, last)
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
	require.ErrorContains(t, err, "the sync function of table a returned while a goroutine was still delivering")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Equal(t, `{"a":{"cursor":1}}`, last)
}
