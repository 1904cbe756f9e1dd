package warehouse_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func open(t *testing.T, path string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(path, warehouse.SourceNames)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.Close()) })
	return w
}

// rows returns the rows of a query, one per line.
func rows(t *testing.T, w *warehouse.Warehouse, sql string) string {
	t.Helper()
	var lines []string
	found, err := w.Query(sql)
	require.NoError(t, err)
	for row, err := range found.Rows {
		require.NoError(t, err)
		var cells []string
		for _, v := range row {
			cells = append(cells, fmt.Sprint(v))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

var orders = &schema.Table{Schema: "shop", Name: "orders", Columns: []schema.Column{
	{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
	{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
	{Name: "note", Type: schema.TypeString},
}}

func TestOperationsBehaveAsOnAPlatform(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	for _, op := range []struct {
		op  stdin.Op
		row string
	}{
		{stdin.Upsert, `{"id":9007199254740993,"total":"19.90","note":"a\nb"}`},
		{stdin.Upsert, `{"id":2,"total":"1.00","note":"x"}`},
		{stdin.Upsert, `{"id":2,"total":"2.00"}`}, // replaces the whole row
		{stdin.Upsert, `{"id":3,"total":"3.00","note":"gone"}`},
		{stdin.Update, `{"note":"new","id":9007199254740993}`},
		{stdin.Update, `{"note":"nobody","id":77}`},
		{stdin.Delete, `{"id":3}`},
		{stdin.Delete, `{"id":78}`},
	} {
		require.NoError(t, w.Apply(op.op, "shop", "orders", []byte(op.row)))
	}
	require.NoError(t, w.Commit([]byte(`{"orders":{"cursor":1}}`)))
	assert.Equal(t, "2 2.00 <nil> 0\n3 3.00 gone 1\n9007199254740993 19.90 new 0",
		rows(t, w, `SELECT id, total, note, _fivetran_deleted FROM "shop.orders" ORDER BY id`))
	assert.Equal(t, warehouse.Counts{Upserts: 4, Updates: 2, Deletes: 2, Missed: 2, MissedDeletes: 1}, w.Tables()[0].Counts)
	assert.Equal(t, "3", rows(t, w, `SELECT count(*) FROM "shop.orders" WHERE _fivetran_synced LIKE '20__-__-__T%Z'`))

	require.NoError(t, w.Apply(stdin.Truncate, "shop", "orders", []byte(`{}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":3}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "2 1\n3 0\n9007199254740993 1", rows(t, w, `SELECT id, _fivetran_deleted FROM "shop.orders" ORDER BY id`))
}

func TestRowsAndStateAreCommittedTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w, err := warehouse.Open(path, warehouse.SourceNames)
	require.NoError(t, err)
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{"n":1}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":2}`)))
	require.NoError(t, w.Close())

	w = open(t, path)
	assert.Equal(t, `{"n":1}`, w.State())
	assert.Equal(t, "1", rows(t, w, `SELECT a FROM "s.t"`))
}

func TestRollbackUndoesNewTablesAndColumns(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	for range 2 {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":"x","b":1,"c":2}`)))
		require.NoError(t, w.Apply(stdin.Upsert, "s", "u", []byte(`{"a":1}`)))
		require.NoError(t, w.Rollback())
		assert.Len(t, w.Tables()[0].Columns, 1)
		assert.Equal(t, schema.TypeLong, w.Tables()[0].Columns[0].Type)
		for _, table := range w.Tables() {
			_, err := w.Live(table)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":2}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1\n2", rows(t, w, `SELECT a FROM "s.t" ORDER BY a`))
}

func TestARecordThatCannotBeginATransactionLeavesNoneToRollBack(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	ctx, cancel := context.WithCancel(t.Context())
	w.Interrupt(ctx)
	cancel()
	require.Error(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Rollback())
}
