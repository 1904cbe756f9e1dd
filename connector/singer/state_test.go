package singer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A keeper is a connector that records the state that a sync starts from.
type keeper struct {
	fixture.Wide
	version int    // the number of migrations
	started string // the state
}

// keep returns a keeper with tables.
func keep(tables ...string) *keeper {
	k := &keeper{}
	k.Names = tables
	k.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error {
		text, err := st.MarshalJSON()
		k.started = string(text)
		return err
	}
	return k
}

// StateMigrations implements connector.StateMigrator. Each migration renames the key
// "vN" of every part to "vN+1".
func (k *keeper) StateMigrations() []state.Migration {
	var all []state.Migration
	for n := range k.version {
		all = append(all, func(parts map[string]json.RawMessage) error {
			for name, part := range parts {
				parts[name] = json.RawMessage(strings.ReplaceAll(string(part), fmt.Sprintf(`"v%d"`, n), fmt.Sprintf(`"v%d"`, n+1)))
			}
			return nil
		})
	}
	return all
}

// starts returns the state that a sync starts from, and the state that it leaves.
func (k *keeper) starts(t testing.TB, saved string, in call) (from, last string) {
	t.Helper()
	in.state = saved
	messages, err := tap(t, k, in)
	require.NoError(t, err, saved)
	return k.started, lastState(t, messages)
}

func TestEachFormOfAStateIsRead(t *testing.T) {
	for saved, want := range map[string]string{
		`{}`:   `{}`,
		`null`: `{}`,
		" \n":  `{}`,
		"\uFEFF" + `{"bookmarks":{"a":{"cursor":"2024-01-01T00:00:00Z"}}}`: `{"a":{"cursor":"2024-01-01T00:00:00Z"}}`,
		`{"bookmarks":null}`:                                                                                     `{}`,
		`{"bookmarks":{}}`:                                                                                       `{}`,
		`{"bookmarks":{"a":null,"b":{}}}`:                                                                        `{}`,
		`{"bookmarks":{"a":{"cursor":null}}}`:                                                                    `{}`,
		`{"currently_syncing":"a"}`:                                                                              `{}`,
		`{"currently_syncing":"a","bookmarks":{"a":{"cursor":1}}}`:                                               `{"a":{"cursor":1}}`,
		`{"type":"STATE","value":{"bookmarks":{"a":{"cursor":1}}}}`:                                              `{"a":{"cursor":1}}`,
		`{"type":"STATE","value":null}`:                                                                          `{}`,
		`{"singer_state":{"bookmarks":{"a":{"cursor":1}}}}`:                                                      `{"a":{"cursor":1}}`,
		`{"bookmarks":{"a":{"partitions":{"eu":{"n":[1.50,{}]}},"s":"é\"","t":true}}}`:                           `{"a":{"partitions":{"eu":{"n":[1.50,{}]}},"s":"é\"","t":true}}`,
		`{"bookmarks":{"a":{"cursor":1}},"penstock":{"_shared":{"at":1}}}`:                                       `{"_shared":{"at":1},"a":{"cursor":1}}`,
		`{"bookmarks":{},"penstock":null}`:                                                                       `{}`,
		`{"bookmarks":{},"penstock":{"_shared":null,"_version":null,"x":1}}`:                                     `{}`,
		`{"bookmarks":{},"penstock":{"_shared":{}}}`:                                                             `{}`,
		`{"bookmarks":{"a":{"cursor":1,"_plain":["cursor"],"_json":"{\"a\":{\"p\":[1]}}","_version":0}}}`:        `{"a":{"cursor":1,"p":[1]}}`,
		`{"bookmarks":{"a":{"old":1,"_plain":[],"_json":"{}","_version":0}}}`:                                    `{}`,
		`{"bookmarks":{"a":{"_plain":["cursor"],"_json":"{\"a\":{}}"}}}`:                                         `{}`,
		`{"bookmarks":{"a":{"cursor":1,"_plain":["cursor"]}}}`:                                                   `{"a":{"cursor":1}}`,
		`{"bookmarks":{"a":{"n":2,"_plain":["n"],"_json":"{\"a\":{\"n\":1},\"_version\":7}"}}}`:                  `{"a":{"n":2}}`,
		`{"bookmarks":{"a":{"cursor":1,"_plain":["cursor"],"_json":"{\"wide.a\":{\"p\":{}},\"b\":{\"n\":1}}"}}}`: `{"b":{"n":1},"wide.a":{"cursor":1,"p":{}}}`,
	} {
		t.Run(saved, func(t *testing.T) {
			k := keep("a", "b")
			from, last := k.starts(t, saved, call{})
			assert.Equal(t, want, from)
			again, _ := k.starts(t, last, call{})
			assert.Equal(t, want, again, last)
		})
	}
}

