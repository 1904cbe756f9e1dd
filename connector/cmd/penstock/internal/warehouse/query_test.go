package warehouse_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func TestAQueryWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	looking, err := warehouse.OpenReadOnly(path)
	require.NoError(t, err)
	for _, sql := range []string{`DELETE FROM s.t`, `PRAGMA user_version = 7`, `DROP TABLE s.t`} {
		_, err := looking.Query(sql)
		assert.ErrorContains(t, err, "the statement would write", sql)
	}
	found, err := looking.Query("ATTACH '" + filepath.Join(filepath.Dir(path), "new.db") + "' AS other")
	if err == nil {
		for _, err = range found.Rows {
		}
	}
	assert.Error(t, err)
	assert.NoFileExists(t, filepath.Join(filepath.Dir(path), "new.db"))
	require.NoError(t, looking.Close())
}
