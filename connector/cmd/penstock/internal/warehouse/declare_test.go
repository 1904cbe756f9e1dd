package warehouse_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func TestTablesBeyondALimitAreCreatedWithTheirFirstRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	var tables []*schema.Table
	for i := range 1200 {
		tables = append(tables, &schema.Table{Schema: "s", Name: fmt.Sprint("t", i), Columns: []schema.Column{
			{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "n", Type: schema.TypeShort},
		}})
	}
	made := func() string { return rows(t, w, `SELECT count(*) FROM sqlite_schema WHERE name LIKE 's.%'`) }
	require.NoError(t, w.Declare(tables))
	assert.Equal(t, "1000", made())
	for _, table := range []string{"t0", "t1100"} {
		for _, op := range []stdin.Op{stdin.Truncate, stdin.Delete, stdin.Update, stdin.Upsert, stdin.Update} {
			row := `{"id":1,"n":2,"new":3}`
			if op == stdin.Delete {
				row = `{"id":1}`
			}
			require.NoError(t, w.Apply(op, "s", table, []byte(row)))
		}
	}
	assert.Equal(t, "1001", made())
	require.NoError(t, w.Rollback())
	assert.Equal(t, "1000", made())
	require.NoError(t, w.Apply(stdin.Update, "s", "t1100", []byte(`{"id":1,"n":2}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t1101", []byte(`{"id":1,"n":70000}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1002", made())
	assert.Equal(t, "1 70000", rows(t, w, `SELECT id, n FROM "s.t1101"`))
	assert.Equal(t, "0", rows(t, w, `SELECT count(*) FROM "s.t1100"`))
	assert.Equal(t, warehouse.Counts{Truncates: 1, Deletes: 1, Updates: 3, Upserts: 1, Missed: 3, MissedDeletes: 1}, w.Tables()[1100].Counts)
	count, err := w.Live(w.Tables()[1199])
	require.NoError(t, err)
	assert.Zero(t, count)

	again := open(t, path)
	require.NoError(t, again.Declare(tables))
	assert.Len(t, again.Tables(), 1200)
	assert.Equal(t, "1 70000", rows(t, again, `SELECT id, n FROM "s.t1101"`))
}
