package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// Otherwise, a table whose call of Add was deleted would look like an empty one.
func TestTheUserIsWarnedOfATableThatNoFunctionReads(t *testing.T) {
	const a, b = "no function of the connector reads table wide.a: add it with Tables.Add", "no function of the connector reads table wide.b: add it with Tables.Add"
	const item = "no function of the connector reads table wide.item: add table wide.b, which it follows, with Tables.Add"
	nothing := func(context.Context, state.State, connector.Emitter) error { return nil }
	with := func(names ...string) fixture.SyncFunc {
		return func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			for _, name := range names {
				tables.Add(name, nothing)
			}
			return tables.Sync(ctx, st, out)
		}
	}
	first := func(then func(st state.State, out connector.Emitter) error) fixture.SyncFunc {
		return func(ctx context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(with("a")(ctx, st, out), then(st, out))
		}
	}
	without := func(names ...string) host.Selection {
		tables := map[string]host.TableSelection{}
		for _, name := range names {
			tables[name] = host.TableSelection{Excluded: true}
		}
		return host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: tables}}}
	}
	for name, test := range map[string]struct {
		selection host.Selection
		sync      fixture.SyncFunc
		want      []string
	}{
		"one is not added": {sync: with("a"), want: []string{b}},
		"the other one":    {sync: with("b"), want: []string{a}},
		"both are added":   {sync: with("a", "b")},
		"a function of two": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return nil }, "a", "b")
		}},
		"Sync reads the tables":         {sync: nothing},
		"Sync delivers a row":           {sync: first(func(_ state.State, out connector.Emitter) error { return out.Upsert("b", id(1)) })},
		"Sync reads another table":      {sync: first(func(_ state.State, out connector.Emitter) error { return out.Upsert("item", id(1)) })},
		"Sync truncates":                {sync: first(func(_ state.State, out connector.Emitter) error { return out.Truncate("b") })},
		"Sync creates a cursor":         {sync: first(func(st state.State, _ connector.Emitter) error { state.NewCursor[int64](st, "b"); return nil })},
		"Sync has a scope":              {sync: first(func(_ state.State, out connector.Emitter) error { return out.Scope("b").Checkpoint() })},
		"a position is shared":          {sync: first(func(st state.State, _ connector.Emitter) error { st.Shared(); return nil })},
		"Tables has no functions":       {sync: with()},
		"the table is deselected":       {selection: without("b", "item"), sync: with("a")},
		"only its follower is selected": {selection: without("b"), sync: with("a"), want: []string{item}},
		"it is added for its follower":  {selection: without("b"), sync: with("a", "b")},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b", "item"}, Follows: map[string]string{"item": "b"}, OnSync: test.sync}
			got, _ := warningsOf(t, c, host.SyncRequest{Selection: test.selection})
			assert.Equal(t, test.want, got)
		})
	}
}
