package state_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestASnapshotGivesEachPartOfWhatIsSaved(t *testing.T) {
	d, err := state.Parse([]byte(`{"orders":{"cursor":7},"carts":{},"_shared":{"at":1},"_version":1}`), func(map[string]json.RawMessage) error { return nil })
	require.NoError(t, err)
	require.NoError(t, d.Table("late").Set("n", 1)) // not saved yet
	s := d.Snapshot()
	assert.Equal(t, `{"_shared":{"at":1},"orders":{"cursor":7},"_version":1}`, string(s.State))
	assert.Equal(t, d.Saved(), s.State)
	assert.Equal(t, 1, s.Version)
	require.Len(t, s.Parts, 2)
	assert.Equal(t, state.SavedPart{Name: state.SharedName, JSON: []byte(`{"at":1}`), Version: 1}, s.Parts[0])
	assert.Equal(t, state.SavedPart{Name: "orders", JSON: []byte(`{"cursor":7}`), Version: 1}, s.Parts[1])
	_ = append(s.Parts[0].JSON, "spoilt"...)
	assert.Equal(t, `{"_shared":{"at":1},"orders":{"cursor":7},"_version":1}`, string(s.State), "a part can be appended to")
}

// renamed moves what version 0 called rows to orders, and counts in the shared
// part how often that was done.
func renamed(old map[string]json.RawMessage) error {
	if rows, ok := old["rows"]; ok {
		old["orders"] = rows
		delete(old, "rows")
	}
	old["_shared"] = json.RawMessage(`{"moved":true}`)
	return nil
}

func TestPartsOfDifferentVersionsAreJoinedIntoOneState(t *testing.T) {
	for name, c := range map[string]struct {
		parts []state.SavedPart
		want  string
	}{
		"none":        {nil, ``},
		"empty ones":  {[]state.SavedPart{{Name: "a", JSON: []byte(`null`)}, {Name: "b", JSON: []byte(`{}`)}, {Name: "c"}}, ``},
		"one version": {[]state.SavedPart{{Name: "b", JSON: []byte(`{"n":2}`)}, {Name: "a", JSON: []byte(`{"n":1}`)}}, `{"a":{"n":1},"b":{"n":2}}`},
		"older and newer": {[]state.SavedPart{{Name: "rows", JSON: []byte(`{"n":1}`)}, {Name: "carts", JSON: []byte(`{"n":2}`), Version: 1}},
			`{"_shared":{"moved":true},"carts":{"n":2},"orders":{"n":1},"_version":1}`},
		"what a newer version saved stays": {[]state.SavedPart{{Name: "rows", JSON: []byte(`{"n":1}`)}, {Name: "orders", JSON: []byte(`{"n":2}`), Version: 1}},
			`{"_shared":{"moved":true},"orders":{"n":2},"_version":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			joined, err := state.Join(c.parts, renamed)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(joined))
			d, err := state.Parse(joined, renamed)
			require.NoError(t, err)
			again, err := state.Join(d.Snapshot().Parts, renamed)
			require.NoError(t, err)
			want := d.Saved()
			if len(d.Snapshot().Parts) == 0 {
				want = nil
			}
			assert.Equal(t, string(want), string(again), "a state that is taken apart and joined is the same")
		})
	}
}

func TestPartsThatCannotBeJoinedAreRefused(t *testing.T) {
	object := []byte(`{"n":1}`)
	for want, parts := range map[string][]state.SavedPart{
		"table a: the part comes twice":                                     {{Name: "a", JSON: object}, {Name: "a", JSON: object}},
		"no table can be called _version":                                   {{Name: "_version", JSON: object}},
		"table a: its version is negative":                                  {{Name: "a", JSON: object, Version: -1}},
		"table a: it is not a JSON object":                                  {{Name: "a", JSON: []byte(`[]`)}},
		"it is of version 1000000000, and this connector knows versions up": {{Name: "a", JSON: object, Version: 1e9}},
	} {
		_, err := state.Join(parts, renamed)
		var fault *state.Error
		require.ErrorAs(t, err, &fault)
		assert.ErrorContains(t, err, want)
	}
}

// A platform may keep the parts of a state one by one.
func ExampleJoin() {
	d, _ := state.Parse([]byte(`{"orders":{"cursor":7},"carts":{"cursor":3}}`))
	joined, err := state.Join(d.Snapshot().Parts)
	fmt.Println(string(joined), err)
	// Output: {"carts":{"cursor":3},"orders":{"cursor":7}} <nil>
}
