package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/growth"
)

// selectable is a source with two tables that supports selections.
func selectable(withSchema bool, got **protocol.Selection, messages ...*protocol.UpdateResponse) *source {
	tables := []protocol.Table{
		{Name: "orders", Columns: []protocol.Column{id, {Name: "email", Type: protocol.String}, {Name: "total", Type: protocol.Long}}},
		{Name: "carts", Columns: []protocol.Column{id}},
	}
	return &source{
		form: protocol.Form{TableSelection: true},
		schema: func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error) {
			if withSchema {
				return &protocol.SchemaResponse{Tables: protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: "shop", Tables: tables}, {Tables: tables[1:]}}}}}, nil
			}
			return &protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: &protocol.TableList{Tables: tables}}}, nil
		},
		update: func(ctx context.Context, r *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
			*got = r.Selection
			return send(messages...)(ctx, r, deliver)
		},
	}
}

const selecting = `{"selection":{"tables":{"shop":{"orders":{"columns":{"email":false,"id":false,"later":false}},"carts":false,"unknown":true}}}}`

func TestTheSelectionIsSentToTheSource(t *testing.T) {
	orders := protocol.TableSelection{
		Included: true, Name: "orders", IncludeNewColumns: true,
		Columns: map[string]bool{"id": true, "email": false, "total": true, "later": false},
	}
	carts := protocol.TableSelection{Name: "carts", Columns: map[string]bool{"id": true}, IncludeNewColumns: true}
	unknown := protocol.TableSelection{Included: true, Name: "unknown", IncludeNewColumns: true}
	var got *protocol.Selection
	s := selectable(false, &got, records(order(protocol.Upsert, 1)), checkpoint("{}")).start(t)
	a := ask(t.Context(), t, selecting, bridge.Options{Address: s.address, Schema: "shop"})
	require.NoError(t, a.err)
	assert.Equal(t, &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{Tables: []protocol.TableSelection{orders, carts, unknown}, IncludeNewTables: true}}, got)
	assert.Equal(t, []string{
		`{"type":"LOG","log":{"level":"WARNING","message":"column id of table shop.orders is part of the primary key and is delivered although it is not selected"}}`,
		`{"type":"LOG","log":{"level":"WARNING","message":"the selection names table shop.unknown, which the answer to Schema does not have: it applies only if the source declares the table during the sync"}}`,
		`{"type":"RECORD","record":{"shop":{"orders":{"id":1}}}}`,
		`{"type":"STATE","state":{}}`,
	}, a.lines)

	s = selectable(true, &got).start(t)
	require.NoError(t, s.ask(t, selecting).err)
	all := carts
	all.Included = true
	assert.Equal(t, &protocol.Selection{WithSchema: &protocol.TablesWithSchema{IncludeNewSchemas: true, Schemas: []protocol.SchemaSelection{
		{Included: true, Name: "shop", Tables: []protocol.TableSelection{orders, carts, unknown}, IncludeNewTables: true},
		{Included: true, Tables: []protocol.TableSelection{all}, IncludeNewTables: true},
	}}}, got)
}

func TestASourceThatIgnoresTheSelectionIsReported(t *testing.T) {
	cart := protocol.NewKey("id").AppendInt(protocol.AppendRecordHead(nil, "", "carts", protocol.Upsert), protocol.LongValue, 1)
	for want, message := range map[string]*protocol.UpdateResponse{
		"the source sends a record of table shop.carts, which the selection excludes; leave it out, as UpdateRequest.selection says": records(cart),
		"table shop.orders, column email: the selection excludes the column; leave it out as UpdateRequest.selection says":           records(order(protocol.Upsert, 1, text("email", protocol.StringValue, "e"))),
	} {
		var got *protocol.Selection
		s := selectable(false, &got, message, checkpoint("{}")).start(t)
		a := ask(t.Context(), t, selecting, bridge.Options{Address: s.address, Schema: "shop"})
		assert.Contains(t, severe(t, a), want)

		// Fivetran itself leaves these out if the source does not support selections.
		s.form.TableSelection = false
		a = ask(t.Context(), t, selecting, bridge.Options{Address: s.address, Schema: "shop"})
		require.NoError(t, a.err)
		assert.Nil(t, got)
		assert.False(t, slices.ContainsFunc(a.lines, func(l string) bool { return strings.Contains(l, `"email"`) || strings.Contains(l, `"carts"`) }))
	}
}

