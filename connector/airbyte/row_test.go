package airbyte_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestTheCursorGrowsWithEachRecordAndFromSyncToSync(t *testing.T) {
	t.Parallel()
	const rows = 1200 // the digits of the cursor carry several times
	c := wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		var all error
		for n := range int64(rows) {
			all = errors.Join(all, out.Upsert([]string{"a", "b"}[n%2], id(n)))
			if n%7 == 0 {
				all = errors.Join(all, out.Delete("a", id(n)))
			}
		}
		return all
	}, "a", "b")
	last, emitted := int64(0), int64(0)
	for range 3 {
		began := time.Now()
		got := read(t, c, catalogOf("a", "b"), "")
		require.NoError(t, got.err)
		count := 0
		for i, l := range got.lines {
			if l.Type != "RECORD" {
				continue
			}
			var added struct {
				Cursor int64 `json:"_ab_cdc_cursor"`
			}
			require.NoError(t, json.Unmarshal(l.Record.Data, &added))
			require.Greater(t, added.Cursor, last, got.raw[i])
			last = added.Cursor
			var record struct {
				Record struct {
					EmittedAt int64 `json:"emitted_at"`
				}
			}
			require.NoError(t, json.Unmarshal([]byte(got.raw[i]), &record))
			require.GreaterOrEqual(t, record.Record.EmittedAt, max(emitted, began.UnixMilli()))
			require.LessOrEqual(t, record.Record.EmittedAt, time.Now().UnixMilli())
			emitted = record.Record.EmittedAt
			count++
		}
		assert.Equal(t, rows+rows/7+1, count)
	}
}

func TestEmittedAtFollowsTheClock(t *testing.T) {
	args := readArgs(t, `{}`, catalogOf("a"), "")
	synctest.Test(t, func(t *testing.T) {
		got := serve(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
			var all error
			for n := range int64(3) {
				all = errors.Join(all, out.Upsert("a", id(n)))
				time.Sleep(1500 * time.Millisecond)
			}
			return all
		}, "a"), args)
		require.NoError(t, got.err)
		var times []string
		for _, raw := range got.raw {
			if _, at, ok := strings.Cut(raw, `},"emitted_at":`); ok && strings.Contains(raw, `"RECORD"`) {
				times = append(times, at)
			}
		}
		assert.Equal(t, []string{"946684800000}}", "946684801500}}", "946684803000}}"}, times)
	})
}

func TestATableThatHasAReservedColumnKeepsIt(t *testing.T) {
	t.Parallel()
	long, text := schema.Column{Name: "_ab_cdc_cursor", Type: schema.TypeLong}, schema.Column{Name: "_AB_CDC_deleted_at", Type: schema.TypeString}
	key := schema.Column{Name: "id", Type: schema.TypeLong, PrimaryKey: true}
	tables := func() (schema.Schema, error) {
		return schema.New("shop",
			schema.Table{Name: "cursor", Columns: []schema.Column{key, long}}, schema.Table{Name: "deleted", Columns: []schema.Column{key, text}},
			schema.Table{Name: "plain", Columns: []schema.Column{key}}, schema.Table{Name: "log", Columns: []schema.Column{long}})
	}
	c := &source{tables: tables, sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.Upsert("cursor", []byte(`{"id":1,"_ab_cdc_cursor":5}`)), out.Delete("cursor", id(1)),
			out.Upsert("deleted", []byte(`{"id":1,"_AB_CDC_deleted_at":"x"}`)), out.Delete("deleted", id(1)), out.Delete("deleted", id(2)),
			out.Upsert("plain", []byte(`{"id":1,"_ab_cdc_cursor":5,"_ab_cdc_deleted_at":"x","_ab_cdc_lsn":7}`)),
			out.Upsert("plain", map[string]any{"id": 2, "_AB_CDC_Cursor": 5, "_ab_cdc_DELETED_at": "x"}),
			out.Upsert("log", []byte(`{"_ab_cdc_cursor":5}`)))
	}}
	discovered := serve(t, c, []string{"discover", "--config", write(t, `{}`)})
	require.NoError(t, discovered.err)
	assert.Equal(t, 2, strings.Count(discovered.raw[0], `"default_cursor_field":["_ab_cdc_cursor"]`))
	for i, want := range []string{
		`"id":{"type":"integer","airbyte_type":"integer"},"_ab_cdc_cursor":{"type":["null","integer"],"airbyte_type":"integer"},"_ab_cdc_deleted_at":{`,
		`"id":{"type":"integer","airbyte_type":"integer"},"_AB_CDC_deleted_at":{"type":["null","string"]},"_ab_cdc_cursor":{`,
		`"_ab_cdc_cursor":{"type":["null","integer"],"airbyte_type":"integer"},"_ab_cdc_deleted_at":{`,
		`"properties":{"_ab_cdc_cursor":{"type":["null","integer"],"airbyte_type":"integer"}}`,
	} {
		assert.Contains(t, discovered.raw[0], want, "stream %d", i+1)
	}

	got := read(t, c, catalogOf("cursor", "deleted", "plain", "log"), "")
	require.NoError(t, got.err)
	cursor, deleted := got.records("cursor"), got.records("deleted")
	require.Len(t, cursor, 2)
	assert.Equal(t, `{"id":1,"_ab_cdc_cursor":5}`, cursor[0])
	assert.Regexp(t, `^{"id":1,"_ab_cdc_deleted_at":"[^"]+"}$`, cursor[1])
	require.Len(t, deleted, 1, "a delete cannot be expressed")
	assert.Regexp(t, `^{"id":1,"_AB_CDC_deleted_at":"x","_ab_cdc_cursor":\d+}$`, deleted[0])
	plain := got.records("plain")
	require.Len(t, plain, 2)
	assert.Regexp(t, `^{"id":1,"_ab_cdc_lsn":7,"_ab_cdc_cursor":\d{19}}$`, plain[0], "an undeclared column of that name is not delivered")
	assert.Regexp(t, `^{"id":2,"_ab_cdc_cursor":\d{19}}$`, plain[1], "in any case")
	assert.Equal(t, []string{`{"_ab_cdc_cursor":5}`}, got.records("log"))
	warnings := got.warnings()
	require.Len(t, warnings, 5)
	assert.Contains(t, warnings[0], "table shop.deleted has its own column _ab_cdc_deleted_at")
	for i, column := range []string{"_ab_cdc_cursor", "_ab_cdc_deleted_at", "_AB_CDC_Cursor", "_ab_cdc_DELETED_at"} {
		assert.Contains(t, strings.Join(warnings[1:], "\n"), "table shop.plain: the column "+column+" is not delivered", i)
	}
}

