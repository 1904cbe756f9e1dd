package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// declareHomonyms declares a table of another schema for each name.
func declareHomonyms(out connector.Emitter, names ...string) (err error) {
	columns := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	for _, name := range names {
		err = errors.Join(err, out.Declare(schema.Table{Schema: "other", Name: name, Columns: columns}))
	}
	return err
}

// A connector that uses qualified names does not notice that their tables get homonyms
// while it reads them.
func TestATableThatGetsAHomonymIsReadToTheEnd(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b", "c"}, Follows: map[string]string{"c": "a"}}
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		scope := out.Scope("wide.b")
		var tables connector.Tables
		tables.Add("wide.a", func(_ context.Context, st state.State, own connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "wide.a")
			err := errors.Join(own.Upsert("wide.a", id(1)), declareHomonyms(out, "a", "b", "c"), own.Upsert("wide.c", id(2)))
			cursor.Advance(2)
			return errors.Join(err, own.Checkpoint(), scope.Checkpoint())
		})
		return tables.Sync(ctx, st, out)
	}
	last, err := lastStateOf(t, c)
	require.NoError(t, err)
	assert.Equal(t, `{"a":{"_followers":{"number":1,"since":1},"cursor":2},"c":{"_follows":{"number":1,"of":"a"}}}`, last)
}

func TestAFaultOfATableThatGetsAHomonymFailsThatTableAlone(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}}
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("wide.a", func(_ context.Context, st state.State, own connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "wide.a", state.Sorted())
			err := declareHomonyms(out, "a")
			cursor.Advance(7)
			cursor.Advance(2)
			return err
		})
		tables.Add("wide.b", func(_ context.Context, st state.State, own connector.Emitter) error {
			state.NewCursor[int64](st, "wide.b").Advance(3)
			return own.Upsert("wide.b", id(2))
		})
		return tables.Sync(ctx, st, out)
	}
	last, err := lastStateOf(t, c)
	require.ErrorContains(t, err, "1 of 2 tables failed: wide.a: state: table wide.a: the rows are not sorted")
	assert.Equal(t, `{"wide.b":{"cursor":3}}`, last)
}

func TestATableIsNotSyncedTwiceAtATimeUnderItsTwoNames(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return nil }, "wide.a")
		}, "a")
	}}
	_, err := lastStateOf(t, c)
	require.ErrorContains(t, err, "table a is already being synced")
}
