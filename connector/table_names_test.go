package connector_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// joined is a connector with several schemas.
type joined struct {
	tables []schema.Table
	sync   func(out connector.Emitter) error
}

func (c *joined) Schema(context.Context) (schema.Schema, error) {
	var all []schema.Schema
	for _, table := range c.tables {
		s, err := schema.New(table.Schema, table)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return schema.Join(all...)
}

func (c *joined) Test(context.Context) error { return nil }

func (c *joined) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	return c.sync(out)
}

func tableIn(schemaName, name string) schema.Table {
	table := idTable(name)
	table.Schema = schemaName
	return table
}

// destinations returns the rows of a sync and their tables, as "schema/table id".
func destinations(t *testing.T, selection string, tables []schema.Table, sync func(out connector.Emitter) error) (map[string]bool, error) {
	t.Helper()
	got := map[string]bool{}
	err := syncInto(t.Context(), t, &joined{tables, sync}, selection, slog.DiscardHandler, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			var row struct{ ID json.Number }
			if err := json.Unmarshal(op.Row, &row); err != nil {
				return err
			}
			got[op.Table.Schema+"/"+op.Table.Name+" "+row.ID.String()] = true
		}
		return nil
	})
	return got, err
}

func rowWithID(id string) json.RawMessage { return json.RawMessage(`{"id":` + id + `}`) }

// The schema "hr" has a table "orders", and the schema "public" has a table
// "hr.orders".
func TestAQualifiedNameThatIsAlsoAPlainNameMeansOneTable(t *testing.T) {
	tables := []schema.Table{tableIn("hr", "orders"), tableIn("public", "hr.orders")}
	both := func(out connector.Emitter) error {
		if err := out.Upsert("hr.orders", rowWithID("1")); err != nil {
			return err
		}
		return out.Upsert("public.hr.orders", rowWithID("2"))
	}
	t.Run("rows", func(t *testing.T) {
		if got, err := destinations(t, "", tables, both); err == nil {
			assert.True(t, got["hr/orders 1"] && got["public/hr.orders 2"], "a row is in the wrong table: %v", got)
		}
	})
	t.Run("deselected", func(t *testing.T) {
		if got, err := destinations(t, `{"public":{"hr.orders":false}}`, tables, both); err == nil {
			assert.True(t, got["hr/orders 1"], "the row of the table that is selected is dropped: %v", got)
		}
	})
}

func TestAnAmbiguousNameStaysAmbiguousWhenAThirdTableHasIt(t *testing.T) {
	var before, after error
	got, _ := destinations(t, "", []schema.Table{tableIn("x", "orders"), tableIn("y", "orders")}, func(out connector.Emitter) error {
		before = out.Upsert("orders", rowWithID("1"))
		if err := out.Declare(tableIn("z", "orders")); err != nil {
			return err
		}
		after = out.Upsert("orders", rowWithID("2"))
		return nil
	})
	assert.Error(t, before)
	if after == nil {
		assert.Empty(t, got)
	}
}

// The name "late" means x.late. Once y.late exists, it must still mean x.late or be
// ambiguous.
func TestATableDeclaredLaterDoesNotTakeTheNameOfAnother(t *testing.T) {
	got, _ := destinations(t, "", []schema.Table{tableIn("x", "late"), tableIn("y", "other")}, func(out connector.Emitter) error {
		if err := out.Upsert("late", rowWithID("1")); err != nil {
			return err
		}
		if err := out.Declare(tableIn("y", "late")); err != nil {
			return err
		}
		return errors.Join(out.Upsert("late", rowWithID("2")), out.Upsert("y.late", rowWithID("3")))
	})
	assert.True(t, got["x/late 1"] && got["y/late 3"], "rows with an unambiguous name are in another table: %v", got)
	assert.False(t, got["y/late 2"], "the rows of x.late go to y.late")
}

// declareLate declares a table without a schema name in a source with the named
// schemas. It returns the qualified name of the table.
func declareLate(t *testing.T, schemas ...string) (name string, err error) {
	t.Helper()
	var tables []schema.Table
	for _, s := range schemas {
		tables = append(tables, tableIn(s, "of_"+s))
	}
	err = syncInto(t.Context(), t, &joined{tables, func(out connector.Emitter) error {
		return out.Declare(schema.Table{Name: "late"})
	}}, "", slog.DiscardHandler, func(op *host.Operation) error {
		if op.Kind == host.OpSchemaChange {
			name = op.Table.String()
		}
		return nil
	})
	return name, err
}

func TestATableWithoutASchemaIsRefusedIfTheSourceHasSeveral(t *testing.T) {
	for _, schemas := range [][]string{{"a", "b"}, {"b", "a"}, {"c", "a", "b"}} {
		name, err := declareLate(t, schemas...)
		assert.Error(t, err, "with the schemas %v it is declared as %s", schemas, name)
	}
}

func TestATableWithoutASchemaBelongsToTheOnlySchema(t *testing.T) {
	name, err := declareLate(t, "a")
	require.NoError(t, err)
	assert.Equal(t, "a.late", name)
}
