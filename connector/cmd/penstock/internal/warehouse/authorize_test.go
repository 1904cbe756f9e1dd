package warehouse_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func TestAQueryReachesNoOtherFileAndChangesNoSetting(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.db")
	w, err := warehouse.Open(path, warehouse.SourceNames)
	require.NoError(t, err)
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"id":1}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	require.NoError(t, w.Close())
	w, err = warehouse.OpenReadOnly(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.Close()) })
	other := filepath.Join(dir, "other.db")
	for _, sql := range []string{
		"ATTACH '" + other + "' AS o", "VACUUM INTO '" + other + "'", "PRAGMA query_only = OFF", "PRAGMA writable_schema(1)",
		"PRAGMA journal_mode = DELETE", "PRAGMA wal_checkpoint", "SELECT load_extension('x')", "DETACH main",
	} {
		found, err := w.Query(sql)
		if err == nil { // it may fail when it runs
			for _, err = range found.Rows {
				break
			}
		}
		assert.Error(t, err, sql)
	}
	assert.NoFileExists(t, other)
	for _, sql := range []string{"SELECT * FROM s.t", "PRAGMA table_info('s.t')", "PRAGMA encoding", "SELECT name FROM pragma_table_info('s.t')"} {
		value, err := w.Value(sql)
		require.NoError(t, err, sql)
		assert.NotNil(t, value, sql)
	}
}

// Names come from a source. SQL that they contain must not run.
func TestNamesOfASourceAreNeverSQL(t *testing.T) {
	hostile := []string{
		`a"b`, `"; DROP TABLE _penstock_meta; --`, "'", "a'b", "[x]", "`x`", "a\nb", "a;b", "--", "/*", "\x1b[31m", "\u202e", "ə", "select", "?1", ":a",
		"rowid", "_rowid_", strings.Repeat("n", 10_000), strings.Repeat("ñ", 5_000), " ", "",
	}
	dir := t.TempDir()
	for _, naming := range []warehouse.Naming{warehouse.SourceNames, warehouse.PlatformNames} {
		for i, name := range hostile {
			path := filepath.Join(dir, string(naming)+string(rune('a'+i)))
			w, err := warehouse.Open(path, naming)
			require.NoError(t, err)
			quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\x1b", `\u001b`).Replace(name) + `"`
			apply := func(op stdin.Op, row string) {
				require.NoError(t, w.Apply(op, name, name, []byte(row)), "%.20q", name)
			}
			err = w.Apply(stdin.Upsert, name, name, []byte(`{"id":1,`+quoted+`:"x"}`))
			if err != nil { // the platform's rules leave nothing of some names
				assert.NotContains(t, err.Error(), "syntax error", "%.20q", name)
				require.NoError(t, w.Close())
				continue
			}
			apply(stdin.Upsert, `{"id":2,`+quoted+`:2}`) // widens or adds a column
			apply(stdin.Truncate, `{}`)
			require.NoError(t, w.Commit([]byte(`{"n":1}`)), "%.20q", name)
			require.NoError(t, w.Close())
			older := path + "-older"
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(older, text, 0o600))
			w, err = warehouse.OpenReadOnly(path)
			require.NoError(t, err)
			require.Len(t, w.Tables(), 1)
			assert.Equal(t, `{"n":1}`, w.State())
			for _, err := range w.Overview().Rows {
				require.NoError(t, err, "%.20q", name)
			}
			changes, err := w.Diff(older)
			require.NoError(t, err, "%.20q", name)
			for _, c := range changes {
				found, err := w.Query(c.SQL)
				require.NoError(t, err)
				for _, err := range found.Rows {
					require.NoError(t, err)
				}
			}
			require.NoError(t, w.Close())
		}
	}
}

func TestNamesThatDifferInCaseOrContainNULAreErrors(t *testing.T) {
	w, err := warehouse.Open(filepath.Join(t.TempDir(), "w.db"), warehouse.SourceNames)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.Close()) })
	long := strings.Repeat("n", 10_000)
	require.NoError(t, w.Apply(stdin.Upsert, "s", long, []byte(`{"id":1}`)))
	require.ErrorContains(t, w.Apply(stdin.Upsert, "S", strings.ToUpper(long), []byte(`{"id":1}`)), "rename one of them")
	require.ErrorContains(t, w.Apply(stdin.Upsert, "s", "a\x00b", []byte(`{"id":1}`)), "NUL")
	require.ErrorContains(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a\u0000b":1}`)), "NUL")
	require.ErrorContains(t, w.Apply(stdin.Upsert, "s", "u", []byte(`{"a":1,"A":1}`)), "rename one of them")
}
