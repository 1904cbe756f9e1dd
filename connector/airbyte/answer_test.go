package airbyte_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// An answer holds the messages of a command.
type answer struct {
	raw   []string
	lines []line
	err   error
}

// serve runs a command line.
func serve(tb testing.TB, c connector.Connector, args []string, opts ...host.Option) *answer {
	tb.Helper()
	return serveWith(tb.Context(), tb, c, args, opts...)
}

// serveWith runs a command line with a context.
func serveWith(ctx context.Context, tb testing.TB, c connector.Connector, args []string, opts ...host.Option) *answer {
	tb.Helper()
	var out bytes.Buffer
	a := &answer{err: airbyte.Serve(ctx, c, args, &out, append([]host.Option{fixture.Quiet}, opts...)...)}
	a.raw = fixture.Lines(tb, out.String())
	for _, raw := range a.raw {
		var l line
		require.NoError(tb, json.Unmarshal([]byte(raw), &l), raw)
		a.lines = append(a.lines, l)
	}
	return a
}

// read runs a read with the configuration {} and checks the rules that hold for every read.
func read(tb testing.TB, c connector.Connector, catalog, saved string, opts ...host.Option) *answer {
	tb.Helper()
	a := serve(tb, c, readArgs(tb, `{}`, catalog, saved), opts...)
	a.check(tb)
	return a
}

// check checks that statuses, records and states are in a legal order, and that the
// counts in the states add up.
func (a *answer) check(tb testing.TB) {
	tb.Helper()
	statuses := map[name]string{}
	since := map[name]int{}
	for i, l := range a.lines {
		switch {
		case l.Type == "RECORD":
			n := name{l.Record.Stream, l.Record.Namespace}
			since[n]++
			assert.Equal(tb, "RUNNING", statuses[n], "a record outside of RUNNING: %s", a.raw[i])
		case l.Type == "STATE" && l.State.Type == "STREAM":
			n := l.State.Stream.Descriptor
			assert.Equal(tb, fmt.Sprintf("%d.0", since[n]), string(l.State.SourceStats.RecordCount), a.raw[i])
			assert.Contains(tb, []string{"STARTED", "RUNNING"}, statuses[n], "a state of a stream that is not open: %s", a.raw[i])
			since[n] = 0
		case l.Type == "STATE":
			total := 0
			for _, n := range since {
				total += n
			}
			assert.Equal(tb, fmt.Sprintf("%d.0", total), string(l.State.SourceStats.RecordCount), a.raw[i])
			clear(since)
		case l.Type == "TRACE" && l.Trace.Type == "STREAM_STATUS":
			n, status := l.Trace.StreamStatus.Descriptor, l.Trace.StreamStatus.Status
			allowed := map[string][]string{"": {"STARTED"}, "STARTED": {"RUNNING", "COMPLETE", "INCOMPLETE"}, "RUNNING": {"COMPLETE", "INCOMPLETE"}}
			assert.Contains(tb, allowed[statuses[n]], status, "after %q: %s", statuses[n], a.raw[i])
			statuses[n] = status
		}
	}
	for n, status := range statuses {
		if status == "COMPLETE" {
			assert.Zero(tb, since[n], "records of %v that no state covers", n)
		}
	}
}

// records returns the data of the records of a stream.
func (a *answer) records(stream string) []string {
	found := []string{}
	for _, l := range a.lines {
		if l.Type == "RECORD" && l.Record.Stream == stream {
			found = append(found, string(l.Record.Data))
		}
	}
	return found
}

// rows returns the data of the records of a stream without the added columns.
func (a *answer) rows(tb testing.TB, stream string) []string {
	tb.Helper()
	found := []string{}
	for _, data := range a.records(stream) {
		row, op, err := rowOf(json.RawMessage(data))
		require.NoError(tb, err)
		text := string(row)
		if op == host.OpDelete {
			text = "delete " + text
		}
		found = append(found, text)
	}
	return found
}

// statuses returns the statuses of the streams, such as "orders: STARTED COMPLETE".
func (a *answer) statuses() map[string]string {
	found := map[string]string{}
	for _, l := range a.lines {
		if s := l.Trace.StreamStatus; l.Trace.Type == "STREAM_STATUS" {
			found[s.Descriptor.Name] = strings.TrimSpace(found[s.Descriptor.Name] + " " + s.Status)
		}
	}
	return found
}

