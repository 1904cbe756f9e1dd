package airbyte_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestEveryFormOfAStateIsAccepted(t *testing.T) {
	t.Parallel()
	a, b := `{"a":{"cursor":3}}`, `{"b":{"cursor":3}}`
	stream := func(name, blob string) string {
		return fmt.Sprintf(`{"type":"STREAM","stream":{"stream_descriptor":{"name":%q},"stream_state":%s}}`, name, blob)
	}
	for what, c := range map[string]struct{ state, a, b string }{
		"a list of messages":       {`[` + stream("a", a) + `,` + stream("b", b) + `]`, "4", "4"},
		"one message":              {stream("a", a), "4", "1 2 3 4"},
		"one message, as written":  {`{"type":"STATE","state":` + stream("a", a) + `}`, "4", "1 2 3 4"},
		"LEGACY":                   {`{"type":"LEGACY","data":{"a":{"cursor":3},"b":{"cursor":3}}}`, "4", "4"},
		"LEGACY in a list":         {`[{"type":"LEGACY","data":{"a":{"cursor":3},"b":{"cursor":3}}}]`, "4", "4"},
		"LEGACY, no type":          {`[{"data":{"a":{"cursor":3}}}]`, "4", "1 2 3 4"},
		"LEGACY, no data":          {`[{"type":"LEGACY","data":null}]`, "1 2 3 4", "1 2 3 4"},
		"a bare object":            {`{"a":{"cursor":3},"b":{"cursor":3}}`, "4", "4"},
		"LEGACY, by stream":        {`{"type":"LEGACY","data":{"a":{"a":{"cursor":3}},"b":{"b":{"cursor":3},"_version":0,"__penstock":{"records":1}}}}`, "4", "4"},
		"LEGACY, a stream reset":   {`{"type":"LEGACY","data":{"a":{"a":{"cursor":3}},"b":null}}`, "4", "1 2 3 4"},
		"a bare object by stream":  {`{"a":{"a":{"cursor":3}},"b":{},"gone":{"gone":{"cursor":9}}}`, "4", "1 2 3 4"},
		"a part by its schema":     {`{"a":{"wide.a":{"cursor":3}}}`, "4", "1 2 3 4"},
		"a part like a stream":     {`{"a":{"cursor":3,"a":{"cursor":1}},"b":{"cursor":3}}`, "4", "4"},
		"a bare object in a list":  {`[{"a":{"cursor":3}}]`, "4", "1 2 3 4"},
		"GLOBAL":                   {`{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":` + a + `}]}}`, "4", "1 2 3 4"},
		"GLOBAL, shared null":      {`[{"type":"GLOBAL","global":{"shared_state":null,"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":` + a + `},{"stream_descriptor":{"name":"b"},"stream_state":null}]}}]`, "4", "1 2 3 4"},
		"an empty object":          {`{}`, "1 2 3 4", "1 2 3 4"},
		"an empty list":            {` [] `, "1 2 3 4", "1 2 3 4"},
		"null":                     {`null`, "1 2 3 4", "1 2 3 4"},
		"null in a list":           {`[null]`, "1 2 3 4", "1 2 3 4"},
		"a state that is null":     {`[` + stream("a", "null") + `,` + stream("b", b) + `]`, "1 2 3 4", "4"},
		"a state that is missing":  {`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"}}},` + stream("b", b) + `]`, "1 2 3 4", "4"},
		"an empty state":           {`[` + stream("a", "{}") + `]`, "1 2 3 4", "1 2 3 4"},
		"a stream twice":           {`[` + stream("a", `{"a":{"cursor":1}}`) + `,` + stream("a", a) + `]`, "4", "1 2 3 4"},
		"a stream twice, reset":    {`[` + stream("a", a) + `,` + stream("a", "null") + `]`, "1 2 3 4", "1 2 3 4"},
		"a stream of the past":     {`[` + stream("a", a) + `,` + stream("gone", `{"gone":{"cursor":9}}`) + `]`, "4", "1 2 3 4"},
		"a mark":                   {`[` + stream("a", `{"a":{"cursor":3},"__penstock":{"at":"x","records":1,"later":{}}}`) + `,` + stream("b", `{"__penstock":7}`) + `]`, "4", "1 2 3 4"},
		"members of a client":      {`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":null},"stream_state":` + a + `,"more":1},"global_":null,"data":null,"sourceStats":{"recordCount":3.0,"rejectedRecordCount":null},"destinationStats":null,"global_":null}]`, "4", "1 2 3 4"},
		"an empty namespace":       {`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":""},"stream_state":` + a + `}}]`, "4", "1 2 3 4"},
		"the schema as namespace":  {`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","namespace":"wide"},"stream_state":` + a + `}}]`, "4", "1 2 3 4"},
		"LEGACY, then STREAM":      {`[{"type":"LEGACY","data":{"b":{"cursor":3}}},` + stream("a", a) + `]`, "4", "1 2 3 4"},
		"a byte order mark":        {"\uFEFF[" + stream("a", a) + "]\r\n", "4", "1 2 3 4"},
		"escaped and spread lines": {"[\n " + strings.ReplaceAll(stream("a", a), `"cursor"`, `"\u0063ursor"`) + "\n]", "4", "1 2 3 4"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := read(t, wide(next(4, "a", "b"), "a", "b"), catalogOf("a", "b"), c.state)
			require.NoError(t, got.err)
			for name, want := range map[string]string{"a": c.a, "b": c.b} {
				ids := strings.NewReplacer(`{"id":`, "", "}", "").Replace(strings.Join(got.rows(t, name), " "))
				assert.Equal(t, want, ids, "table %s", name)
			}
			assert.Equal(t, map[string]string{"a": "STARTED RUNNING COMPLETE", "b": "STARTED RUNNING COMPLETE"}, got.statuses())
		})
	}
}