func TestADeletedRowIsMarkedEvenIfTheMarkIsDeselected(t *testing.T) {
	t.Parallel()
	c := people()
	c.sync = func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("people", id(1)), out.Delete("people", id(1)), out.Delete("people", id(2)))
	}
	for properties, warnings := range map[string]int{`{"id":{},"name":{}}`: 1, `{"id":{},"_ab_cdc_deleted_at":{}}`: 0, `{}`: 0} {
		got := read(t, c, `{"streams":[{"stream":{"name":"people","json_schema":{"properties":`+properties+`}}}]}`, "")
		require.NoError(t, got.err)
		require.Len(t, got.records("people"), 3)
		for _, record := range got.records("people")[1:] {
			assert.Contains(t, record, `"_ab_cdc_deleted_at":"20`)
		}
		require.Len(t, got.warnings(), warnings, properties)
		for _, warning := range got.warnings() {
			assert.Contains(t, warning, "table shop.people has deleted rows, but the column _ab_cdc_deleted_at is not selected")
		}
	}
}

func TestOperationsThatAirbyteLacksAreReported(t *testing.T) {
	t.Parallel()
	got := read(t, wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		assert.False(t, out.TakesUpdates())
		for range 3 {
			if err := out.Truncate("a"); err != nil {
				return err
			}
		}
		return errors.Join(out.Upsert("a", id(1)), out.Update("b", id(1)))
	}, "a", "b"), catalogOf("a", "b"), "")
	require.ErrorIs(t, got.err, connector.Defect)
	assert.Equal(t, []string{"- system_error: table wide.b: the platform does not accept partial rows; deliver whole rows with Upsert if TakesUpdates reports false; this is a defect of the connector"}, got.errors())
	require.Len(t, got.warnings(), 1)
	assert.Equal(t, "table wide.a is read in full, and Airbyte cannot remove rows that no longer exist: set its sync mode to full refresh | overwrite", got.warnings()[0])
}

// A warning that asks for a sync mode ends when the user has set it.
func TestATruncateIsNotReportedIfTheDestinationReplacesTheRows(t *testing.T) {
	t.Parallel()
	before := func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Truncate("a"), out.Upsert("a", id(1)))
	}
	after := func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("a", id(1)), out.Truncate("a"), out.Truncate("a"), out.Upsert("a", id(2)))
	}
	catalog := func(mode string) string {
		return `{"streams":[{"stream":{"name":"a"},"sync_mode":"full_refresh","destination_sync_mode":` + mode + `}]}`
	}
	for _, mode := range []string{`"overwrite"`, `"overwrite_dedup"`} {
		got := read(t, wide(before, "a"), catalog(mode), "")
		require.NoError(t, got.err)
		assert.Empty(t, got.warnings(), mode)
		assert.Len(t, got.records("a"), 1)

		got = read(t, wide(after, "a"), catalog(mode), "")
		require.NoError(t, got.err)
		assert.Len(t, got.records("a"), 2)
		assert.Equal(t, []string{"table wide.a was emptied after rows of it had been delivered in this sync, and Airbyte cannot remove them: the connector must call Truncate before it delivers rows"}, got.warnings())
	}
	for _, mode := range []string{`"append"`, `"append_dedup"`, `null`, `5`} {
		got := read(t, wide(before, "a"), catalog(mode), "")
		require.NoError(t, got.err)
		assert.Len(t, got.warnings(), 1, mode)
	}
}
