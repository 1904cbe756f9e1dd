package airbyte_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// people is a connector with one table whose rows have three columns.
func people() *source {
	return &source{
		tables: func() (schema.Schema, error) {
			return schema.New("shop", schema.Table{Name: "people", Columns: []schema.Column{
				{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "name", Type: schema.TypeString}, {Name: "email", Type: schema.TypeString},
			}}, schema.Table{Name: "carts"})
		},
		sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("people", []byte(`{"id":1,"name":"n","email":"e","extra":[1]}`)), out.Upsert("carts", id(1)))
		},
	}
}

func TestTheConfiguredCatalogSelectsStreamsAndColumns(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ stream, people, warning string }{
		"all columns":            {`"json_schema":{"properties":{"id":{},"name":{},"email":{},"_ab_cdc_cursor":{},"_ab_cdc_deleted_at":{}}}`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"some columns":           {`"json_schema":{"properties":{"id":{},"email":{"type":["null","string"]}}}`, `{"id":1,"email":"e","extra":[1]}`, ""},
		"a column of the past":   {`"json_schema":{"properties":{"id":{},"gone":true}}`, `{"id":1,"extra":[1]}`, ""},
		"a key is deselected":    {`"json_schema":{"properties":{"name":{}}}`, `{"id":1,"name":"n","extra":[1]}`, "column id of table shop.people is part of the primary key: it is delivered although it is deselected"},
		"empty properties":       {`"json_schema":{"type":"object","properties":{}}`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"properties of null":     {`"json_schema":{"properties":null}`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"an empty json_schema":   {`"json_schema":{}`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"json_schema of null":    {`"json_schema":null`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"no json_schema":         {`"more":1`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"a namespace of null":    {`"namespace":null`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"an empty namespace":     {`"namespace":""`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
		"the schema's namespace": {`"namespace":"shop"`, `{"id":1,"name":"n","email":"e","extra":[1]}`, ""},
	} {
		catalog := `{"streams":[{"stream":{"name":"people",` + c.stream + `},"sync_mode":"full_refresh","generation_id":null,"more":1}],"more":[]}`
		got := read(t, people(), catalog, "")
		require.NoError(t, got.err, what)
		assert.Equal(t, []string{c.people}, got.rows(t, "people"), what)
		assert.Empty(t, got.records("carts"), what)
		assert.Equal(t, map[string]string{"people": "STARTED RUNNING COMPLETE"}, got.statuses(), what)
		assert.Equal(t, c.warning, strings.Join(got.warnings(), "; "), what)
		for _, l := range got.lines {
			if l.Type == "RECORD" {
				assert.Equal(t, strings.Contains(what, "schema's namespace"), l.Record.Namespace == "shop", what)
			}
		}
	}
}

func TestACatalogThatIsNotValidIsAnErrorOfTheConfiguration(t *testing.T) {
	t.Parallel()
	for catalog, want := range map[string]string{
		`[]`: "the configured catalog: it is of type array; want an object with the member streams", `{}`: "it has no member streams", `{"type":"CATALOG","catalog":{"streams":[]}}`: "it is the CATALOG message of discover; want", `{"streams":null}`: "it has no member streams", `{"streams":5}`: "the member streams has an unexpected type, number",
		`{`: "it is not valid JSON", ``: "it is not valid JSON",
		`{"streams":[{"name":"people"}]}`:                                                            "stream 1 has no stream.name",
		`{"streams":[{"stream":{"name":"people","json_schema":[]}}]}`:                                "the member streams.stream.json_schema has an unexpected type, array",
		`{"streams":[{"stream":{"name":5}}]}`:                                                        "the member streams.stream.name has an unexpected type, number; refresh the schema",
		`{"streams":[{"stream":{"name":"people"}},{"stream":{"name":"people","namespace":"shop"}}]}`: "the streams people and shop.people both name table shop.people",
	} {
		got := read(t, people(), catalog+" ", "")
		require.ErrorIs(t, got.err, connector.Configuration, catalog)
		require.Len(t, got.errors(), 1, catalog)
		assert.Contains(t, got.errors()[0], "- config_error: ", catalog)
		assert.Contains(t, got.errors()[0], want, catalog)
		assert.Len(t, got.lines, 1)
	}
}

func TestAStreamThatTheSourceNoLongerHasIsSkippedWithAWarning(t *testing.T) {
	t.Parallel()
	saved := `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"gone"},"stream_state":{"gone":{"cursor":9}}}}]`
	got := read(t, people(), catalogOf("gone", "people"), saved)
	require.NoError(t, got.err)
	assert.Equal(t, map[string]string{"people": "STARTED RUNNING COMPLETE"}, got.statuses())
	require.Len(t, got.warnings(), 1)
	assert.Contains(t, got.warnings()[0], "stream gone: the source no longer has this table, so it is not read; refresh the schema")

	got = read(t, people(), catalogOf("shop.people"), "")
	require.NoError(t, got.err)
	assert.Empty(t, got.statuses(), "the name of a stream is not a qualified name")

	got = read(t, &source{tables: offices, sync: syncOffices}, catalogOf("people", "orders"), "")
	require.NoError(t, got.err)
	assert.Equal(t, map[string]string{"orders": "STARTED RUNNING COMPLETE"}, got.statuses())
	assert.Contains(t, got.warnings()[0], "stream people: several schemas of the source have a table of that name")
}

func TestTheCostPerStreamThatTheSourceNoLongerHasDoesNotGrowWithTheNumberOfTables(t *testing.T) {
	cost := func(tables int, namespace string) uint64 {
		var present, configured []string
		for i := range tables {
			present = append(present, fmt.Sprint("table", i))
			configured = append(configured, fmt.Sprintf(`{"stream":{"name":"gone%d"%s},"sync_mode":"full_refresh"}`, i, namespace))
		}
		catalog := `{"streams":[` + strings.Join(configured, ",") + `]}`
		c := wide(func(context.Context, state.State, connector.Emitter) error { return nil }, present...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := read(t, c, catalog, "")
		runtime.ReadMemStats(&after)
		require.NoError(t, got.err)
		require.NotEmpty(t, got.warnings())
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, namespace := range []string{"", `,"namespace":"wide"`} {
		cost(10, namespace)
		few, many := cost(500, namespace), cost(4000, namespace)
		assert.LessOrEqual(t, many, 12*few, "namespace %q", namespace)
	}
}

func TestATableThatIsDeclaredDuringASyncIsNotDelivered(t *testing.T) {
	t.Parallel()
	c := wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		var all error
		for range 3 {
			late := schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
			all = errors.Join(all, out.Declare(late), out.Upsert("late", id(1)), out.Upsert("a", id(1)))
		}
		return all
	}, "a")
	got := read(t, c, catalogOf("a"), "")
	require.NoError(t, got.err)
	assert.Len(t, got.records("a"), 3)
	assert.NotContains(t, strings.Join(got.raw, ""), `"stream":"late"`)
	require.Len(t, got.warnings(), 1)
	assert.Contains(t, got.warnings()[0], "table wide.late was found during the sync")
}

func TestATableThatIsDeclaredAgainGoesOn(t *testing.T) {
	t.Parallel()
	c := wide(func(_ context.Context, _ state.State, out connector.Emitter) error {
		again := schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "name", Type: schema.TypeString}}}
		return errors.Join(out.Upsert("a", id(1)), out.Checkpoint(), out.Declare(again), out.Upsert("a", map[string]any{"id": 2, "name": "n"}))
	}, "a")
	got := read(t, c, catalogOf("a"), "")
	require.NoError(t, got.err)
	assert.Equal(t, []string{`{"id":1}`, `{"id":2,"name":"n"}`}, got.rows(t, "a"))
}
