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
	"github.com/penstock-sdk/penstock/state"
)

func TestTablesBeginAndEndAroundTheirRows(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "c", "d"}, Follows: map[string]string{"b": "a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(_ context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("a", id(1)), st.Table("a").Set("n", 1), out.Upsert("b", id(1)))
		})
		tables.Add("c", func(context.Context, state.State, connector.Emitter) error { return errors.New("403 Forbidden") })
		return errors.Join(tables.Sync(ctx, st, out), out.Upsert("d", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, []string{
		"table begin a", "table begin b",
		`upsert a {"id":1}`, `upsert b {"id":1}`,
		`checkpoint a={"a":{"_followers":{"passed":{"hashes":"x26oQpq5"}},"n":1}} b={"b":{"_follows":{"of":"a","position":{"n":1},"passed":{"hashes":"x26oQpq5"}}}} c={} d={} shared={}`,
		"table end a", "table end b",
		"table begin c", "table end c 403 Forbidden",
		"table begin d", `upsert d {"id":1}`, "table end d the sync ended before the table was read to the end",
		"checkpoint (a) (b) (c) (d)",
	}, got)
}

func TestATableWithoutRowsBeginsAndEndsWhenTheSyncSucceeds(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(context.Context, state.State, connector.Emitter) error { return nil }}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {Tables: map[string]host.TableSelection{"b": {Excluded: true}}},
	}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "checkpoint a={} shared={}", "table end a"}, got)
	c.OnSync = func(context.Context, state.State, connector.Emitter) error { return errors.New("the source is gone") }
	got, err = steps(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, []string{"checkpoint a={} b={} shared={}"}, got, "a table that was not read has not failed")
}

func TestATableThatIsReadAgainBeginsAgain(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(context.Context, state.State, connector.Emitter) error { return nil })
		return errors.Join(tables.Sync(ctx, st, out), out.Upsert("a", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{})
	require.NoError(t, err)
	assert.Equal(t, []string{"table begin a", "checkpoint a={} shared={}", "table end a", "table begin a", `upsert a {"id":1}`, "checkpoint (a)", "table end a"}, got)
}

func TestTheEndOfATableFollowsTheCheckpointThatCoversIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		for _, name := range []string{"a", "b"} {
			tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				return errors.Join(out.Upsert(name, id(1)), st.Table(name).Set("n", 1))
			})
		}
		return tables.Sync(ctx, st, out)
	}}
	var got []string
	write := func(op *host.Operation) error {
		got = append(got, fmt.Sprint(op.Kind, " ", string(op.State)))
		return nil
	}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, write, host.CheckpointEvery(time.Hour, 1000)))
	assert.Equal(t, []string{
		"table begin ", "upsert ", "table begin ", "upsert ",
		`checkpoint {"a":{"n":1},"b":{"n":1}}`, "table end ", "table end ",
	}, got)
}

func TestATableWhoseStateIsRefusedEndsWithAnError(t *testing.T) {
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("orders", fixture.NewOrder(1)), st.Table("orders").Set("next", "?key=key-0123456789"))
	}}
	var ends []string
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		assert.NotEqual(t, host.OpCheckpoint, op.Kind)
		if op.Kind == host.OpTableEnd {
			ends = append(ends, fmt.Sprint(op.Table, ": ", op.Err))
		}
		return nil
	})
	require.ErrorContains(t, err, "it would contain a secret")
	require.Len(t, ends, 2)
	assert.Contains(t, ends[0], "shop.orders: state: it would contain a secret")
}