func TestAStateThatCannotBeUsedIsAnErrorThatNamesTheStream(t *testing.T) {
	for saved, want := range map[string]string{
		`[]`:                                 "state: it is not a JSON object; correct the state",
		`7`:                                  "state: it is not a JSON object",
		`nonsense`:                           "not valid JSON",
		`{"bookmarks":[]}`:                   "state: bookmarks: it is not a JSON object",
		`{"bookmarks":{"a":7}}`:              "the bookmark of a: it is not a JSON object",
		`{"bookmarks":{"a":{"_plain":7}}}`:   "the bookmark of a: _plain is not a list of names",
		`{"bookmarks":{"a":{"_json":7}}}`:    "the bookmark of a: _json: it is not a string",
		`{"bookmarks":{"a":{"_json":"{"}}}`:  "the bookmark of a: _json: its text is not valid JSON",
		`{"bookmarks":{"a":{"_json":"[]"}}}`: "the bookmark of a: _json: it is not a JSON object",
		`{"bookmarks":{"a":{"n":1,"_plain":["n"],"_json":"{\"a\":7}"}}}`: "the bookmark of a: _json: a: it is not a JSON object",
		`{"bookmarks":{"a":{"n":1,"_version":"x"}}}`:                     "version",
		`{"bookmarks":{"a":{"n":1,"_version":1}}}`:                       "run the newer connector",
		`{"bookmarks":{},"penstock":[]}`:                                 "state: penstock: it is not a JSON object",
		`{"bookmarks":{},"penstock":{"_shared":7}}`:                      "penstock: _shared: it is neither an object nor text",
		`{"bookmarks":{},"penstock":{"_shared":"7"}}`:                    "penstock: _shared: its text is not a JSON object",
		`{"bookmarks":{},"penstock":{"_late":7}}`:                        "penstock: _late is not a list of streams",
		`{"singer_state":[]}`:                                            "state: singer_state: it is not a JSON object",
	} {
		t.Run(saved, func(t *testing.T) {
			messages, err := tap(t, keep("a"), call{state: saved})
			require.ErrorIs(t, err, connector.Configuration)
			assert.Contains(t, host.New(t.Context(), keep("a")).Explain(err), want)
			assert.Empty(t, messages)
		})
	}
	_, err := tap(t, keep("a"), call{args: []string{"--state", "none.json"}})
	require.ErrorContains(t, err, "none.json")
}

// values holds parts of a state of every kind, with every digit.
var values = []string{
	`{}`, `{"cursor":1}`, `{"cursor":"2026-01-02T03:04:05.678Z"}`, `{"cursor":-9223372036854775808}`, `{"cursor":9223372036854775808}`,
	`{"cursor":1.50}`, `{"cursor":1e400}`, `{"cursor":-0}`, `{"cursor":true,"done":false}`, `{"cursor":"a\u0000b"}`, `{"cursor":["a",1]}`,
	`{"cursor":{"at":{"deep":[1.50,{"x":{}}]},"n":2}}`, `{"partitions":{"eu":1,"us":{"n":2}}}`, `{"partitions":{"eu":3}}`, `{"_plan":{"n":1},"_n":7,"é \"":"ü"}`,
	`{"_x":{"cursor":{"partitions":[{}]}},"cursor":5,"other":"t","":"empty"}`,
}