func TestAStateThatIsNotValidIsAnErrorOfTheConfiguration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: "it is not valid JSON, because it is empty", `{`: "it is not valid JSON;", `[] []`: "it is not valid JSON, because it has several values; want a list", `5`: "want an object, or null", `"x"`: "want an object", `[5]`: "message 1: want an object",
		`{"type":"FOO"}`:    "it has an unknown type; want STREAM, GLOBAL or LEGACY",
		`{"type":"STREAM"}`: "it is of type STREAM and has no member stream", `{"type":"GLOBAL"}`: "it is of type GLOBAL and has no member global",
		`[{"type":"STREAM","stream":{"stream_state":{}}}]`:                                  "message 1: a stream has no stream_descriptor.name",
		`[{"type":"STREAM","stream":5}]`:                                                    "message 1: a member has an unexpected type",
		`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":[]}}]`: "message 1: stream a: want an object",
		`[{"type":"GLOBAL","global":{"shared_state":7,"stream_states":[]}}]`:                "message 1: shared_state: want an object",
		`{"a":5}`: "it is not a JSON object",
		`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"_version":9}}}]`: "the state has version 9",
	} {
		a := read(t, wide(next(4, "a"), "a"), catalogOf("a"), text+" ")
		require.ErrorIs(t, a.err, connector.Configuration, text)
		require.Len(t, a.errors(), 1, text)
		assert.Contains(t, a.errors()[0], "- config_error: ", text)
		assert.Contains(t, a.errors()[0], want, text)
		assert.Empty(t, a.records("a"))
	}
	args := append(readArgs(t, `{}`, catalogOf("a"), ""), "--state", "missing.json")
	a := serve(t, wide(next(4, "a"), "a"), args)
	require.ErrorIs(t, a.err, connector.Configuration)
	assert.Contains(t, a.errors()[0], "missing.json")
}

