package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestASelectionHasDefaultsForNamesThatItDoesNotList(t *testing.T) {
	named := map[string]host.TableSelection{
		"orders": {Columns: map[string]bool{"email": false, "id": true}},
		"few":    {OnlyNamed: true, Columns: map[string]bool{"id": true}},
		"carts":  {Excluded: true, Columns: map[string]bool{"id": true}},
	}
	for name, c := range map[string]struct {
		selection host.Selection
		tables    map[string]bool // by name in schema shop
		columns   map[string]bool // by table.column
	}{
		"everything": {host.Selection{}, map[string]bool{"orders": true, "new": true}, map[string]bool{"orders.email": true, "new.x": true}},
		"some": {host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: named}}},
			map[string]bool{"orders": true, "few": true, "carts": false, "new": true},
			map[string]bool{"orders.email": false, "orders.new": true, "few.id": true, "few.new": false, "carts.id": false, "new.x": true}},
		"only named tables": {host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: named, OnlyNamed: true}}},
			map[string]bool{"orders": true, "carts": false, "new": false}, map[string]bool{"orders.new": true, "new.x": false}},
		"only named schemas": {host.Selection{OnlyNamed: true, Schemas: map[string]host.SchemaSelection{"other": {}}},
			map[string]bool{"orders": false, "new": false}, map[string]bool{"orders.id": false}},
		"an excluded schema": {host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: named, Excluded: true}}},
			map[string]bool{"orders": false, "new": false}, map[string]bool{"orders.id": false}},
	} {
		t.Run(name, func(t *testing.T) {
			for table, want := range c.tables {
				assert.Equal(t, want, c.selection.WantsTable("shop", table), table)
			}
			for column, want := range c.columns {
				for i := range column {
					if column[i] == '.' {
						assert.Equal(t, want, c.selection.WantsColumn("shop", column[:i], column[i+1:]), column)
					}
				}
			}
		})
	}
}

func TestTheDefaultsSelectATableThatAppearsDuringASync(t *testing.T) {
	sync := func(_ context.Context, _ state.State, out connector.Emitter) error {
		for _, name := range []string{"new", "old"} {
			err := out.Declare(schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
			if err = errors.Join(err, out.Upsert(name, map[string]any{"id": 1, "email": "x"})); err != nil {
				return err
			}
		}
		return nil
	}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: sync}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {OnlyNamed: true, Tables: map[string]host.TableSelection{"old": {OnlyNamed: true}}},
	}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"schema change old", "table begin old", `upsert old {"id":1}`, "checkpoint old={} shared={}", "table end old"}, got,
		"the primary key is always delivered")
}

func TestSelectOnlyExcludesTablesThatThePlatformDidNotList(t *testing.T) {
	id := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}, {Name: "email", Type: schema.TypeString}}
	sales, err := schema.New("sales", schema.Table{Name: "orders", Columns: id}, schema.Table{Name: "people", Columns: id})
	require.NoError(t, err)
	staff, err := schema.New("staff", schema.Table{Name: "people", Columns: id})
	require.NoError(t, err)
	known, err := schema.Join(sales, staff)
	require.NoError(t, err)
	selection, unknown := host.SelectOnly(known,
		host.TableChoice{Table: "orders", Columns: []string{"total"}},
		host.TableChoice{Schema: "staff", Table: "people"},
		host.TableChoice{Table: "people"},
		host.TableChoice{Schema: "sales", Table: "gone"},
	)
	assert.Equal(t, []host.TableChoice{{Table: "people"}, {Schema: "sales", Table: "gone"}}, unknown, "an ambiguous name and an unknown one")
	assert.True(t, selection.WantsTable("sales", "orders"))
	assert.True(t, selection.WantsColumn("sales", "orders", "total"))
	assert.True(t, selection.WantsColumn("sales", "orders", "id"), "the primary key")
	assert.False(t, selection.WantsColumn("sales", "orders", "email"))
	assert.True(t, selection.WantsColumn("sales", "orders", "undeclared"))
	assert.True(t, selection.WantsColumn("staff", "people", "new"))
	assert.False(t, selection.WantsTable("sales", "people"))
	assert.False(t, selection.WantsTable("other", "new"))
}
