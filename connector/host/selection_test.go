package host_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/growth"
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
		"other schemas": {host.Selection{Schemas: map[string]host.SchemaSelection{"archive": {Excluded: true}}, Others: &host.SchemaSelection{Tables: named, OnlyNamed: true}},
			map[string]bool{"orders": true, "carts": false, "new": false}, map[string]bool{"orders.new": true, "few.new": false}},
		"other schemas than the only one": {host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: named}}, Others: &host.SchemaSelection{Excluded: true}},
			map[string]bool{"orders": true, "new": true}, map[string]bool{"orders.new": true}},
		"only named schemas, not others": {host.Selection{OnlyNamed: true, Others: &host.SchemaSelection{Tables: named}},
			map[string]bool{"orders": false}, map[string]bool{"orders.id": false}},
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

func TestSelectedColumnsAreThoseThatAreDelivered(t *testing.T) {
	columns := []schema.Column{{Name: "email", Type: schema.TypeString}, {Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}}
	for name, c := range map[string]struct {
		selection host.TableSelection
		want      []string
	}{
		"everything":     {host.TableSelection{}, []string{"email", "id", "total"}},
		"not the key":    {host.TableSelection{Columns: map[string]bool{"id": false, "email": false}}, []string{"id", "total"}},
		"only the total": {host.TableSelection{OnlyNamed: true, Columns: map[string]bool{"total": true, "gone": true}}, []string{"id", "total"}},
		"not the table":  {host.TableSelection{Excluded: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			var unknown error
			c2 := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) (err error) {
				if err := out.Declare(schema.Table{Name: "new", Columns: columns}); err != nil {
					return err
				}
				_, unknown = out.SelectedColumns("nwe")
				got, err = out.SelectedColumns("new")
				if err != nil || got == nil {
					return err
				}
				row, err := schema.NewRow(&schema.Table{Schema: "wide", Name: "new", Columns: columns}, got...)
				if err != nil {
					return err
				}
				for _, column := range got {
					row.Value(map[string]any{"email": "e", "id": 1, "total": schema.Decimal("2.0")}[column])
				}
				return errors.Join(out.Upsert("wide.new", row), out.Delete("new", row))
			}}
			ops, err := steps(t, c2, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"new": c.selection}}}}})
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			var misspelt *schema.NameError
			assert.ErrorAs(t, unknown, &misspelt)
			if got != nil {
				assert.Contains(t, ops, `delete new {"id":1}`)
			}
		})
	}
}

func TestTheTimeForSelectOnlyIsLinearInTheNumberOfColumns(t *testing.T) {
	growth.AssertLinear(t, 1000, func(columns int) func() {
		table, choice := schema.Table{Name: "wide"}, host.TableChoice{Table: "wide"}
		for n := range columns {
			name := fmt.Sprintf("column%06d", n)
			table.Columns = append(table.Columns, schema.Column{Name: name, Type: schema.TypeLong})
			choice.Columns = append(choice.Columns, name)
		}
		known, err := schema.New("shop", table)
		require.NoError(t, err)
		return func() { host.SelectOnly(known, choice) }
	})
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

func TestATableThatAppearsDuringASyncIsReportedIfTheUserCouldNotChooseIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		var all error
		for _, name := range []string{"new", "b", "new"} {
			declared := schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
			all = errors.Join(all, out.Declare(declared), out.Upsert(name, map[string]any{"id": 1}))
		}
		return all
	}}
	known, err := c.Schema(t.Context())
	require.NoError(t, err)
	selection, _ := host.SelectOnly(known, host.TableChoice{Table: "a"})
	var warnings []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{Selection: selection}, func(op *host.Operation) error {
		assert.NotEqual(t, host.OpUpsert, op.Kind)
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	}))
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "table wide.new was found during the sync")
}

func TestAReservedColumnThatATableDoesNotDeclareIsReportedAndNotDelivered(t *testing.T) {
	id := schema.Column{Name: "id", Type: schema.TypeLong, PrimaryKey: true}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.Upsert("a", map[string]any{"id": 1, "mark": 1, "rest": 1}), out.Upsert("a", []byte(`{"id":2,"MARK":1}`)),
			out.Upsert("a", struct {
				ID   int `json:"id"`
				Mark int
			}{3, 1}),
			out.Declare(schema.Table{Name: "a", Columns: []schema.Column{id, {Name: "Mark", Type: schema.TypeLong}}}), out.Upsert("a", []byte(`{"id":4,"Mark":1}`)))
	}}
	var rows, warnings []string
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"a": {Reserved: []string{"mark", "other"}}}}}}
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{Selection: selection}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			rows = append(rows, string(op.Row))
		case host.OpWarning:
			warnings = append(warnings, op.Message)
		}
		return nil
	}))
	assert.Equal(t, []string{`{"id":1,"rest":1}`, `{"id":2}`, `{"id":3}`, `{"id":4,"Mark":1}`}, rows)
	require.Len(t, warnings, 3)
	for i, column := range []string{"mark", "MARK", "Mark"} {
		assert.Contains(t, warnings[i], "table wide.a: the column "+column+" is not delivered, because the host adds its own column with this name")
	}
}