// Meltano merges a new state into an old one after a full refresh, or if it is told to
// merge states. Members that the connector has removed must not return.
func TestAStateThatIsLaidOntoAnOlderOneIsTheNewState(t *testing.T) {
	t.Parallel()
	k := keep("a", "b", "c")
	type saved struct{ text, means string }
	var all []saved
	for version := range 2 {
		k.version = version
		for i, part := range values {
			other := values[(i*7+3)%len(values)]
			parts := `"a":` + part + `,"b":` + other
			if i%2 == 1 {
				parts = `"wide.b":` + part
			}
			shared := ""
			if i%3 == 1 {
				shared = `,"_shared":{"at":` + fmt.Sprint(i) + `,"deep":{"n":{"x` + fmt.Sprint(i) + `":1}}}`
			}
			text := stateOf(t, k, `{`+parts+shared+fmt.Sprintf(`,"_version":%d}`, version))
			k.version = 1
			means, _ := k.starts(t, text, call{})
			k.version = version
			all = append(all, saved{text, means})
		}
	}
	k.version = 1
	for i, before := range all {
		for j, after := range all {
			if (i*5+j)%6 != 0 { // testing all pairs would take seconds
				continue
			}
			merged, _ := k.starts(t, laidOnto(t, before.text, after.text), call{})
			require.Equal(t, after.means, merged, "%s\nonto %s", after.text, before.text)
		}
	}
}

// stateOf returns the STATE of a connector whose state is the given one.
func stateOf(t *testing.T, k *keeper, whole string) string {
	t.Helper()
	var parts map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(whole), &parts))
	shared, version := parts["_shared"], parts["_version"]
	if shared == nil {
		shared = []byte("{}")
	}
	delete(parts, "_shared")
	delete(parts, "_version")
	bookmarks := map[string]map[string]any{}
	for name, part := range parts {
		text, err := json.Marshal(map[string]json.RawMessage{name: part})
		require.NoError(t, err)
		_, stream, qualified := strings.Cut(name, ".")
		if !qualified {
			stream = name
		}
		bookmarks[stream] = map[string]any{"_plain": []string{}, "_json": string(text), "_version": version}
	}
	text, err := json.Marshal(map[string]any{"bookmarks": bookmarks, "penstock": map[string]any{"_shared": shared, "_version": version}})
	require.NoError(t, err)
	_, last := k.starts(t, string(text), call{})
	return last
}

// laidOnto returns the state into which Meltano merges an old and a new one. It passes them
// through Python, where a number with a fraction is a float.
func laidOnto(t *testing.T, before, after string) string {
	t.Helper()
	var old, fresh map[string]any
	require.NoError(t, json.Unmarshal([]byte(before), &old))
	require.NoError(t, json.Unmarshal([]byte(after), &fresh))
	for _, text := range []struct {
		from string
		to   *map[string]any
	}{{before, &old}, {after, &fresh}} {
		dec := json.NewDecoder(strings.NewReader(text.from))
		dec.UseNumber()
		require.NoError(t, dec.Decode(text.to))
	}
	merge(fresh, old)
	merged, err := json.Marshal(old)
	require.NoError(t, err)
	return string(merged)
}

// merge does what meltano.core.utils.merge does.
func merge(src, dest map[string]any) {
	for key, value := range src {
		if object, ok := value.(map[string]any); ok {
			if _, ok := dest[key]; !ok {
				dest[key] = map[string]any{}
			}
			merge(object, dest[key].(map[string]any))
			continue
		}
		dest[key] = value
	}
}

func TestAStateOnlyHasNumbersThatEveryProgramKeeps(t *testing.T) {
	k := keep("a")
	for _, part := range values {
		_, last := k.starts(t, `{"bookmarks":{"a":`+part+`}}`, call{})
		dec := json.NewDecoder(strings.NewReader(last))
		for {
			token, err := dec.Token()
			if err != nil {
				break
			}
			if n, ok := token.(json.Number); ok {
				i, err := n.Int64()
				require.NoError(t, err, last)
				require.Equal(t, i, int64(float64(i)), last)
				require.Less(t, max(i, -i), int64(1<<53), last)
			}
		}
	}
}

