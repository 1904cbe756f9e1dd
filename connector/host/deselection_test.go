package host_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// selected syncs a connector with a selection as the stdin protocol carries it. It returns
// the rows and the warnings.
func selected(t *testing.T, c connector.Connector, selection string) (rows, warnings []string, err error) {
	t.Helper()
	parsed, err := stdin.ParseSelection([]byte(selection))
	require.NoError(t, err)
	return chosen(t, c, parsed)
}

func chosen(t *testing.T, c connector.Connector, selection host.Selection) (rows, warnings []string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, host.SyncRequest{Selection: selection}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			rows = append(rows, op.Table.Name+string(op.Row))
		case host.OpWarning:
			warnings = append(warnings, op.Message)
		}
		return nil
	})
	return rows, warnings, err
}

func upsertOrder(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("orders", fixture.NewOrder(1))
}

func TestADeselectedNameThatDiffersOnlyInCaseIsRefused(t *testing.T) {
	for selection, want := range map[string]string{
		`{"shop":{"orders":{"columns":{"Email":false}}}}`:               "it deselects the column Email of table shop.orders, but the name of the column is email",
		`{"shop":{"orders":{"columns":{"EMAIL":false,"Email":false}}}}`: "it deselects the column EMAIL of table shop.orders",
		`{"shop":{"orders":{"columns":{"ID":false}}}}`:                  "it deselects the column ID of table shop.orders, but the name of the column is id",
		`{"shop":{"Orders":false}}`:                                     "it deselects shop.Orders or columns of it, but the name of the table is shop.orders",
		`{"SHOP":{"Orders":{"columns":{"email":false}}}}`:               "it deselects SHOP.Orders or columns of it, but the name of the table is shop.orders",
		`{"shop":{"orderſ":false}}`:                                     "but the name of the table is shop.orders", // a long s
	} {
		rows, warnings, err := selected(t, &fixture.Shop{OnSync: upsertOrder}, selection)
		require.ErrorContains(t, err, want, selection)
		assert.Equal(t, connector.Configuration, connector.KindOf(err))
		assert.Empty(t, append(rows, warnings...))
	}
}

func TestANameInAnotherCaseThatDeselectsNothingIsAccepted(t *testing.T) {
	for _, selection := range []string{
		`{"shop":{"orders":{"columns":{"Email":true}},"Orders":true,"Carts":{"columns":{"ID":true}}}}`,
		`{"shop":{"orders":{"columns":{"email":false,"total":false}},"carts":false}}`,
	} {
		_, warnings, err := selected(t, &fixture.Shop{OnSync: upsertOrder}, selection)
		require.NoError(t, err, selection)
		assert.Empty(t, warnings, selection)
	}
	// The selection states what happens to the declared name.
	for _, selection := range []host.TableSelection{
		{Columns: map[string]bool{"Email": false, "email": false}},
		{Columns: map[string]bool{"Email": false, "id": true}, OnlyNamed: true},
	} {
		rows, _, err := chosen(t, &fixture.Shop{OnSync: upsertOrder}, host.Selection{Schemas: map[string]host.SchemaSelection{
			"shop": {Tables: map[string]host.TableSelection{"orders": selection}},
		}})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		assert.NotContains(t, rows[0], "example.com")
	}
}

func TestADeselectedTableThatIsDeclaredDuringASyncInAnotherCaseEndsTheSync(t *testing.T) {
	id := schema.Column{Name: "id", Type: schema.TypeLong, PrimaryKey: true}
	email := schema.Column{Name: "email", Type: schema.TypeString}
	for selection, table := range map[string]string{
		`{"wide":{"new":{"columns":{"Email":false}}}}`:           "new",
		`{"wide":{"new":{"columns":{"Email":false,"id":true}}}}`: "new",
		`{"wide":{"New":false}}`:                                 "new",
		`{"Wide":{"new":{"columns":{"email":false}}}}`:           "new",
		`{"wide":{"a":{"columns":{"Email":false}}}}`:             "a",
		`{"wide":{"a":{"columns":{"Bcc":false,"Email":false}}}}`: "a",
	} {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			for _, table := range []string{"new", "a"} { // ignores all errors
				_ = out.Declare(schema.Table{Name: table, Columns: []schema.Column{id, email}})
				_ = out.Upsert(table, []byte(`{"id":1,"email":"a@example.com"}`))
			}
			return nil
		}}
		rows, _, err := selected(t, c, selection)
		require.ErrorContains(t, err, "case matters", selection)
		assert.Equal(t, connector.Configuration, connector.KindOf(err))
		assert.Empty(t, beginning(rows, table+"{"), selection)
	}
}

