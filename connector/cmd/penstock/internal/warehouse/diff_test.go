package warehouse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func TestWideTablesAndManyTablesCanBeCompared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	var wide []string
	for i := range 1200 {
		wide = append(wide, fmt.Sprintf(`"c%d":%d`, i, i))
	}
	row := []byte("{" + strings.Join(wide, ",") + "}")
	require.NoError(t, w.Apply(stdin.Upsert, "s", "wide", row))
	require.NoError(t, w.Commit([]byte(`{}`)))
	older := filepath.Join(t.TempDir(), "older.db")
	require.NoError(t, warehouse.Settle(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(older, text, 0o600))
	require.NoError(t, w.Declare([]*schema.Table{{Schema: "s", Name: "new", Columns: []schema.Column{{Name: "no.1", Type: schema.TypeLong, PrimaryKey: true}}}}))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "new", []byte(`{"no.1":1}`)))
	for i := range 600 {
		require.NoError(t, w.Apply(stdin.Upsert, "s", fmt.Sprint("t", i), []byte(`{"a":1}`)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	changes, err := w.Diff(older)
	require.NoError(t, err)
	assert.Zero(t, changes[0].Added)
	assert.Zero(t, changes[0].Changed)
	assert.Zero(t, changes[0].Gone)
	assert.EqualValues(t, 1, changes[1].Added)
	count := 0
	for _, err := range w.Overview().Rows {
		require.NoError(t, err)
		count++
	}
	assert.Equal(t, 602, count)
}
