package state_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestASnapshotHasEachSavedPart(t *testing.T) {
	d, err := state.Parse([]byte(`{"orders":{"cursor":7},"carts":{},"_shared":{"at":1},"_version":1}`), func(map[string]json.RawMessage) error { return nil })
	require.NoError(t, err)
	require.NoError(t, d.Table("late").Set("n", 1)) // not saved yet
	s := d.Snapshot()
	assert.Equal(t, `{"_shared":{"at":1},"orders":{"cursor":7},"_version":1}`, string(s.State))
	assert.Equal(t, d.Saved(), s.State)
	assert.Equal(t, 1, s.Version)
	require.Len(t, s.Parts(), 2)
	assert.Equal(t, state.SavedPart{Name: state.SharedName, JSON: []byte(`{"at":1}`)}, s.Parts()[0])
	assert.Equal(t, state.SavedPart{Name: "orders", JSON: []byte(`{"cursor":7}`)}, s.Parts()[1])
	_ = append(s.Parts()[0].JSON, "appended"...)
	assert.Equal(t, `{"_shared":{"at":1},"orders":{"cursor":7},"_version":1}`, string(s.State), "appending to a part must not change the state")
	assert.Equal(t, `{"orders":{"cursor":7},"_version":1}`, string(s.Pick(s.Parts()[1])))
	assert.Equal(t, `{}`, string(s.Pick()))
}