// Such programs, jq among them, round integers that a float cannot hold.
func TestAStateSurvivesProgramsThatReadEveryNumberAsAFloat(t *testing.T) {
	k := keep("a")
	for _, part := range append(values, `{"cursor":9007199254740993}`, `{"cursor":-9007199254740993}`, `{"cursor":9007199254740991}`, `{"a\u0000b":1}`) {
		from, last := k.starts(t, `{"bookmarks":{"a":`+part+`}}`, call{})
		var floats any
		require.NoError(t, json.Unmarshal([]byte(last), &floats))
		text, err := json.Marshal(floats)
		require.NoError(t, err)
		again, _ := k.starts(t, string(text), call{})
		assert.Equal(t, sorted(t, from), sorted(t, again))
		assert.NotRegexp(t, `[^\\]\\u0000`, last, "some databases cannot hold it")
	}
}

// sorted returns a JSON object with its members sorted.
func sorted(t *testing.T, object string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	dec.UseNumber()
	var value any
	require.NoError(t, dec.Decode(&value))
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// A table that has not been declared again has a bookmark that the user can remove.
func TestAStreamThatOnlyTheSyncDeclaresCanBeReset(t *testing.T) {
	late := schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	fails := false
	k := keep("a")
	k.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		if fails {
			return errors.Join(st.Table("a").Set("n", 1), out.Checkpoint(), errors.New("busy"))
		}
		if err := out.Declare(late); err != nil {
			return err
		}
		cursor := state.NewCursor[int64](st, "late", state.Sorted())
		err := out.Upsert("late", id(cursor.Start()+1))
		cursor.Advance(cursor.Start() + 1)
		return err
	}
	messages, err := tap(t, k, call{})
	require.NoError(t, err)
	for _, k.version = range []int{0, 1} {
		fails = true
		messages, err = tap(t, k, call{state: lastState(t, messages)})
		require.Error(t, err)
		interrupted := lastState(t, messages)
		assert.Contains(t, interrupted, `"late":{"cursor":1,"_plain":["cursor"],`)
		assert.Contains(t, interrupted, `"_shared":"{}"`)
		fails = false
		for saved, want := range map[string]int{interrupted: 2, without(t, interrupted, "late"): 1} {
			kept, err := tap(t, k, call{state: saved})
			require.NoError(t, err)
			assert.Equal(t, []string{fmt.Sprintf(`RECORD late {"id":%d}`, want)}, texts(kept, "RECORD"), saved)
		}
	}
}

func TestAHandWrittenBookmarkCountsWholly(t *testing.T) {
	k := keep("a", "b")
	_, last := k.starts(t, `{"bookmarks":{"a":{"cursor":5,"deep":{"n":1}},"b":{"cursor":6}}}`, call{})
	var saved struct {
		Bookmarks map[string]map[string]any `json:"bookmarks"`
	}
	require.NoError(t, json.Unmarshal([]byte(last), &saved))
	assert.EqualValues(t, 5, saved.Bookmarks["a"]["cursor"], "people can read and edit a cursor")
	edited := strings.Replace(last, `"cursor":5`, `"cursor":3`, 1)
	from, _ := k.starts(t, edited, call{})
	assert.Equal(t, `{"a":{"cursor":3,"deep":{"n":1}},"b":{"cursor":6}}`, from)
	// A person replaces the bookmark of b.
	saved.Bookmarks["b"] = map[string]any{"cursor": 2}
	text, err := json.Marshal(saved)
	require.NoError(t, err)
	from, _ = k.starts(t, string(text), call{})
	assert.Equal(t, `{"a":{"cursor":5,"deep":{"n":1}},"b":{"cursor":2}}`, from)
}