func TestADeselectedNameThatMatchesNothingIsReported(t *testing.T) {
	many := map[string]bool{}
	for i := range 2000 {
		many[fmt.Sprintf("c%04d", i)] = false
	}
	for name, c := range map[string]struct {
		selection host.SchemaSelection
		want      []string
	}{
		"a column": {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"e-mail": false}}}},
			[]string{"table wide.a: the selection deselects column e-mail, but neither the table nor any of its rows"}},
		"columns, of which rows have one": {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"mail": false, "x": false, "y": false, "z": true}}}},
			[]string{"table wide.a: the selection deselects columns x, y, but"}},
		"a column that all rows have":      {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"mail": false}}}}, nil},
		"a column that the host reserves":  {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"mark": false}, Reserved: []string{"Mark"}}}}, nil},
		"a column of a table without rows": {host.SchemaSelection{Tables: map[string]host.TableSelection{"b": {Columns: map[string]bool{"mail": false}}}}, nil},
		"a column of a deselected table":   {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Excluded: true, Columns: map[string]bool{"x": false}}}}, nil},
		"a column that is declared later":  {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"late": false}}}}, nil},
		"a table": {host.SchemaSelection{Tables: map[string]host.TableSelection{"aa": {Excluded: true}}},
			[]string{"the selection deselects table wide.aa, or columns of it, but the source has no such table"}},
		"columns of a table": {host.SchemaSelection{Tables: map[string]host.TableSelection{"aa": {Columns: map[string]bool{"x": false}}, "bb": {}}},
			[]string{"the selection deselects table wide.aa, or columns of it"}},
		"a table that is declared later": {host.SchemaSelection{Tables: map[string]host.TableSelection{"late": {Excluded: true}}}, nil},
		"many columns": {host.SchemaSelection{Tables: map[string]host.TableSelection{"a": {Columns: many}}},
			[]string{"table wide.a: the selection deselects columns c0000, c0001, c0002, c0003, c0004, c0005, c0006, c0007, c0008, c0009 and 1990 more, but"}},
	} {
		t.Run(name, func(t *testing.T) {
			id := schema.Column{Name: "id", Type: schema.TypeLong, PrimaryKey: true}
			for _, row := range []any{[]byte(`{"id":1,"mail":"m"}`), map[string]any{"id": 1, "mail": "m"}, struct {
				ID   int    `json:"id"`
				Mail string `json:"mail"`
			}{1, "m"}} {
				connector := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
					for range 2 {
						if err := out.Upsert("a", row); err != nil {
							return err
						}
					}
					if err := out.Declare(schema.Table{Name: "a", Columns: []schema.Column{id, {Name: "late", Type: schema.TypeLong}}}); err != nil {
						return err
					}
					return out.Declare(schema.Table{Name: "late", Columns: []schema.Column{id}})
				}}
				for i, selection := range []host.Selection{{Schemas: map[string]host.SchemaSelection{"wide": c.selection}}, {Others: &c.selection}} {
					_, warnings, err := chosen(t, connector, selection)
					require.NoError(t, err)
					require.Len(t, warnings, len(c.want), "%q", warnings)
					for j, want := range c.want {
						if i == 1 { // the selection does not name the schema
							want = strings.Replace(want, "deselects table wide.", "deselects table ", 1)
						}
						assert.Contains(t, warnings[j], want)
					}
				}
			}
		})
	}
}

func TestADeselectedColumnThatIsDeclaredAgainInAnotherCaseIsAnError(t *testing.T) {
	table := func(column string) schema.Table {
		return schema.Table{Name: "new", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: column, Type: schema.TypeLong}}}
	}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		if err := out.Declare(table("ssn")); err != nil {
			return err
		}
		_ = out.Declare(table("SSN"))
		return out.Upsert("new", []byte(`{"id":1,"SSN":2}`))
	}}
	selection := host.SchemaSelection{Tables: map[string]host.TableSelection{"new": {Columns: map[string]bool{"ssn": false}}}}
	rows, warnings, err := chosen(t, c, host.Selection{Schemas: map[string]host.SchemaSelection{"wide": selection}})
	require.ErrorContains(t, err, "it deselects the column ssn of table wide.new, but the name of the column is SSN")
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	assert.Empty(t, rows)
	assert.Empty(t, warnings)
}

func TestAFailedSyncDoesNotReportDeselectedNames(t *testing.T) {
	c := &fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		_ = upsertOrder(ctx, st, out)
		return context.DeadlineExceeded
	}}
	_, warnings, err := selected(t, c, `{"shop":{"orders":{"columns":{"x":false}},"y":false}}`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, warnings)
}

func TestTheTimeToCheckASelectionIsLinearInTheNumberOfNames(t *testing.T) {
	growth.AssertLinear(t, 500, func(n int) func() {
		selection := host.SchemaSelection{Tables: map[string]host.TableSelection{}}
		columns := map[string]bool{}
		table := schema.Table{Name: "new", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
		for k := range n {
			columns[fmt.Sprintf("gone%d", k)] = false
			selection.Tables[fmt.Sprintf("gone%d", k)] = host.TableSelection{Excluded: true}
			table.Columns = append(table.Columns, schema.Column{Name: fmt.Sprintf("column%d", k), Type: schema.TypeLong})
		}
		selection.Tables["new"] = host.TableSelection{Columns: columns}
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			if err := out.Declare(table); err != nil {
				return err
			}
			return out.Upsert("new", []byte(`{"id":1}`))
		}}
		return func() {
			_, warnings, err := chosen(t, c, host.Selection{Schemas: map[string]host.SchemaSelection{"wide": selection}})
			require.NoError(t, err)
			require.Len(t, warnings, 2)
		}
	})
}
