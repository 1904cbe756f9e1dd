package host_test

import (
	"context"
	"errors"
	"fmt"
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

func TestRowsThatDoNotFitAreRefused(t *testing.T) {
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
		"not a row": {func(out connector.Emitter) error { return out.Upsert("orders", 5) },
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

func TestRefusedRowsThatTheConnectorIgnoresAreReported(t *testing.T) {
	for count, want := range map[int]string{
		1: "1 row was refused and is not delivered: table shop.orders, column id",
		2: "2 rows were refused and are not delivered; the first: table shop.orders, column id",
	} {
		lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			for range count {
				_ = out.Upsert("orders", map[string]any{"total": "1"})
			}
			return out.Upsert("orders", fixture.NewOrder(1))
		}}, fixture.WithKey)
		require.NoError(t, err)
		require.Len(t, lines, 3)
		assert.Contains(t, lines[1], want)
	}
}

// Whatever the reason, a row that is not delivered is reported.
func TestEveryRefusedRowWhoseErrorTheConnectorIgnoresIsReported(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		ignoring := func(out connector.Emitter) error {
			for i := int64(1); i <= 3; i++ {
				if err := out.Upsert("a", id(i)); err != nil {
					return err
				}
				_ = out.Update("a", id(i))
				_ = out.Upsert("typo", id(i))
				_ = out.Delete("typo", id(i))
				if err := errors.Join(st.Table("a").Set("n", i), out.Checkpoint()); err != nil {
					return err
				}
			}
			return nil
		}
		_ = out.Upsert("other typo", id(1))
		return out.SyncTables(ignoring, "a")
	}}
	var got []*host.RefusedRows
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{WholeRows: true}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			require.NotNil(t, op.Refused, op.Message)
			assert.Equal(t, op.Refused.String(), op.Message)
			got = append(got, op.Refused)
		}
		return nil
	}))
	require.Len(t, got, 3)
	for i, want := range []host.RefusedRows{
		{Table: got[0].Table, Count: 3, First: "table wide.a: the platform does not accept partial rows; deliver whole rows with Upsert if TakesUpdates reports false"},
		{Table: &schema.Table{Name: "other typo"}, Count: 1, First: `table "other typo" is not in the schema, which has a`},
		{Table: &schema.Table{Name: "typo"}, Count: 6, First: `table "typo" is not in the schema, which has a`},
	} {
		assert.Equal(t, want, *got[i])
	}
	assert.Equal(t, "wide.a", got[0].Table.String())
	assert.Equal(t, "typo", got[2].Table.String())
}

// The state of a table may cover a refused row although the sync does not succeed.
func TestARefusedRowIsReportedHoweverTheSyncEnds(t *testing.T) {
	refuse := func(_ context.Context, st state.State, out connector.Emitter) error {
		_ = out.Upsert("a", map[string]any{"id": "one"})
		return errors.Join(out.Upsert("a", id(2)), st.Table("a").Set("n", 2), out.Checkpoint())
	}
	untilDone := func(ctx context.Context, st state.State, out connector.Emitter) error {
		err := refuse(ctx, st, out)
		<-ctx.Done()
		return errors.Join(err, context.Cause(ctx))
	}
	for name, test := range map[string]struct {
		read    connector.TableFunc // of the table a
		failure error               // of the table b
		end     func(cancel func()) host.SyncRequest
		want    string
	}{
		"another table fails": {refuse, errors.New("b is down"), func(func()) host.SyncRequest { return host.SyncRequest{} }, "1 of 2 tables failed: b: b is down"},
		"it ends early": {untilDone, nil, func(func()) host.SyncRequest {
			end := make(chan struct{})
			time.AfterFunc(20*time.Millisecond, func() { close(end) })
			return host.SyncRequest{End: end}
		}, ""},
		"it is told to end": {untilDone, nil, func(cancel func()) host.SyncRequest {
			time.AfterFunc(20*time.Millisecond, cancel)
			return host.SyncRequest{}
		}, "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				var tables connector.Tables
				tables.Add("a", test.read)
				tables.Add("b", func(context.Context, state.State, connector.Emitter) error { return test.failure })
				return tables.Sync(ctx, st, out)
			}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var w batchWriter
			run := host.New(ctx, c, fixture.Quiet)
			err := errors.Join(run.Sync(test.end(cancel), &w), run.Close())
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
			texts := w.texts()
			assert.Equal(t, `checkpoint {"a":{"n":2}}`, texts[len(texts)-1])
			require.Len(t, beginning(texts, "warning"), 1)
			assert.Contains(t, beginning(texts, "warning")[0], "1 row was refused and is not delivered: table wide.a, column id")
		})
	}
}

func TestARefusedRowWhoseErrorTheConnectorReturnsIsReportedOnce(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", map[string]any{"id": "one"})
	}}
	var w batchWriter
	require.ErrorContains(t, w.sync(t, c, host.SyncRequest{}), "table wide.a, column id")
	assert.Empty(t, beginning(w.texts(), "warning"))
}

func TestRowsOfManyUnknownTablesAreCounted(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		for i := range 1000 {
			_ = out.Upsert(fmt.Sprint("typo", i), id(1))
		}
		return nil
	}}
	var warnings, rows int64
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings++
			rows += op.Refused.Count
		}
		return nil
	}))
	assert.EqualValues(t, 100, warnings)
	assert.EqualValues(t, 1000, rows)
}

// The row of a deselected table would not be delivered in any case.
func TestAPartialRowOfADeselectedTableIsNotReported(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Update("a", id(1))
	}}
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"a": {Excluded: true}}}}}
	got, err := steps(t, c, host.SyncRequest{WholeRows: true, Selection: selection})
	require.NoError(t, err)
	assert.NotContains(t, fmt.Sprint(got), "refused")
}

func TestAnUpdateIsAnErrorIfThePlatformAcceptsOnlyWholeRows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.False(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}}
	got, err := steps(t, c, host.SyncRequest{WholeRows: true})
	require.ErrorContains(t, err, "table wide.a: the platform does not accept partial rows")
	assert.NotContains(t, fmt.Sprint(got), "up")
	c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.True(t, out.TakesUpdates())
		return out.Update("a", id(1))
	}
	got, err = steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Contains(t, got, `update a {"id":1}`)
}
