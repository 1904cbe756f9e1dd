package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestResetDeletesEverything(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	b.penstock("sync", "--", tickets(t))
	b.penstock("sync", "--", tickets(t))
	out, failed := b.penstock("reset")
	require.False(t, failed, out)
	entries, err := os.ReadDir(filepath.Join(b.dir, "files"))
	require.NoError(t, err)
	assert.Empty(t, entries)
	out, failed = b.penstock("query")
	assert.True(t, failed)
	assert.Contains(t, out, "there is no warehouse yet; run penstock sync first")
}