func TestAStateNeverRepeatsWhileRecordsOfItsStreamCome(t *testing.T) {
	t.Parallel()
	// Table a has a cursor that stands still, b has no part of its own, and c no rows.
	c := wide(func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for range 3 {
			if err := errors.Join(out.Upsert("a", id(1)), out.Upsert("b", id(1))); err != nil {
				return err
			}
			cursor.Advance(1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	}, "a", "b", "c")
	kept := ""
	for range 3 {
		before := map[string]string{}
		if kept != "" {
			var states []stateLine
			require.NoError(t, json.Unmarshal([]byte(kept), &states))
			for _, s := range states {
				before[s.Stream.Descriptor.Name] = string(s.Stream.State)
			}
		}
		got := read(t, c, catalogOf("a", "b", "c"), kept, fixture.Each)
		require.NoError(t, got.err)
		since := map[string]int{}
		for _, l := range got.lines {
			since[l.Record.Stream]++
			if s := l.State.Stream; l.Type == "STATE" {
				if since[s.Descriptor.Name] > 0 {
					assert.NotEqual(t, before[s.Descriptor.Name], string(s.State), "stream %s", s.Descriptor.Name)
				}
				before[s.Descriptor.Name], since[s.Descriptor.Name] = string(s.State), 0
			}
		}
		assert.Equal(t, []string{`{"a":{"cursor":1}}`, `{"a":{"cursor":1}}`, `{"a":{"cursor":1}}`}, got.states(t, "a"))
		assert.Equal(t, []string{`{}`, `{}`, `{}`}, got.states(t, "b"))
		assert.Equal(t, []string{`{}`}, got.states(t, "c"), "a stream without records has one state")
		kept = got.kept(t, kept)
	}
}

func TestACheckpointWritesOnlyTheStatesThatHaveChanged(t *testing.T) {
	t.Parallel()
	got := read(t, wide(next(3, "a", "b"), "a", "b", "c"), catalogOf("a", "b", "c"), "", fixture.Each)
	require.NoError(t, got.err)
	var order []string
	for _, l := range got.lines {
		switch l.Type {
		case "RECORD":
			order = append(order, l.Record.Stream)
		case "STATE":
			order = append(order, "state of "+l.State.Stream.Descriptor.Name)
		}
	}
	assert.Equal(t, "a, state of a, a, state of a, a, state of a, b, state of b, b, state of b, b, state of b, state of c", strings.Join(order, ", "))
}

func TestASharedPartIsSentAsAGlobalState(t *testing.T) {
	t.Parallel()
	var seen string
	c := wide(func(ctx context.Context, st state.State, out connector.Emitter) error {
		if _, err := st.Shared().Get("token", &seen); err != nil {
			return err
		}
		if err := st.Shared().Set("token", seen+"x"); err != nil {
			return err
		}
		return next(2, "a", "b")(ctx, st, out)
	}, "a", "b")
	kept := ""
	for _, want := range []string{"", "x", "xx"} {
		got := read(t, c, catalogOf("a", "b"), kept, fixture.Each)
		require.NoError(t, got.err)
		assert.Equal(t, want, seen)
		kept = got.kept(t, kept)
		var shared string
		for i, l := range got.lines {
			if l.Type == "STATE" {
				require.Equal(t, "GLOBAL", l.State.Type, "the tables are saved before the shared part: %s", got.raw[i])
				assert.Len(t, l.State.Global.Streams, 2)
				shared = string(l.State.Global.Shared)
			}
		}
		assert.JSONEq(t, `{"_shared":{"token":"`+want+`x"}}`, shared)
	}
	got := read(t, c, catalogOf("a", "b"), kept)
	assert.Empty(t, got.records("a"), "the streams resume, too")

	// A state of type GLOBAL whose shared part is empty is not kept up.
	got = read(t, wide(next(3, "a"), "a"), catalogOf("a"), `[{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{"a":{"cursor":2}}}]}}]`)
	require.NoError(t, got.err)
	assert.Equal(t, []string{`{"id":3}`}, got.rows(t, "a"))
	assert.Equal(t, []string{`{"a":{"cursor":3}}`}, got.states(t, "a"))
}

func TestTheStateOfATableThatIsGoneDoesNotMakeTheStateGlobal(t *testing.T) {
	t.Parallel()
	for _, saved := range []string{`{"type":"LEGACY","data":{"a":{"cursor":2},"gone":{"cursor":9}}}`, `{"a":{"cursor":2},"gone":{"cursor":9}}`} {
		got := read(t, wide(next(3, "a"), "a"), catalogOf("a"), saved)
		require.NoError(t, got.err)
		assert.Equal(t, []string{`{"id":3}`}, got.rows(t, "a"))
		assert.Equal(t, []string{`{"a":{"cursor":3}}`}, got.states(t, "a"), "the state is of type STREAM")
		assert.NotContains(t, strings.Join(got.raw, ""), "gone")
	}
}

func TestASharedPartThatIsUsedLateIsReported(t *testing.T) {
	t.Parallel()
	c := wide(func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("a", id(1)), out.Checkpoint(), st.Shared().Set("token", "x"), out.Upsert("a", id(2)), out.Checkpoint())
	}, "a")
	got := read(t, c, catalogOf("a"), "", fixture.Each)
	require.NoError(t, got.err)
	require.Len(t, got.warnings(), 1)
	assert.Contains(t, got.warnings()[0], "must call State.Shared before its first checkpoint")
	got = read(t, c, catalogOf("a"), got.kept(t, ""), fixture.Each)
	require.NoError(t, got.err)
	assert.Empty(t, got.warnings(), "the platform holds a state of type GLOBAL")
}

func TestATableWithTheNameOfTheMarkKeepsItsState(t *testing.T) {
	t.Parallel()
	names := []string{"__penstock", "a"}
	got := read(t, wide(next(2, names...), names...), catalogOf(names...), "", fixture.Each)
	require.NoError(t, got.err)
	kept := got.kept(t, "")
	got = read(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error { // the state stands still
		return errors.Join(out.Upsert("__penstock", id(3)), out.Upsert("a", id(3)))
	}, names...), catalogOf(names...), kept)
	require.NoError(t, got.err)
	got = read(t, wide(next(3, names...), names...), catalogOf(names...), got.kept(t, kept))
	require.NoError(t, got.err)
	for _, name := range names {
		assert.Equal(t, []string{`{"id":3}`}, got.rows(t, name))
	}
}

