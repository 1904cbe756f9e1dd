package warehouse_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func TestColumnsAreInferredAndWidened(t *testing.T) {
	for _, test := range []struct{ values, want string }{
		{`1, 2`, "LONG: 1 2"},
		{`1, 1.5`, "DECIMAL: 1 1.5"},
		{`1.5, 19.9, 1`, "DOUBLE: 1.5 19.9 1"},
		{`1.5, 9007199254740993`, "DECIMAL: 1.5 9007199254740993"},
		{`1e400, 2`, "DECIMAL: 1e400 2"},
		{`1, 9223372036854775808`, "DECIMAL: 1 9223372036854775808"},
		{`9007199254740993, 1.25`, "DECIMAL: 9007199254740993 1.25"},
		{`1, "x"`, "STRING: 1 x"},
		{`19.9, "x"`, "STRING: 19.9 x"},
		{`true, false`, "BOOLEAN: 1 0"},
		{`true, "x", false`, "STRING: true x false"},
		{`true, 1`, "STRING: true 1"},
		{`{"a": 1.50}, [2], "x"`, `JSON: {"a": 1.50} [2] "x"`},
		{`"x", {"a":1}, 1.50`, `STRING: x {"a":1} 1.50`},
		{`null, null, "x"`, "STRING: <nil> <nil> x"},
		{`"é\u00e9\"", "x"`, `STRING: éé" x`},
	} {
		t.Run(test.values, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "warehouse.db")
			w := open(t, path)
			for i, value := range strings.Split(test.values, ", ") {
				require.NoError(t, w.Apply(stdin.Upsert, "s", "t", fmt.Appendf(nil, `{"id":%d, "v" : %s }`, i, value)))
				require.NoError(t, w.Commit([]byte(`{}`)))
			}
			again := open(t, path)
			columns := again.Tables()[0].Columns
			got := columns[len(columns)-1].Type.String() + ": " + strings.ReplaceAll(rows(t, again, `SELECT v FROM "s.t" ORDER BY id`), "\n", " ")
			assert.Equal(t, test.want, got)
		})
	}
}

func TestDeclaredColumnsWidenBetweenRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	table := func(columns ...schema.Column) []*schema.Table {
		return []*schema.Table{{Schema: "s", Name: "t", Columns: append([]schema.Column{{Name: "id", Type: schema.TypeInt, PrimaryKey: true}}, columns...)}}
	}
	require.NoError(t, w.Declare(table(schema.Column{Name: "n", Type: schema.TypeShort}, schema.Column{Name: "b", Type: schema.TypeBinary})))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"id":1,"n":7,"b":"AP8="}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1 7 00FF", rows(t, w, `SELECT id, n, hex(b) FROM "s.t"`))

	w = open(t, path)
	require.NoError(t, w.Declare(table(schema.Column{Name: "n", Type: schema.TypeLong}, schema.Column{Name: "b", Type: schema.TypeString}, schema.Column{Name: "new", Type: schema.TypeJSON})))
	assert.Equal(t, "1 7 AP8= <nil>", rows(t, w, `SELECT id, n, b, new FROM "s.t"`))
	assert.Equal(t, schema.TypeShort, w.Tables()[0].Columns[1].Widened)
	assert.True(t, w.Tables()[0].Columns[3].New)

	assert.ErrorContains(t, w.Declare([]*schema.Table{{Schema: "s", Name: "t", Columns: []schema.Column{{Name: "n", Type: schema.TypeLong, PrimaryKey: true}}}}),
		"the primary key is [n], but it is [id] in the warehouse: run penstock reset")
}

func TestADecimalColumnWithOtherTextBecomesAString(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	require.NoError(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"total":"1.2.3"}`)))
	assert.Equal(t, schema.TypeString, w.Tables()[0].Columns[1].Type)
}
