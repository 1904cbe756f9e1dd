package state_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

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
