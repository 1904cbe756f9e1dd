package singer_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// versions returns, for each stream, whether its records have a version and whether
// that version was activated after them, as in "carts:activated".
func versions(t *testing.T, messages []message) string {
	t.Helper()
	var all []string
	for _, name := range []string{"orders", "items", "carts"} {
		var version int64
		what := ""
		for _, m := range messages {
			switch {
			case m.Stream != name:
			case m.Type == "RECORD" && m.Version != 0:
				assert.Empty(t, strings.TrimPrefix(what, "versioned"), "a record after the activation")
				version, what = m.Version, "versioned"
			case m.Type == "ACTIVATE_VERSION":
				assert.Equal(t, version, m.Version)
				what = "activated"
			}
		}
		if what != "" {
			all = append(all, name+":"+what)
		}
	}
	return strings.Join(all, " ")
}

func TestAFullLoadReplacesTheRowsAtItsSuccessfulEnd(t *testing.T) {
	saved := map[string]string{}
	for _, rows := range []int64{3, 5} {
		messages, err := tap(t, newCounting(rows), call{})
		require.NoError(t, err)
		saved[map[int64]string{3: "three", 5: "five"}[rows]] = lastState(t, messages)
	}
	for name, c := range map[string]struct {
		catalog, state, counts, versions string
	}{
		"first sync":               {catalogWith("orders", "items", "carts*"), "", "orders:5 items:5 carts:5", "carts:activated"},
		"with a bookmark":          {catalogWith("orders", "items", "carts*"), saved["three"], "orders:2 items:2 carts:5", "carts:activated"},
		"nothing new":              {catalogWith("orders", "items", "carts*"), saved["five"], "carts:5", "carts:activated"},
		"a table with a follower":  {catalogWith("orders*", "items", "carts"), saved["three"], "orders:5 items:5 carts:2", "orders:activated"},
		"a follower":               {catalogWith("orders", "items*"), saved["three"], "orders:5 items:5", "items:activated"},
		"a follower alone":         {catalogWith("items*"), saved["three"], "items:5", "items:activated"},
		"a table and its follower": {catalogWith("orders*", "items*"), saved["three"], "orders:5 items:5", "orders:activated items:activated"},
		"a shared position":        {catalogWith("carts*"), strings.Replace(saved["three"], `"_shared":"{}"`, `"_shared":"{\"_shared\":{\"at\":1}}"`, 1), "carts:5", ""},
		"an empty shared part":     {catalogWith("carts*"), strings.Replace(saved["three"], `"_shared":"{}"`, `"_shared":"{\"_shared\":{}}"`, 1), "carts:5", "carts:activated"},
		"metadata":                 {`{"streams":[{"tap_stream_id":"carts","replication_method":"INCREMENTAL","metadata":[` + stream(`{"forced-replication-method":"FULL_TABLE"}`) + `]}]}`, saved["three"], "carts:5", "carts:activated"},
		"a member of the stream":   {`{"streams":[{"tap_stream_id":"carts","replication_method":"FULL_TABLE","metadata":[` + stream(`{"forced-replication-method":"INCREMENTAL"}`) + `]}]}`, saved["three"], "carts:5", "carts:activated"},
		"the user's choice":        {`{"streams":[{"tap_stream_id":"carts","replication_method":"FULL_TABLE","metadata":[` + stream(`{"replication-method":"INCREMENTAL"}`) + `]}]}`, saved["three"], "carts:2", ""},
		"another method":           {`{"streams":[{"tap_stream_id":"carts","replication_method":"LOG_BASED"}]}`, saved["three"], "carts:2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			messages, err := tap(t, newCounting(5), call{catalog: c.catalog, state: c.state})
			require.NoError(t, err)
			assert.Equal(t, c.counts, counts(messages))
			assert.Equal(t, c.versions, versions(t, messages))
		})
	}
}

func TestAFullLoadOfADeselectedStreamKeepsItsBookmark(t *testing.T) {
	k := keep("a", "b")
	deselected := `{"streams":[{"tap_stream_id":"a"},{"tap_stream_id":"b","metadata":[` + stream(`{"selected":false,"replication-method":"FULL_TABLE"}`) + `]}]}`
	_, last := k.starts(t, `{"bookmarks":{"b":{"n":1}}}`, call{catalog: deselected})
	from, _ := k.starts(t, last, call{})
	assert.Equal(t, `{"b":{"n":1}}`, from)
}