// obeying makes a source that declares a table during each sync, and leaves out what the
// selection that it has received deselects.
func obeying(s *source, schemaName, table string) *source {
	declared := protocol.Tables{WithoutSchema: &protocol.TableList{Tables: []protocol.Table{{Name: table, Columns: []protocol.Column{id, {Name: "text", Type: protocol.String}}}}}}
	if schemaName != "" {
		declared = protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: schemaName, Tables: declared.WithoutSchema.Tables}}}}
	}
	s.update = func(ctx context.Context, r *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
		var tables []protocol.TableSelection
		if r.Selection.WithoutSchema != nil {
			tables = r.Selection.WithoutSchema.Tables
		} else {
			for _, in := range r.Selection.WithSchema.Schemas {
				if in.Name == schemaName {
					tables = in.Tables
				}
			}
		}
		wanted := protocol.TableSelection{Included: true}
		for _, in := range tables {
			if in.Name == table {
				wanted = in
			}
		}
		messages := []*protocol.UpdateResponse{{SchemaChange: &declared}}
		if wanted.Included {
			b := protocol.NewKey("id").AppendInt(protocol.AppendRecordHead(nil, schemaName, table, protocol.Upsert), protocol.LongValue, 1)
			for _, column := range []string{"text", "extra"} {
				if selected, named := wanted.Columns[column]; selected || !named {
					b = text(column, protocol.StringValue, "x")(b)
				}
			}
			messages = append(messages, records(b))
		}
		return send(append(messages, checkpoint("{}"))...)(ctx, r, deliver)
	}
	return s
}

func TestASelectionOfATableThatTheSourceDeclaresDuringTheSyncIsSentToTheSource(t *testing.T) {
	var got *protocol.Selection
	for schemaName, line := range map[string]string{"": "default_schema", "shop": "shop", "archive": "archive"} { // Schema has no schema archive
		s := obeying(selectable(schemaName != "", &got), schemaName, "late").start(t)
		ask := func(selection string) []string {
			a := s.ask(t, `{"selection":{"tables":{"`+line+`":{"late":`+selection+`}}}}`)
			require.NoError(t, a.err)
			assert.Contains(t, a.lines[0], "the selection names table "+line+".late, which the answer to Schema does not have: it applies only if")
			return a.lines[1:]
		}
		const state = `{"type":"STATE","state":{}}`
		row := func(values string) string {
			return `{"type":"RECORD","record":{"` + line + `":{"late":` + values + `}}}`
		}
		assert.Equal(t, []string{state}, ask(`false`))
		assert.Equal(t, []string{row(`{"id":1,"extra":"x"}`), state}, ask(`{"columns":{"text":false}}`))
		assert.Equal(t, []string{row(`{"id":1,"text":"x"}`), state}, ask(`{"columns":{"extra":false}}`))
		assert.Equal(t, []string{row(`{"id":1,"text":"x","extra":"x"}`), state}, ask(`true`))
	}
}

func TestASourceIsBlamedOnlyForWhatItWasTold(t *testing.T) {
	// A selection for a source with one schema cannot name the schema archive, nor deselect a
	// column of the key, which the source makes another column of the table during the sync.
	late := protocol.AppendRecordHead(nil, "archive", "late", protocol.Upsert)
	other := protocol.NewKey("other").AppendInt(protocol.AppendRecordHead(nil, "", "orders", protocol.Upsert), protocol.LongValue, 1)
	var got *protocol.Selection
	s := selectable(false, &got,
		&protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: "archive", Tables: []protocol.Table{{Name: "late", Columns: []protocol.Column{id}}}}}}}},
		&protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithoutSchema: &protocol.TableList{Tables: []protocol.Table{{Name: "orders", Columns: []protocol.Column{{Name: "other", Type: protocol.Long, PrimaryKey: true}, {Name: "id", Type: protocol.Long}}}}}}},
		records(protocol.NewKey("id").AppendInt(late, protocol.LongValue, 1), protocol.NewKey("id").AppendInt(other, protocol.LongValue, 1)),
		checkpoint("{}"),
	).start(t)
	a := ask(t.Context(), t, `{"selection":{"tables":{"archive":{"late":false},"shop":{"orders":{"columns":{"id":false}}}}}}`, bridge.Options{Address: s.address, Schema: "shop"})
	require.NoError(t, a.err)
	assert.Contains(t, a.lines[1], "the selection names table archive.late, but the source has only the schema shop")
	assert.Equal(t, []string{`{"type":"RECORD","record":{"shop":{"orders":{"other":1}}}}`, `{"type":"STATE","state":{}}`}, a.lines[2:])
}

// The selection was compared with every table for each name that it has.
func TestTheCostOfASelectionIsLinearInTheNumberOfTables(t *testing.T) {
	growth.AssertLinear(t, 1000, func(n int) func() {
		list := &protocol.TableList{}
		chosen := map[string]host.TableSelection{}
		for i := range n {
			name := fmt.Sprintf("a_long_name_that_all_tables_have_%06d", i)
			list.Tables = append(list.Tables, protocol.Table{Name: name, Columns: []protocol.Column{id}})
			chosen[name] = host.TableSelection{}
		}
		tables, err := bridge.NewTables(&protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: list}})
		require.NoError(t, err)
		selection := host.Selection{Schemas: map[string]host.SchemaSelection{bridge.DefaultSchema: {Tables: chosen}}}
		return func() { assert.Empty(t, tables.Choose(selection)) }
	})
}