func TestBookmarksOfOlderVersionsAreMigrated(t *testing.T) {
	k := keep("a", "b", "c")
	k.version = 2
	for saved, want := range map[string]string{
		`{"bookmarks":{"a":{"v0":1},"b":{"v1":2,"_version":1},"c":{"v2":3,"_version":2}}}`:                           `{"a":{"v2":1},"b":{"v2":2},"c":{"v2":3},"_version":2}`,
		`{"bookmarks":{"a":{"v1":1},"b":{"v0":2,"_version":0}},"penstock":{"_version":1}}`:                           `{"a":{"v2":1},"b":{"v2":2},"_version":2}`,
		`{"bookmarks":{"a":{"v1":{"v1":1}}},"penstock":{"_version":1,"_shared":{"v1":1}}}`:                           `{"_shared":{"v2":1},"a":{"v2":{"v2":1}},"_version":2}`,
		`{"bookmarks":{"a":{"v0":1}},"penstock":{"_version":2,"_shared":"{\"_shared\":{\"v1\":1},\"_version\":1}"}}`: `{"_shared":{"v2":1},"a":{"v0":1},"_version":2}`,
	} {
		from, last := k.starts(t, saved, call{})
		assert.Equal(t, want, from, saved)
		again, _ := k.starts(t, last, call{})
		assert.Equal(t, want, again)
		// A deselected table keeps its state when the others are upgraded.
		only := `{"streams":[{"tap_stream_id":"a"}]}`
		_, last = k.starts(t, saved, call{catalog: only})
		again, _ = k.starts(t, last, call{})
		assert.Equal(t, want, again)
	}
}

func TestTheBookmarkOfAStreamThatTheSourceHasLostIsDroppedWithAWarning(t *testing.T) {
	log := &records{}
	from, last := keep("a").starts(t, `{"bookmarks":{"a":{"n":1},"gone":{"n":2}}}`, call{opts: []host.Option{log.option()}})
	assert.Equal(t, `{"a":{"n":1}}`, from)
	assert.NotContains(t, last, "gone")
	assert.Contains(t, log.String(), "stream=gone")
}

func TestEveryStateHasABookmarkForEachSelectedStream(t *testing.T) {
	k := keep("a", "b", "c")
	k.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		err := errors.Join(st.Table("a").Set("n", 1), out.Checkpoint())
		st.Table("a").Delete("n")
		return err
	}
	messages, err := tap(t, k, call{catalog: `{"streams":[{"tap_stream_id":"a"},{"tap_stream_id":"b"}]}`})
	require.NoError(t, err)
	var states []string
	for _, m := range messages {
		if m.Type == "STATE" {
			states = append(states, string(m.Value))
		}
	}
	const empty = `{"_plain":[],"_json":"{}","_version":0}`
	assert.Equal(t, []string{
		`{"bookmarks":{"a":{"n":1,"_plain":["n"],"_json":"{\"a\":{}}","_version":0},"b":` + empty + `},"penstock":{"_shared":"{}","_version":0}}`,
		`{"bookmarks":{"a":` + empty + `,"b":` + empty + `},"penstock":{"_shared":"{}","_version":0}}`,
	}, states)
}

// A table without a position has an empty bookmark, which stays as well.
func TestTheBookmarkOfADeselectedStreamStays(t *testing.T) {
	const empty = `{"_plain":[],"_json":"{}","_version":0}`
	const saved = `{"bookmarks":{"a":{"n":1,"_plain":["n"],"_json":"{\"a\":{}}","_version":0},"b":` + empty + `,"c":` + empty + `},"penstock":{"_shared":"{}","_version":0}}`
	_, last := keep("a", "b", "c", "new").starts(t, saved, call{catalog: `{"streams":[{"tap_stream_id":"c"},{"tap_stream_id":"b","metadata":[{"breadcrumb":[],"metadata":{"selected":false}}]}]}`})
	assert.JSONEq(t, saved, last)
}

// A counting connector delivers the rows of its tables from their cursors on. The rows
// of "items" come with those of "orders".
type counting struct {
	fixture.Wide
	rows   int64
	failed string // a table that fails after its first row
}

func newCounting(rows int64) *counting {
	c := &counting{rows: rows}
	c.Names, c.Follows = []string{"orders", "items", "carts"}, map[string]string{"items": "orders"}
	c.OnSync = func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		for _, table := range []string{"orders", "carts"} {
			tables.Add(table, func(_ context.Context, st state.State, out connector.Emitter) error { return c.read(table, st, out) })
		}
		return tables.Sync(ctx, st, out)
	}
	return c
}

func (c *counting) read(table string, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, table, state.Sorted())
	for n := cursor.Start() + 1; n <= c.rows; n++ {
		row := map[string]any{"id": n}
		err := out.Upsert(table, row)
		if table == "orders" {
			err = errors.Join(err, out.Upsert("items", row))
		}
		cursor.Advance(n)
		if err = errors.Join(err, out.Checkpoint()); err != nil {
			return err
		}
		if table == c.failed {
			return connector.Errorf(connector.Transient, "the list is busy")
		}
	}
	return nil
}

