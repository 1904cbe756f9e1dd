package airbyte_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// write writes a file in a temporary directory and returns its path.
func write(tb testing.TB, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file.json")
	require.NoError(tb, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// readArgs returns the arguments of a read. If state is empty, the flag --state is omitted.
func readArgs(tb testing.TB, config, catalog, state string) []string {
	tb.Helper()
	args := []string{"read", "--config", write(tb, config), "--catalog", write(tb, catalog)}
	if state != "" {
		args = append(args, "--state", write(tb, state))
	}
	return args
}

// catalogOf returns a configured catalog that selects all columns of the named
// streams.
func catalogOf(names ...string) string {
	type stream map[string]any
	all := struct {
		Streams []stream `json:"streams"`
	}{[]stream{}}
	for _, name := range names {
		all.Streams = append(all.Streams, stream{
			"stream":    stream{"name": name, "json_schema": stream{"type": "object", "properties": stream{}}},
			"sync_mode": "incremental", "destination_sync_mode": "append_dedup",
		})
	}
	text, _ := json.Marshal(all) // it cannot fail for strings
	return string(text)
}