// errors returns the errors as "stream type: message".
func (a *answer) errors() []string {
	found := []string{}
	for _, l := range a.lines {
		if e := l.Trace.Error; l.Trace.Type == "ERROR" {
			stream := "-"
			if e.Descriptor != nil {
				stream = e.Descriptor.Name
			}
			found = append(found, fmt.Sprintf("%s %s: %s", stream, e.FailureType, e.Message))
		}
	}
	return found
}

// warnings returns the messages of the level WARN.
func (a *answer) warnings() []string {
	found := []string{}
	for _, l := range a.lines {
		if l.Type == "LOG" && l.Log.Level == "WARN" {
			found = append(found, l.Log.Message)
		}
	}
	return found
}

// states returns the states of a stream without the mark.
func (a *answer) states(tb testing.TB, stream string) []string {
	tb.Helper()
	found := []string{}
	for _, l := range a.lines {
		if l.Type == "STATE" && l.State.Stream.Descriptor.Name == stream {
			found = append(found, unmarked(tb, l.State.Stream.State))
		}
	}
	return found
}

// unmarked returns a state without its mark.
func unmarked(tb testing.TB, blob json.RawMessage) string {
	tb.Helper()
	var members map[string]json.RawMessage
	require.NoError(tb, json.Unmarshal(blob, &members))
	delete(members, "__penstock")
	text, err := json.Marshal(members)
	require.NoError(tb, err)
	return string(text)
}

// kept returns the state that a platform hands over after a read, which began from an
// earlier one.
func (a *answer) kept(tb testing.TB, before string) string {
	tb.Helper()
	d := &decoder{}
	if before != "" {
		require.NoError(tb, json.Unmarshal([]byte(before), &d.states))
	}
	for i, l := range a.lines {
		if l.Type == "STATE" {
			_, err := d.state([]byte(a.raw[i]), &l.State)
			require.NoError(tb, err)
		}
	}
	text, err := json.Marshal(d.states)
	require.NoError(tb, err)
	return string(text)
}

// without returns a kept state without that of a stream.
func without(tb testing.TB, kept, stream string) string {
	tb.Helper()
	var states, rest []json.RawMessage
	require.NoError(tb, json.Unmarshal([]byte(kept), &states))
	for _, s := range states {
		var l stateLine
		require.NoError(tb, json.Unmarshal(s, &l))
		if l.Stream.Descriptor.Name != stream {
			rest = append(rest, s)
		}
	}
	text, err := json.Marshal(rest)
	require.NoError(tb, err)
	return string(text)
}

// golden compares messages with a file, after replacing the members that depend on the time.
func (a *answer) golden(tb testing.TB, file string) {
	tb.Helper()
	got := varying.ReplaceAllString(strings.Join(a.raw, "\n")+"\n", `"$1":0`)
	got = deletedAt.ReplaceAllString(got, `"_ab_cdc_deleted_at":"2026-01-02T03:04:05.678901Z"`)
	path := filepath.Join("testdata", file)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(tb, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(tb, err)
	assert.Equal(tb, string(want), got)
}

var deletedAt = regexp.MustCompile(`"_ab_cdc_deleted_at":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)

// wide returns a connector with the named tables, each with the key id, and sync.
func wide(sync fixture.SyncFunc, names ...string) *fixture.Wide {
	return &fixture.Wide{Names: names, OnSync: sync}
}

// id is a row of a table of wide.
func id(n int64) map[string]any { return map[string]any{"id": n} }

// next returns a sync that continues each named table from its cursor up to the row
// with the given id.
func next(to int64, names ...string) fixture.SyncFunc {
	return func(ctx context.Context, st state.State, out connector.Emitter) error {
		var group connector.Tables
		for _, name := range names {
			group.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, name, state.Sorted())
				for n := cursor.Start() + 1; n <= to; n++ {
					if err := out.Upsert(name, id(n)); err != nil {
						return err
					}
					cursor.Advance(n)
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
				return nil
			})
		}
		group.Parallel = 1
		return group.Sync(ctx, st, out)
	}
}

// A source is a connector with given tables.
type source struct {
	Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`

	tables func() (schema.Schema, error)
	sync   fixture.SyncFunc
}

func (s *source) Schema(context.Context) (schema.Schema, error) { return s.tables() }
func (s *source) Test(context.Context) error                    { return nil }
func (s *source) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	return s.sync(ctx, st, out)
}