// counts returns the number of records of each stream, as in "orders:2 items:2".
func counts(messages []message) string {
	n := map[string]int{}
	for _, m := range messages {
		if m.Type == "RECORD" {
			n[m.Stream]++
		}
	}
	var all []string
	for _, name := range []string{"orders", "items", "carts"} {
		if n[name] > 0 {
			all = append(all, fmt.Sprintf("%s:%d", name, n[name]))
		}
	}
	return strings.Join(all, " ")
}

// catalogWith returns a catalog of streams. A name that ends in an asterisk is a full
// load.
func catalogWith(streams ...string) string {
	var all []string
	for _, name := range streams {
		own, full := strings.CutSuffix(name, "*")
		metadata := `{}`
		if full {
			metadata = `{"replication-method":"FULL_TABLE"}`
		}
		all = append(all, `{"tap_stream_id":"`+own+`","metadata":[`+stream(metadata)+`]}`)
	}
	return `{"streams":[` + strings.Join(all, ",") + `]}`
}

// without removes bookmarks from a state.
func without(t *testing.T, saved string, streams ...string) string {
	t.Helper()
	var value map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(saved), &value))
	for _, name := range streams {
		delete(value["bookmarks"], name)
	}
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func TestNoRowOfAFollowerIsLost(t *testing.T) {
	everything := catalogWith("orders", "items", "carts")
	for name, steps := range map[string][]struct {
		catalog string
		reset   []string
		merge   bool // the state is merged into the previous one
		rows    int64
		want    string // the records; empty if only their completeness matters
	}{
		"nothing special":                     {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {everything, nil, false, 5, "orders:2 items:2 carts:2"}},
		"the follower is reset":               {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {everything, []string{"items"}, false, 5, "orders:5 items:5 carts:2"}, {everything, nil, false, 6, "orders:1 items:1 carts:1"}},
		"the other table is reset":            {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {everything, []string{"orders"}, false, 5, "orders:5 items:5 carts:2"}, {everything, nil, false, 6, "orders:1 items:1 carts:1"}},
		"an independent table is reset":       {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {everything, []string{"carts"}, false, 5, "orders:2 items:2 carts:5"}},
		"the follower alone":                  {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("items"), nil, false, 5, "items:2"}, {catalogWith("items"), nil, false, 6, "items:1"}, {everything, nil, false, 6, "orders:3 items:3 carts:3"}},
		"the follower alone, reset":           {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("items"), []string{"items"}, false, 5, "items:5"}},
		"deselected and selected again":       {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("orders"), nil, false, 5, "orders:2"}, {catalogWith("orders"), nil, false, 6, "orders:1"}, {everything, nil, false, 7, "orders:4 items:4 carts:4"}},
		"a full refresh without the follower": {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("orders"), []string{"orders", "items", "carts"}, true, 5, "orders:5"}, {everything, nil, false, 6, ""}},
		"a full refresh of the follower":      {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("items"), []string{"orders", "items", "carts"}, true, 5, "items:5"}, {everything, nil, false, 6, ""}},
		"a full refresh of another table":     {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("carts"), []string{"orders", "items", "carts"}, true, 5, "carts:5"}, {everything, nil, false, 6, "orders:3 items:3 carts:1"}},
		"a full refresh":                      {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {everything, []string{"orders", "items", "carts"}, true, 5, "orders:5 items:5 carts:5"}, {everything, nil, false, 6, "orders:1 items:1 carts:1"}},
		"full loads":                          {{everything, nil, false, 3, "orders:3 items:3 carts:3"}, {catalogWith("orders", "items*", "carts*"), nil, false, 5, "orders:5 items:5 carts:5"}, {everything, nil, false, 6, "orders:1 items:1 carts:1"}, {catalogWith("orders*", "items"), nil, false, 7, "orders:7 items:7"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounting(0)
			saved := ""
			stored := map[string]map[string]bool{} // the records at the target, by stream
			for i, step := range steps {
				c.rows = step.rows
				before := saved
				if len(step.reset) > 0 {
					before = without(t, saved, step.reset...)
				}
				messages, err := tap(t, c, call{catalog: step.catalog, state: before})
				require.NoError(t, err)
				if step.want != "" {
					assert.Equal(t, step.want, counts(messages), "step %d", i+1)
				}
				for _, m := range messages {
					switch {
					case m.Type == "SCHEMA" && (stored[m.Stream] == nil || slices.Contains(step.reset, m.Stream)):
						stored[m.Stream] = map[string]bool{}
					case m.Type == "RECORD":
						stored[m.Stream][string(m.Record)] = true
					}
				}
				for _, m := range messages {
					if m.Type == "SCHEMA" {
						assert.Len(t, stored[m.Stream], int(step.rows), "step %d: rows of %s are missing", i+1, m.Stream)
					}
				}
				last := lastState(t, messages)
				if step.merge {
					last = laidOnto(t, saved, last)
				}
				saved = last
			}
		})
	}
}

