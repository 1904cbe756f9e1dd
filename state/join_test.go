package state_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// renamed is a migration that renames the table rows to orders. It records in
// the shared part that it has run.
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
		"no states":                 {nil, ``},
		"empty states":              {[]string{`null`, `{}`, ``, " \n", `{"a":{}}`, `{"a":null,"_version":1}`}, ``},
		"one version":               {[]string{`{"b":{"n":2}}`, `{ "a": {"n":1} }`}, `{"a":{"n":1},"b":{"n":2}}`},
		"states with several parts": {[]string{`{"b":{"n":2},"c":{"n":3}}`, `{"_shared":{"n":1}}`}, `{"_shared":{"n":1},"b":{"n":2},"c":{"n":3}}`},
		"equal parts":               {[]string{`{"a":{"n":1}}`, `{"a": {"n":1}}`}, `{"a":{"n":1}}`},
		"also in the shared state":  {[]string{`{"_shared":{"at":1},"a":{"n":1},"b":{"n":1}}`, `{"a":{"n":2}}`}, `{"_shared":{"at":1},"a":{"n":2},"b":{"n":1}}`},
		"also in a newer state":     {[]string{`{"carts":{"n":2},"_version":1}`, `{"carts":{"n":1}}`}, `{"carts":{"n":2},"_version":1}`},
		"older and newer":           {[]string{`{"rows":{"n":1}}`, `{"carts":{"n":2},"_version":1}`}, `{"_shared":{"moved":true},"carts":{"n":2},"orders":{"n":1},"_version":1}`},
		"a part of a newer version stays": {[]string{`{"rows":{"n":1}}`, `{"orders":{"n":2},"_version":1}`},
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
			for _, p := range snapshot.Parts() {
				states = append(states, snapshot.Pick(p))
			}
			again, err := state.Join(states, renamed)
			require.NoError(t, err)
			want := string(snapshot.State)
			if len(snapshot.Parts()) == 0 {
				want = ""
			}
			assert.Equal(t, want, string(again), "splitting and joining a state must not change it")
		})
	}
}

func TestStatesThatCannotBeJoinedAreRejected(t *testing.T) {
	for want, states := range map[string][]string{
		"table a: two states have different parts for it":                                {`{"a":{"n":1}}`, `{"a":{"n":2}}`},
		"_version is not a non-negative integer":                                         {`{"a":{"n":1},"_version":-1}`},
		"it is not a JSON object":                                                        {`[]`},
		"it is not valid JSON":                                                           {`{"a":`},
		"the state has version 1000000000, but this connector only supports versions up": {`{"a":{"n":1},"_version":1000000000}`},
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

func TestAMigrationThatLeavesInvalidJSONIsTheFaultOfTheConnector(t *testing.T) {
	broken := func(old map[string]json.RawMessage) error { old["a"] = json.RawMessage(`[`); return nil }
	_, err := state.Join([][]byte{[]byte(`{"a":{"n":1}}`), []byte(`{"b":{"n":1},"_version":1}`)}, broken)
	assert.ErrorContains(t, err, "migration from version 0: table a: it is not valid JSON")
	_, err = state.Parse([]byte(`{"a":{"n":1}}`), broken)
	assert.ErrorContains(t, err, "migration from version 0: table a: it is not valid JSON")
	var configuration *state.Error
	assert.NotErrorAs(t, err, &configuration)
}