func TestAGlobalStateKeepsTheStateOfADeselectedStream(t *testing.T) {
	t.Parallel()
	c := wide(func(ctx context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Shared().Set("token", "x"), next(2, "a", "b")(ctx, st, out))
	}, "a", "b")
	kept := read(t, c, catalogOf("a", "b"), "").kept(t, "")
	kept = read(t, c, catalogOf("a"), kept).kept(t, kept)
	got := read(t, c, catalogOf("a", "b"), kept)
	require.NoError(t, got.err)
	assert.Empty(t, got.records("b"))
}

func TestADeselectedStreamResumesIfThePlatformKeepsItsState(t *testing.T) {
	t.Parallel()
	kept := read(t, wide(next(2, "a", "b"), "a", "b"), catalogOf("a", "b"), "").kept(t, "")
	got := read(t, wide(next(3, "a", "b"), "a", "b"), catalogOf("a"), kept)
	require.NoError(t, got.err)
	assert.Equal(t, []string{`{"id":3}`}, got.rows(t, "a"))
	assert.Empty(t, got.states(t, "b"), "a stream that is not in the catalog has no state")
	assert.Len(t, got.statuses(), 1)
	kept = got.kept(t, kept)
	got = read(t, wide(next(4, "a", "b"), "a", "b"), catalogOf("a", "b"), kept)
	assert.Equal(t, []string{`{"id":4}`}, got.rows(t, "a"))
	assert.Equal(t, []string{`{"id":3}`, `{"id":4}`}, got.rows(t, "b"))
	got = read(t, wide(next(4, "a", "b"), "a", "b"), catalogOf("a", "b"), without(t, kept, "b"))
	assert.Len(t, got.rows(t, "b"), 4, "without its state, a stream is read from the start")
}

func TestAFollowerWithoutAStateComesBackWhole(t *testing.T) {
	t.Parallel()
	family := func(to int64) *fixture.Wide {
		return &fixture.Wide{Names: []string{"orders", "items"}, Follows: map[string]string{"items": "orders"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var group connector.Tables
			group.Add("orders", func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "orders", state.Sorted())
				for n := cursor.Start() + 1; n <= to; n++ {
					if err := errors.Join(out.Upsert("orders", id(n)), out.Upsert("items", id(n))); err != nil {
						return err
					}
					cursor.Advance(n)
				}
				return nil
			})
			return group.Sync(ctx, st, out)
		}}
	}
	all := catalogOf("orders", "items")
	kept := read(t, family(3), all, "").kept(t, "")
	null := strings.Replace(kept, `{"items":`, `null,"was":{"items":`, 1)
	for what, c := range map[string]struct{ catalog, state string }{
		"its state is missing":        {all, without(t, kept, "items")},
		"its state is null":           {all, null},
		"the first read has none":     {all, read(t, family(3), catalogOf("orders"), "").kept(t, "")},
		"it is read alone, all old":   {catalogOf("items"), without(t, kept, "items")},
		"its leader's state is reset": {all, without(t, kept, "orders")},
	} {
		got := read(t, family(4), c.catalog, c.state)
		require.NoError(t, got.err, what)
		assert.Equal(t, []string{`{"id":1}`, `{"id":2}`, `{"id":3}`, `{"id":4}`}, got.rows(t, "items"), what)
	}
	got := read(t, family(4), all, kept)
	assert.Equal(t, []string{`{"id":4}`}, got.rows(t, "items"))
}

// A migrated is a connector whose state has changed once: cursors were called page.
type migrated struct{ fixture.Wide }

func (migrated) StateMigrations() []state.Migration {
	return []state.Migration{func(old map[string]json.RawMessage) error {
		for name, part := range old {
			old[name] = json.RawMessage(strings.Replace(string(part), `"page"`, `"cursor"`, 1))
		}
		return nil
	}}
}

func TestStatesOfDifferentVersionsAreMigrated(t *testing.T) {
	t.Parallel()
	c := migrated{*wide(next(4, "a", "b", "c"), "a", "b", "c")}
	got := read(t, &c, catalogOf("a", "b", "c"), `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"a":{"page":3}}}},
		{"type":"STREAM","stream":{"stream_descriptor":{"name":"b"},"stream_state":{"b":{"cursor":2},"_version":1}}}]`)
	require.NoError(t, got.err)
	assert.Equal(t, []string{`{"id":4}`}, got.rows(t, "a"))
	assert.Equal(t, []string{`{"id":3}`, `{"id":4}`}, got.rows(t, "b"))
	assert.Len(t, got.rows(t, "c"), 4)
	for _, stream := range []string{"a", "b", "c"} {
		states := got.states(t, stream)
		assert.Equal(t, `{"_version":1,"`+stream+`":{"cursor":4}}`, states[len(states)-1])
	}
}
