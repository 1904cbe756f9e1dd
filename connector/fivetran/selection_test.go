package fivetran_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// deliversAll returns a connector that delivers a row of each table, with a column that no
// table declares, and a row of a table that it declares during the sync.
func deliversAll(tables ...*schema.Table) *scripted {
	return &scripted{tables: tables, sync: func(_ context.Context, out connector.Emitter) error {
		late := *tables[0]
		late.Name = "late"
		if err := out.Declare(late); err != nil {
			return err
		}
		for _, t := range append(slices.Clone(tables), &late) {
			if err := out.Upsert(t.String(), map[string]any{"id": 1, "text": "a", "extra": true}); err != nil {
				return err
			}
		}
		return nil
	}}
}

// delivered returns the tables and columns of the records of a sync, as one sorted text.
func delivered(t *testing.T, c *scripted, sel *protocol.Selection) (string, error) {
	t.Helper()
	stream, err := served(t, c, fivetran.PartnerSDK).update(t.Context(), &protocol.UpdateRequest{Selection: sel})
	require.NoError(t, err)
	seen := map[string]bool{}
	err = stream.rest(t, func(m *protocol.UpdateResponse) {
		for _, raw := range m.Records {
			var r protocol.Record
			require.NoError(t, r.Parse(raw))
			name := strings.TrimPrefix(r.Schema+"."+r.Table, ".")
			for _, v := range r.Values {
				seen[name+"."+v.Name] = true
			}
		}
	})
	return strings.Join(slices.Sorted(maps.Keys(seen)), " "), err
}

func TestTheSelectionDecidesWhichTablesAndColumnsAreDelivered(t *testing.T) {
	t.Parallel()
	more, archive := notes(), notes()
	more.Name, archive.Schema = "more", "archive"
	one, several := []*schema.Table{notes(), more}, []*schema.Table{notes(), archive}
	table := func(name string, included, newColumns bool, columns map[string]bool) protocol.TableSelection {
		return protocol.TableSelection{Name: name, Included: included, IncludeNewColumns: newColumns, Columns: columns}
	}
	inOne := func(newTables bool, tables ...protocol.TableSelection) *protocol.Selection {
		return &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{Tables: tables, IncludeNewTables: newTables}}
	}
	inSeveral := func(newSchemas bool, schemas ...protocol.SchemaSelection) *protocol.Selection {
		return &protocol.Selection{WithSchema: &protocol.TablesWithSchema{Schemas: schemas, IncludeNewSchemas: newSchemas}}
	}
	const lateAll, moreAll, notesAll = "late.extra late.id late.text", "more.extra more.id more.text", "notes.extra notes.id notes.text"
	tests := []struct {
		name      string
		tables    []*schema.Table
		selection *protocol.Selection
		want      string
	}{
		{"no selection", one, nil, lateAll + " " + moreAll + " " + notesAll},
		{"an empty selection", one, &protocol.Selection{}, lateAll + " " + moreAll + " " + notesAll},
		{"nothing", one, inOne(false), ""},
		{"a table", one, inOne(false, table("notes", true, true, nil)), notesAll},
		{"all but a table", one, inOne(true, table("notes", false, true, nil)), lateAll + " " + moreAll},
		{"without new columns", one, inOne(false, table("notes", true, false, map[string]bool{"text": true})), "notes.id notes.text"},
		{"without a column", one, inOne(false, table("notes", true, true, map[string]bool{"text": false})), "notes.extra notes.id"},
		{"a primary key cannot be deselected", one, inOne(false, table("notes", true, false, map[string]bool{"id": false, "extra": true})), "notes.extra notes.id"},
		{"a schema", several, inSeveral(false, protocol.SchemaSelection{Name: "archive", Included: true, IncludeNewTables: true}), "archive.notes.extra archive.notes.id archive.notes.text"},
		{"all but a schema", several, inSeveral(true, protocol.SchemaSelection{Name: "shop"}), "archive.notes.extra archive.notes.id archive.notes.text"},
		{"a table of a schema", several, inSeveral(false, protocol.SchemaSelection{Name: "shop", Included: true, Tables: []protocol.TableSelection{table("late", true, false, nil)}}), "shop.late.id"},
		{"by schema although there is one", one, inSeveral(false, protocol.SchemaSelection{Name: "shop", Included: true, Tables: []protocol.TableSelection{table("notes", true, true, nil)}}), notesAll},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := delivered(t, deliversAll(test.tables...), test.selection)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
	// A source that knows no table before a sync.
	for _, newTables := range []bool{true, false} {
		late := notes()
		late.Name = "late"
		source := &scripted{sync: func(_ context.Context, out connector.Emitter) error {
			if err := out.Declare(*late); err != nil {
				return err
			}
			return out.Upsert("late", map[string]any{"id": 1, "text": "a", "extra": true})
		}}
		got, err := delivered(t, source, inOne(newTables, table("notes", false, true, nil), table("late", true, true, map[string]bool{"text": false})))
		require.NoError(t, err)
		assert.Equal(t, "late.extra late.id", got)
	}
	_, err := delivered(t, deliversAll(several...), inOne(true))
	wantStatus(t, err, codes.InvalidArgument, "it names no schema, but the source has several")
}

