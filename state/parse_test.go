package state_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestParseRejectsInvalidStates(t *testing.T) {
	for _, in := range []string{``, ` `, `null`, `{}`, " {}\n"} {
		d := parse(t, in)
		assert.Equal(t, `{}`, string(d.Saved()))
		assert.True(t, state.NewCursor[int64](d, "t").First())
	}
	for in, want := range map[string]string{
		"\f{}": "not valid JSON", "\u0085": "not valid JSON", `[]`: "not a JSON object", `"x"`: "not a JSON object", `12`: "not a JSON object", `{`: "not valid JSON", `{"a":{}}x`: "not valid JSON",
		`{"a":1}`: "table a: it is not a JSON object", `{"a":null}`: "table a: it is not", `{"a":[]}`: "table a: it is not", "{\"a\":{\"\xff\":1}}": "not valid JSON",
		`{"a":{},"a":{}}`: "a duplicate name", `{"a":{"x":1,"x":2}}`: "a duplicate name", `{"a":{"b":{"x":1,"\u0078":2}}}`: "a duplicate name",
		`{"a":{"b":"\ud800"}}`: "not valid JSON", `{"_version":"1"}`: "_version is not a non-negative integer", `{"_version":-1}`: "_version is not", `{"_version":1.0}`: "_version is not",
		`{"_version":1}`: "run the newer connector",
	} {
		_, err := state.Parse([]byte(in))
		var stateErr *state.Error
		require.ErrorAs(t, err, &stateErr, in)
		assert.ErrorContains(t, err, want, in)
		assert.True(t, stateErr.Configuration())
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{``, `null`, `{}`, `{"t":{"cursor":"2026-01-02T03:04:05Z"}}`, `{"t":{"cursor":5,"partitions":{"a":1}}}`,
		`{"_shared":{"a":[1,{"b":null}]},"_version":1,"z":{}}`, "{\n\"a\" : { } }", `{"a":{"a":1,"a":2}}`, "{\"\xff\":{}}", `{"a":{"\u2028":"\ud83d\ude00"}}`,
		`{"t":{"_partitions":{"covers":"PiPoFgA5","cursor":5}}}`, `{"t":{"_partitions":{"covers":"*","cursor":5}}}`, `{"t":{"cursor":["2026-01-02T03:04:05Z",5]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		same := func(map[string]json.RawMessage) error { return nil }
		d, err := state.Parse(in, same, same)
		if err != nil {
			var stateErr *state.Error
			require.ErrorAs(t, err, &stateErr)
			return
		}
		saved := d.Saved()
		require.False(t, strings.ContainsAny(string(saved), "\n\r"))
		again, err := state.Parse(saved, same, same)
		require.NoError(t, err)
		require.Equal(t, string(saved), string(again.Saved()))
		if s := strings.Trim(string(in), " \t\r\n"); s != "" && s != "null" {
			require.Equal(t, members(t, in), members(t, saved))
		}
		// Cursors on any state must not panic and must not make the state
		// invalid.
		for name := range members(t, saved) {
			for _, use := range []func(d *state.Document){
				func(d *state.Document) {
					c := state.NewCursor[int64](d, name, state.Sorted())
					c.Advance(c.Start() + 1)
				},
				func(d *state.Document) {
					c := state.NewCursor[state.Pair[time.Time, int64]](d, name)
					c.Advance(state.PairOf(at(1), c.Start().Second+1))
				},
				func(d *state.Document) {
					p := state.NewPartitions[int64](d, name, 1, state.UpTo(int64(7)))
					for _, partition := range []string{"a", "b"} {
						p.Cursor(partition).Advance(1)
					}
					p.Delete("b")
				},
				func(d *state.Document) { state.NewPartitions[time.Time](d, name, 2).Cursor("a").Advance(at(1)) },
			} {
				d, err := state.Parse(saved, same, same)
				require.NoError(t, err)
				use(d)
				_ = d.Checkpoint(name)
				_ = d.Finish()
				_, err = state.Parse(d.Saved(), same, same)
				require.NoError(t, err)
			}
		}
	})
}

// members returns the members of a state without the version and empty parts.
func members(t *testing.T, data []byte) map[string]map[string]any {
	t.Helper()
	var top map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &top))
	out := map[string]map[string]any{}
	for name, raw := range top {
		if name == "_version" {
			continue
		}
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.UseNumber()
		var part map[string]any
		require.NoError(t, d.Decode(&part))
		if len(part) > 0 {
			out[name] = part
		}
	}
	return out
}
