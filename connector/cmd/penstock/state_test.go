package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAStateThatWasEditedOrRemovedCounts(t *testing.T) {
	b := newBench(t, `{"team":"blue","flaw":"no"}`)
	path := filepath.Join(b.dir, "files", "state.json")
	edit := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	sync := func(lines ...string) string {
		t.Helper()
		out, _ := b.penstock("sync", "--", recorded(t, `{"schemas":{}}`, lines...))
		return out
	}
	const edited, removed = "was edited: the sync begins from what it says", "was removed: the sync begins from nothing"
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), "first sync")
	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":1}}`), removed)
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":2}}`), edited)

	edit(`{"n":1}`) // as it was before
	assert.Contains(t, sync("this is no line"), edited)
	assert.Equal(t, `{"n":1}`, b.state(), "a sync that failed before its first state does not undo it")
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)
	assert.Equal(t, `{"n":3}`, b.state())
	assert.NotContains(t, sync(`{"type":"STATE","state":{"n":3}}`), edited)

	require.NoError(t, os.Remove(path))
	assert.Contains(t, sync("this is no line"), removed)
	assert.NoFileExists(t, path)
	edit(`{`)
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":4}}`), "want the JSON object of a state")
	edit(`{"n":5}`)
	require.NoError(t, os.Remove(filepath.Join(b.dir, "files", "warehouse.db")))
	assert.Contains(t, sync(`{"type":"STATE","state":{"n":6}}`), "the warehouse is new, and files/state.json is not")
}