func TestAnEditedBookmarkOfATableThatOthersFollowLosesNoRow(t *testing.T) {
	c := newCounting(5)
	messages, err := tap(t, c, call{})
	require.NoError(t, err)
	saved := lastState(t, messages)
	var value map[string]map[string]any
	require.NoError(t, json.Unmarshal([]byte(saved), &value))
	value["bookmarks"]["orders"] = map[string]any{"cursor": 4}
	replaced, err := json.Marshal(value)
	require.NoError(t, err)
	c.rows = 7
	for edited, want := range map[string]string{
		strings.Replace(saved, `"orders":{"cursor":5`, `"orders":{"cursor":3`, 1): "orders:4 items:4 carts:2",
		string(replaced): "orders:7 items:7 carts:2", // it is unknown which position covers items
	} {
		messages, err := tap(t, c, call{state: edited})
		require.NoError(t, err)
		assert.Equal(t, want, counts(messages), edited)
	}
}

func TestOneFailedTableKeepsTheBookmarksOfTheOthers(t *testing.T) {
	c := newCounting(3)
	c.failed = "carts"
	messages, err := tap(t, c, call{})
	require.ErrorContains(t, err, "carts")
	assert.Equal(t, "orders:3 items:3 carts:1", counts(messages))
	assert.Equal(t, "STATE", messages[len(messages)-1].Type, "the last message")
	c.failed, c.rows = "", 4
	messages, err = tap(t, c, call{state: lastState(t, messages)})
	require.NoError(t, err)
	assert.Equal(t, "orders:1 items:1 carts:3", counts(messages))
}

func TestATableThatIsReadAloneKeepsItsBookmarkInALargeSchema(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("t%d", i))
	}
	k := keep(names...)
	_, last := k.starts(t, `{"bookmarks":{"t7":{"cursor":5},"t8":{"cursor":6}}}`, call{catalog: catalogWith("t7")})
	from, _ := k.starts(t, last, call{})
	assert.Equal(t, `{"t7":{"cursor":5},"t8":{"cursor":6}}`, from)
	assert.Equal(t, 2, strings.Count(last, `"_json"`), "only streams that are selected or have a state")
}

func TestAPositionThatTablesShareIsKeptAndReset(t *testing.T) {
	k := keep("a", "b")
	k.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		missed := st.Missed()
		slices.Sort(missed)
		k.started = fmt.Sprint(missed)
		for _, table := range missed {
			st.Cover(table)
		}
		n := 0
		_, err := st.Shared().Get("at", &n)
		return errors.Join(err, st.Shared().Set("at", n+1))
	}
	var first string
	var missed string
	missed, first = k.starts(t, "", call{})
	assert.Equal(t, "[a b]", missed)
	missed, second := k.starts(t, first, call{})
	assert.Equal(t, "[]", missed)
	// A full refresh without b. Meltano merges its state into the previous one.
	missed, refreshed := k.starts(t, "", call{catalog: catalogWith("a")})
	assert.Equal(t, "[a]", missed)
	for _, before := range []string{first, second} {
		missed, _ = k.starts(t, laidOnto(t, before, refreshed), call{})
		assert.Equal(t, "[b]", missed)
	}
}
