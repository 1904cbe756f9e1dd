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
	assert.Equal(t, state.SavedPart{Name: state.SharedName, JSON: []byte(`{"at":1}`)}, s.Parts[0])
	assert.Equal(t, state.SavedPart{Name: "orders", JSON: []byte(`{"cursor":7}`)}, s.Parts[1])
	_ = append(s.Parts[0].JSON, "spoilt"...)
	assert.Equal(t, `{"_shared":{"at":1},"orders":{"cursor":7},"_version":1}`, string(s.State), "a part can be appended to")
	assert.Equal(t, `{"orders":{"cursor":7},"_version":1}`, string(s.Pick(s.Parts[1])))
	assert.Equal(t, `{}`, string(s.Pick()))
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

func TestStatesOfDifferentVersionsAreJoinedIntoOne(t *testing.T) {
	for name, c := range map[string]struct {
		states []string
		want   string
	}{
		"none":                    {nil, ``},
		"empty ones":              {[]string{`null`, `{}`, ``, " \n", `{"a":{}}`, `{"a":null,"_version":1}`}, ``},
		"one version":             {[]string{`{"b":{"n":2}}`, `{ "a": {"n":1} }`}, `{"a":{"n":1},"b":{"n":2}}`},
		"several parts":           {[]string{`{"b":{"n":2},"c":{"n":3}}`, `{"_shared":{"n":1}}`}, `{"_shared":{"n":1},"b":{"n":2},"c":{"n":3}}`},
		"the same twice":          {[]string{`{"a":{"n":1}}`, `{"a": {"n":1}}`}, `{"a":{"n":1}}`},
		"in the shared part, too": {[]string{`{"_shared":{"at":1},"a":{"n":1},"b":{"n":1}}`, `{"a":{"n":2}}`}, `{"_shared":{"at":1},"a":{"n":2},"b":{"n":1}}`},
		"in a newer one, too":     {[]string{`{"carts":{"n":2},"_version":1}`, `{"carts":{"n":1}}`}, `{"carts":{"n":2},"_version":1}`},
		"older and newer":         {[]string{`{"rows":{"n":1}}`, `{"carts":{"n":2},"_version":1}`}, `{"_shared":{"moved":true},"carts":{"n":2},"orders":{"n":1},"_version":1}`},
		"what a newer version saved stays": {[]string{`{"rows":{"n":1}}`, `{"orders":{"n":2},"_version":1}`},
			`{"_shared":{"moved":true},"orders":{"n":2},"_version":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			var states [][]byte
			for _, s := range c.states {
				states = append(states, []byte(s))
			}
			joined, err := state.Join(states, renamed)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(joined))
			d, err := state.Parse(joined, renamed)
			require.NoError(t, err)
			snapshot := d.Snapshot()
			states = nil
			for _, p := range snapshot.Parts {
				states = append(states, snapshot.Pick(p))
			}
			again, err := state.Join(states, renamed)
			require.NoError(t, err)
			want := string(snapshot.State)
			if len(snapshot.Parts) == 0 {
				want = ""
			}
			assert.Equal(t, want, string(again), "a state that is taken apart and joined is the same")
		})
	}
}

func TestStatesThatCannotBeJoinedAreRefused(t *testing.T) {
	for want, states := range map[string][]string{
		"table a: its part comes twice":                                     {`{"a":{"n":1}}`, `{"a":{"n":2}}`},
		"_version is not a whole number":                                    {`{"a":{"n":1},"_version":-1}`},
		"it is not a JSON object":                                           {`[]`},
		"it is not valid JSON":                                              {`{"a":`},
		"it is of version 1000000000, and this connector knows versions up": {`{"a":{"n":1},"_version":1000000000}`},
	} {
		var all [][]byte
		for _, s := range states {
			all = append(all, []byte(s))
		}
		_, err := state.Join(all, renamed)
		var fault *state.Error
		require.ErrorAs(t, err, &fault)
		assert.ErrorContains(t, err, want)
	}
}

// A platform may keep the state of each table by itself.
func ExampleJoin() {
	joined, err := state.Join([][]byte{
		[]byte(`{"orders":{"cursor":7}}`),
		[]byte(`{"carts":{"cursor":3}}`),
		nil, // a table without a state
	})
	fmt.Println(string(joined), err)
	// Output: {"carts":{"cursor":3},"orders":{"cursor":7}} <nil>
}
