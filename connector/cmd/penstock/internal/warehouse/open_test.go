package warehouse_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

func TestAFileOfAnotherProgramIsNotChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	conn, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	require.NoError(t, conn.Exec("CREATE TABLE mine (x)"))
	require.NoError(t, conn.Close())
	_, err = warehouse.Open(path, warehouse.SourceNames)
	require.ErrorContains(t, err, "the file was not created by this version of penstock: run penstock reset")
	_, err = warehouse.OpenReadOnly(path)
	require.ErrorContains(t, err, "the file was not created by this version of penstock: run penstock reset")
}

func TestTheFileOfAKilledProcessCanBeRead(t *testing.T) {
	dir := t.TempDir()
	conn, err := sqlite3.Open("file:" + filepath.Join(dir, "begun.db"))
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close()) }()
	require.NoError(t, conn.Exec(`PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; VACUUM; BEGIN; CREATE TABLE t (x);
		INSERT INTO t SELECT zeroblob(100000) FROM generate_series(1, 10)`))
	// The journal beside the file undoes what the transaction wrote.
	killed := filepath.Join(t.TempDir(), "warehouse.db")
	for from, to := range map[string]string{"begun.db": killed, "begun.db-journal": killed + "-journal"} {
		text, err := os.ReadFile(filepath.Join(dir, from))
		require.NoError(t, err)
		require.NotEmpty(t, text)
		require.NoError(t, os.WriteFile(to, text, 0o600))
	}
	w, err := warehouse.OpenReadOnly(killed)
	require.NoError(t, err)
	assert.Empty(t, rows(t, w, "SELECT * FROM sqlite_schema"))
	assert.Empty(t, w.Tables())
	require.NoError(t, w.Close())
}
