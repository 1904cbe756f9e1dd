package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASyncStartsFromAnEditedOrRemovedState(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	path := filepath.Join(b.dir, "files", "state.json")
	edit := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	sync := func(lines ...string) string {
		t.Helper()
		out, _ := b.penstock("sync", "--", recorded(t, `{"schemas":{}}`, lines...))
		return out
	}
	const edited, removed = "was edited: the sync starts from its state", "was removed: the sync starts from the beginning"
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), "first sync")
	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), removed)
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":2}}`), edited)

	edit(`{"n":1}`) // an earlier state
	assert.Contains(t, sync("not a valid line"), edited)
	assert.Equal(t, `{"n":1}`, b.state(), "a sync that fails before its first STATE does not undo the edit")
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)
	assert.Equal(t, `{"n":3}`, b.state())
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)

	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync("not a valid line"), removed)
	assert.NoFileExists(t, path)
	edit(`{`)
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":4}}`), "want a state, which is a JSON object")
	edit(`{"n":5}`)
	require.NoError(t, os.Remove(filepath.Join(b.dir, "files", "warehouse.db")))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":6}}`), "the warehouse is new, but files/state.json exists: the sync starts from its state")
}
