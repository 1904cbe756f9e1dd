package connectortest_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// script is a connector whose tables and Sync a test provides.
type script struct {
	tables []schema.Table
	sync   func(st state.State, out connector.Emitter) error
}

func (s *script) Schema(context.Context) (schema.Schema, error) { return schema.New("s", s.tables...) }

func (s *script) Test(context.Context) error { return nil }

func (s *script) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	return s.sync(st, out)
}

type raw = json.RawMessage

var (
	keyed = schema.Table{Name: "keyed", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "name", Type: schema.TypeString},
		{Name: "data", Type: schema.TypeJSON},
	}}
	events = schema.Table{Name: "events", Columns: []schema.Column{{Name: "what", Type: schema.TypeString}}}
)

// deliver returns a platform after a sync that calls do.
func deliver(t *testing.T, do func(st state.State, out connector.Emitter)) *connectortest.Platform {
	t.Helper()
	var d connectortest.Platform
	connectortest.Sync(t, &script{
		tables: []schema.Table{keyed, events},
		sync:   func(st state.State, out connector.Emitter) error { do(st, out); return nil },
	}, connectortest.Into(&d))
	return &d
}

func texts(rows []json.RawMessage) []string {
	found := []string{}
	for _, r := range rows {
		found = append(found, string(r))
	}
	return found
}

func TestPlatformAppliesOperations(t *testing.T) {
	d := deliver(t, func(_ state.State, out connector.Emitter) {
		require.NoError(t, out.Upsert("keyed", raw(`{"id":1,"name":"a","data":{"b":1.50,"a":[]}}`)))
		require.NoError(t, out.Upsert("keyed", raw(`{"id":2,"name":"b"}`)))
		require.NoError(t, out.Upsert("keyed", raw(`{"id":3,"name":"c"}`)))
		require.NoError(t, out.Upsert("keyed", raw(`{"id":2,"data":[2]}`)), "replaces the whole row")
		require.NoError(t, out.Update("keyed", raw(`{"id":1,"name":null}`)), "changes one column")
		require.NoError(t, out.Update("keyed", raw(`{"id":9,"name":"x"}`)), "finds no row")
		require.NoError(t, out.Delete("keyed", raw(`{"id":3}`)))
		require.NoError(t, out.Delete("keyed", raw(`{"id":8}`)))
		require.NoError(t, out.Update("keyed", raw(`{"id":3,"name":"x"}`)), "is deleted")
		for range 2 {
			require.NoError(t, out.Upsert("events", raw(`{"what":"e"}`)))
		}
	})
	assert.Equal(t, []string{`{"id":1,"data":{"a":[],"b":1.50}}`, `{"id":2,"data":[2]}`}, texts(d.Rows("keyed")))
	assert.Equal(t, []string{`{"id":3,"name":"c"}`}, texts(d.Deleted("s.keyed")))
	assert.Equal(t, []string{`{"what":"e"}`, `{"what":"e"}`}, texts(d.Rows("events")))
	assert.Empty(t, d.Rows("others"))
}

func TestATruncateDeletesEarlierRows(t *testing.T) {
	d := deliver(t, func(_ state.State, out connector.Emitter) {
		for _, table := range []string{"events", "keyed"} {
			require.NoError(t, out.Upsert(table, raw(`{"id":1,"what":"old"}`)))
			require.NoError(t, out.Upsert(table, raw(`{"id":2,"what":"old"}`)))
			require.NoError(t, out.Truncate(table))
			require.NoError(t, out.Upsert(table, raw(`{"id":2,"what":"new"}`)))
		}
	})
	for _, table := range []string{"events", "keyed"} {
		assert.Len(t, d.Rows(table), 1)
		assert.Contains(t, string(d.Rows(table)[0]), "new")
	}
	assert.Len(t, d.Deleted("keyed"), 1)
	assert.Len(t, d.Deleted("events"), 2)
}