// No row may be removed by mistake.
func TestAFullLoadThatMayBeIncompleteReplacesNothing(t *testing.T) {
	interrupted, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	for name, c := range map[string]struct {
		ctx   context.Context
		sync  fixture.SyncFunc
		state string
		opts  []host.Option
		fails bool
	}{
		"the table fails": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(out connector.Emitter) error { return errors.Join(out.Upsert("a", id(1)), errors.New("busy")) }, "a")
		}, fails: true},
		"another table fails": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			err := out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a")
			// The connector might have returned to the first table.
			return errors.Join(err, out.SyncTables(func(connector.Emitter) error { return errors.New("busy") }, "b"))
		}, fails: true},
		"the sync fails": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("a", id(1)), errors.New("busy"))
		}, fails: true},
		"a panic": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			_ = out.Upsert("a", id(1)) // it is accepted
			panic("index out of range")
		}, fails: true},
		"the connector ignores the failure": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			_ = out.SyncTables(func(out connector.Emitter) error { return errors.Join(out.Upsert("a", id(1)), errors.New("busy")) }, "a") // on purpose
			return nil
		}},
		"interrupted": {ctx: interrupted, sync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			err := out.Upsert("a", id(1))
			interrupt()
			<-ctx.Done()
			return err
		}, fails: true},
		"ended early": {sync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			err := out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a")
			<-ctx.Done()
			return err
		}, opts: []host.Option{host.TimeBudget(time.Millisecond)}},
		"a refused row": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			_ = out.Upsert("a", []byte(`{"id":"x"}`)) // the connector ignores the error
			return out.Upsert("a", id(1))
		}},
		"no row": {sync: func(context.Context, state.State, connector.Emitter) error { return nil }},
		"the table has begun": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(connector.Emitter) error { return nil }, "a")
		}},
		"a shared position": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("a", id(1)) },
			state: `{"bookmarks":{},"penstock":{"_shared":{"at":1}}}`},
		"a position that a migration has moved": {sync: func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("a", id(1)) },
			state: `{"bookmarks":{"b":{"n":1}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			source := &movingSource{}
			source.Names, source.OnSync = []string{"a", "b"}, c.sync
			messages, err := tap(t, source, call{ctx: c.ctx, catalog: catalogWith("a*", "b"), state: c.state, opts: c.opts})
			require.NotEmpty(t, messages, err)
			assert.Equal(t, c.fails, err != nil, "%v", err)
			assert.NotContains(t, texts(messages), "ACTIVATE_VERSION a")
			assert.Equal(t, "STATE", messages[len(messages)-1].Type)
		})
	}
}

// A movingSource moves the state of table b to table a.
type movingSource struct{ fixture.Wide }

func (*movingSource) StateMigrations() []state.Migration {
	return []state.Migration{func(parts map[string]json.RawMessage) error {
		if part, ok := parts["b"]; ok {
			parts["a"] = part
		}
		delete(parts, "b")
		return nil
	}}
}

func id(n int64) map[string]any { return map[string]any{"id": n} }

func TestTheVersionsOfTruncatesGrow(t *testing.T) {
	k := keep("a", "b")
	k.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		err := errors.Join(out.Upsert("b", id(1)), out.Truncate("a"), out.Upsert("a", id(1)), out.Truncate("a"), out.Truncate("b"), out.Upsert("a", id(2)))
		return errors.Join(err, out.Upsert("b", id(2)))
	}
	began := time.Now().UnixMilli()
	messages, err := tap(t, k, call{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`RECORD b {"id":1}`, "ACTIVATE_VERSION a", `RECORD a {"id":1}`, "ACTIVATE_VERSION a", "ACTIVATE_VERSION b", `RECORD a {"id":2}`, `RECORD b {"id":2}`,
	}, texts(messages, "RECORD", "ACTIVATE_VERSION"))
	var got []int64
	for _, m := range messages[2:9] {
		got = append(got, m.Version)
	}
	assert.Zero(t, got[0], "before the truncate")
	assert.GreaterOrEqual(t, got[1], began)
	assert.Equal(t, []int64{got[1], got[1], got[3], got[4], got[3], got[4]}, got[1:])
	assert.Less(t, got[1], got[3])
	assert.Less(t, got[3], got[4])
}

// A state that covers the truncate may be the last message.
func TestATruncateIsSentBeforeTheStateThatCoversIt(t *testing.T) {
	k := keep("a")
	k.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Truncate("a"), out.Checkpoint(), errors.New("busy"))
	}
	messages, err := tap(t, k, call{})
	require.Error(t, err)
	assert.Equal(t, []string{"SCHEMA a", "ACTIVATE_VERSION a", "STATE"}, texts(messages))
}

func TestAFullLoadWithATruncateActivatesTheLastVersion(t *testing.T) {
	k := keep("a")
	k.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("a", id(1)), out.Truncate("a"), out.Upsert("a", id(2)))
	}
	messages, err := tap(t, k, call{catalog: catalogWith("a*")})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA a", `RECORD a {"id":1}`, "ACTIVATE_VERSION a", `RECORD a {"id":2}`, "STATE", "ACTIVATE_VERSION a"}, texts(messages))
	assert.Less(t, messages[1].Version, messages[2].Version)
	assert.Equal(t, messages[2].Version, messages[3].Version)
	assert.Equal(t, messages[2].Version, messages[5].Version)
}
