package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest"
)

func TestFilesAreListedOnceAndAgainWhenTheyChange(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, modified time.Time) {
		t.Helper()
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		require.NoError(t, os.Chtimes(path, modified, modified))
	}
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	write("b", noon)
	write("a", noon.Add(time.Hour))

	first := connectortest.Sync(t, &Connector{Dir: dir})
	assert.Equal(t, []File{{"a", noon.Add(time.Hour)}, {"b", noon}}, connectortest.Rows[File](t, first, "files"))

	write("b", noon.Add(2*time.Hour))
	second := connectortest.Sync(t, &Connector{Dir: dir}, connectortest.From(first.State))
	assert.Len(t, second.Rows("files"), 2, "the changed file, and the one with the time of the cursor")
}

func TestConnector(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		path := filepath.Join(dir, strconv.Itoa(i))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		modified := time.Date(2026, 1, 2, 12, i/3, 0, 0, time.UTC) // up to three at a time
		require.NoError(t, os.Chtimes(path, modified, modified))
	}
	connectortest.Run(t, &Connector{Dir: dir})
}

func TestTheReadmeShowsThisConnector(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	_, body, found := strings.Cut(string(program), "type Connector struct")
	require.True(t, found)
	assert.Contains(t, string(readme), "```go\ntype Connector struct"+body+"```\n")
}