func TestAsOfReturnsThePlatformAtACheckpoint(t *testing.T) {
	d := deliver(t, func(st state.State, out connector.Emitter) {
		for n := range 3 {
			require.NoError(t, out.Upsert("keyed", map[string]any{"id": n}))
			require.NoError(t, st.Table("keyed").Set("n", n))
			require.NoError(t, out.Checkpoint())
		}
		require.NoError(t, out.Truncate("keyed"))
	})
	require.Len(t, d.States(), 4, "one for each row, and the last")
	assert.Equal(t, `{"keyed":{"n":1}}`, string(d.States()[1]))
	then := d.AsOf(1)
	assert.Equal(t, []string{`{"id":0}`, `{"id":1}`}, texts(then.Rows("keyed")))
	assert.Len(t, then.States(), 2)
	assert.Empty(t, d.Rows("keyed"), "the platform itself has changed")
}

func TestPlatformRejectsImpossibleOperations(t *testing.T) {
	for name, do := range map[string]func(out connector.Emitter) error{
		`tables "s.keyed" and "s.Keyed" are the same table`: func(out connector.Emitter) error {
			return out.Declare(schema.Table{Name: "Keyed"})
		},
		"primary key of table s.keyed has changed from (id) to ()": func(out connector.Emitter) error {
			if err := out.Upsert("keyed", raw(`{"id":1}`)); err != nil {
				return err
			}
			return out.Declare(schema.Table{Name: "keyed"})
		},
		"the table has no primary key": func(out connector.Emitter) error {
			return out.Delete("events", raw(`{"what":"e"}`))
		},
	} {
		var d connectortest.Platform
		_, err := connectortest.TrySync(t, &script{
			tables: []schema.Table{keyed, events},
			sync: func(_ state.State, out connector.Emitter) error {
				if err := out.Upsert("keyed", raw(`{"id":0}`)); err != nil {
					return err
				}
				return do(out)
			},
		}, connectortest.Into(&d))
		assert.ErrorContains(t, err, name)
	}
}

func TestDiffNamesTableKeyAndColumn(t *testing.T) {
	want := deliver(t, func(_ state.State, out connector.Emitter) {
		_ = out.Upsert("keyed", raw(`{"id":1,"name":"a"}`))
		_ = out.Upsert("keyed", raw(`{"id":2,"name":"b"}`))
		_ = out.Upsert("events", raw(`{"what":"e"}`))
		_ = out.Upsert("events", raw(`{"what":"f"}`))
	})
	got := deliver(t, func(_ state.State, out connector.Emitter) {
		_ = out.Upsert("keyed", raw(`{"id":3,"name":"c"}`))
		_ = out.Upsert("keyed", raw(`{"id":1,"data":[]}`))
		_ = out.Upsert("events", raw(`{"what":"e"}`))
		_ = out.Upsert("events", raw(`{"what":"e"}`))
		_ = out.Upsert("events", raw(`{"what":"g"}`))
	})
	assert.Empty(t, want.Diff(want))
	assert.Equal(t, `table s.events: 3 differences
    row {"what":"e"}: want it once, got it 2 times
    row {"what":"f"}: want it once, got it never
    row {"what":"g"}: unexpected
table s.keyed: 4 differences
    id=1, column data: want null, got []
    id=1, column name: want "a", got null
    id=2: missing, want {"id":2,"name":"b"}
    id=3: unexpected, got {"id":3,"name":"c"}`, got.Diff(want))
}

func TestDiffShowsAFewDifferences(t *testing.T) {
	want := deliver(t, func(_ state.State, out connector.Emitter) {
		for n := range 100 {
			_ = out.Upsert("keyed", map[string]any{"id": n})
		}
	})
	diff := new(connectortest.Platform).Diff(want)
	assert.Contains(t, diff, "100 differences")
	assert.Contains(t, diff, "… and 92 more")
	assert.Less(t, len(diff), 1000)
}