func TestASelectionWithoutATableOfTheSourceIsAWarning(t *testing.T) {
	t.Parallel()
	archive, more := notes(), notes()
	archive.Schema, more.Name = "archive", "more"
	one, several := []*schema.Table{notes(), more}, []*schema.Table{notes(), archive}
	schemas := func(schemas ...protocol.SchemaSelection) *protocol.Selection {
		return &protocol.Selection{WithSchema: &protocol.TablesWithSchema{Schemas: schemas}}
	}
	const nothing = "no table of the source is selected, so the rows of its tables are not delivered: "
	for _, test := range []struct {
		name      string
		tables    []*schema.Table
		selection *protocol.Selection
		want      string
	}{
		{"another schema", one, schemas(protocol.SchemaSelection{Name: "other", Included: true, IncludeNewTables: true}),
			"the selection names the schema other, and the source has the schema shop; let Fivetran read the tables of the source again, and select them"},
		{"other schemas", several, schemas(protocol.SchemaSelection{Name: "old", Included: true}, protocol.SchemaSelection{Name: "new", Included: true}),
			"the selection names the schemas new, old, and the source has the schemas archive, shop; let Fivetran read the tables of the source again, and select them"},
		{"no table", one, &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{}}, "select tables in Fivetran"},
		{"no schema", several, schemas(), "select tables in Fivetran"},
		{"all schemas deselected", several, schemas(protocol.SchemaSelection{Name: "shop"}, protocol.SchemaSelection{Name: "archive"}, protocol.SchemaSelection{Name: "old"}), "select tables in Fivetran"},
		{"all tables deselected", one, &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{Tables: []protocol.TableSelection{{Name: "notes"}, {Name: "more"}}}}, "select tables in Fivetran"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			stream, err := served(t, deliversAll(test.tables...), fivetran.PartnerSDK).update(t.Context(), &protocol.UpdateRequest{Selection: test.selection})
			require.NoError(t, err)
			var all []*protocol.UpdateResponse
			require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { all = append(all, m) }))
			require.Equal(t, "warning checkpoint", shapes(all))
			assert.Equal(t, nothing+test.want, *all[0].Warning)
		})
	}
	for name, sel := range map[string]*protocol.Selection{
		"a table": {WithoutSchema: &protocol.TablesWithNoSchema{Tables: []protocol.TableSelection{{Name: "notes", Included: true, IncludeNewColumns: true}}}},
		"none":    nil,
	} {
		stream, err := served(t, deliversAll(one...), fivetran.PartnerSDK).update(t.Context(), &protocol.UpdateRequest{Selection: sel})
		require.NoError(t, err)
		require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { assert.Nil(t, m.Warning, name) }))
	}
}
