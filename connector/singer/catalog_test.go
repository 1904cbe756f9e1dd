package singer_test

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
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// shop returns a connector that delivers an order and a cart.
func shop() *fixture.Shop {
	return &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Upsert("orders", fixture.NewOrder(1)), out.Upsert("carts", map[string]any{"id": 2}))
	}}
}

// delivered returns the columns of each record as "stream: column column".
func delivered(t *testing.T, messages []message) []string {
	t.Helper()
	var all []string
	for _, m := range messages {
		if m.Type != "RECORD" {
			continue
		}
		var row map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(m.Record, &row))
		var columns []string
		for _, name := range []string{"id", "total", "email", "updated_at"} {
			if _, ok := row[name]; ok {
				columns = append(columns, name)
			}
		}
		all = append(all, m.Stream+": "+strings.Join(columns, " "))
	}
	return all
}

// ordersWith returns a catalog of the stream orders with the columns email and total,
// and further members of the stream and of its metadata.
func ordersWith(members string, metadata ...string) string {
	return `{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"id":{},"email":{},"total":{}}},"metadata":[` + strings.Join(metadata, ",") + `]` + members + `}]}`
}

func column(name, metadata string) string {
	return `{"breadcrumb":["properties","` + name + `"],"metadata":` + metadata + `}`
}

func stream(metadata string) string { return `{"breadcrumb":[],"metadata":` + metadata + `}` }

func TestTheCatalogSelectsStreamsAndColumns(t *testing.T) {
	all := []string{"orders: id total email"}
	for name, c := range map[string]struct {
		catalog string
		want    []string
	}{
		"listed columns":                  {ordersWith(""), all},
		"no streams":                      {`{"streams":[]}`, nil},
		"a deselected column":             {ordersWith("", column("email", `{"selected":false}`)), []string{"orders: id total"}},
		"a column that is off by default": {ordersWith("", column("email", `{"selected-by-default":false}`)), []string{"orders: id total"}},
		"selected beats the default":      {ordersWith("", column("email", `{"selected":true,"selected-by-default":false}`)), all},
		"null is no answer":               {ordersWith("", column("email", `{"selected":null,"selected-by-default":null}`)), all},
		"unsupported beats selected":      {ordersWith("", column("email", `{"inclusion":"unsupported","selected":true}`)), []string{"orders: id total"}},
		"automatic beats selected":        {ordersWith("", column("email", `{"inclusion":"automatic","selected":false}`)), all},
		"available is no answer":          {ordersWith("", column("email", `{"inclusion":"available","selected":false}`)), []string{"orders: id total"}},
		"a deselected key":                {ordersWith("", column("id", `{"selected":false}`)), all},
		"text from the environment":       {ordersWith("", column("email", `{"selected":"false"}`)), []string{"orders: id total"}},
		"a nested breadcrumb":             {ordersWith("", `{"breadcrumb":["properties","email","properties","x"],"metadata":{"selected":false}}`), all},
		"the breadcrumb of an item":       {ordersWith("", `{"breadcrumb":["properties","email","items",0],"metadata":{"selected":false}}`, `{"breadcrumb":["properties",7],"metadata":{"selected":false}}`), all},
		"a column without a property":     {`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"email":{}}},"metadata":[` + column("total", `{"selected":true}`) + `]}]}`, []string{"orders: id email"}},
		"no properties":                   {`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{}}}]}`, []string{"orders: id total email updated_at"}},
		"no schema":                       {`{"streams":[{"tap_stream_id":"orders"}]}`, []string{"orders: id total email updated_at"}},
		"no properties, but metadata":     {`{"streams":[{"tap_stream_id":"orders","metadata":[` + column("email", `{"selected":false}`) + "," + column("total", `{"selected":false}`) + `]}]}`, []string{"orders: id updated_at"}},
		"a column in the old form":        {`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"email":{"selected":false},"total":{"inclusion":"unsupported"},"id":true}}}]}`, []string{"orders: id"}},
		"a column in the old form that discovery has listed": {`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"email":{"selected":false},"total":{"inclusion":"unsupported"}}},"metadata":[` +
			column("email", `{"inclusion":"available","selected-by-default":true}`) + "," + column("total", `{}`) + `]}]}`, []string{"orders: id"}},
		"metadata beats a column in the old form": {`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"email":{"selected":false}}},"metadata":[` + column("email", `{"selected":true}`) + `]}]}`, []string{"orders: id email"}},
		"a selected stream":                       {ordersWith("", stream(`{"selected":true}`)), all},
		"a deselected stream":                     {ordersWith("", stream(`{"selected":false}`)), nil},
		"an unsupported stream":                   {ordersWith("", stream(`{"inclusion":"unsupported","selected":true}`)), nil},
		"a stream that is off by default":         {ordersWith("", stream(`{"selected-by-default":false}`)), nil},
		"a stream in the old form":                {ordersWith(`,"selected":false`), nil},
		"a selected stream in the old form":       {ordersWith(`,"selected":true`, stream(`{"selected-by-default":false}`)), all},
		"metadata beats the old form":             {ordersWith(`,"selected":false`, stream(`{"selected":true}`)), all},
		"the schema in the oldest form":           {`{"streams":[{"tap_stream_id":"orders","schema":{"selected":false,"properties":{"email":{}}}}]}`, nil},
		"only the name of a stream":               {`{"streams":[{"stream":"carts"}]}`, []string{"carts: id"}},
		"unknown members":                         {ordersWith(`,"is_view":false,"row_count":7,"x":{"y":[1]}`, stream(`{"database-name":"d","x":null}`)), all},
		"a stream that the source has lost":       {`{"streams":[{"tap_stream_id":"gone","schema":{"properties":{"a":{}}}},{"tap_stream_id":"carts"}]}`, []string{"carts: id"}},
		"a stream by an earlier name":             {`{"streams":[{"tap_stream_id":"shop-orders","table_name":"orders","metadata":[` + stream(`{"schema-name":"shop"}`) + `]},{"tap_stream_id":"carts"}]}`, []string{"carts: id"}},
		"a property that the source has lost":     {`{"streams":[{"tap_stream_id":"carts","schema":{"properties":{"id":{},"gone":{}}}}]}`, []string{"carts: id"}},
	} {
		t.Run(name, func(t *testing.T) {
			messages, err := tap(t, shop(), call{config: withKey, catalog: c.catalog})
			require.NoError(t, err)
			assert.Equal(t, c.want, delivered(t, messages))
		})
	}
	for _, flag := range []string{"--properties", "-p", "-properties"} {
		messages, err := tap(t, shop(), call{config: withKey, args: []string{flag, file(t, ordersWith(""))}})
		require.NoError(t, err)
		assert.Equal(t, all, delivered(t, messages))
	}
}

func TestTheSchemaOfAStreamHasOnlyItsSelectedColumns(t *testing.T) {
	messages, err := tap(t, shop(), call{config: withKey, catalog: ordersWith("", column("email", `{"selected":false}`))})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA orders"}, texts(messages, "SCHEMA"))
	assert.JSONEq(t, `{"type":"object","properties":{"id":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},
		"total":{"type":["null","string"],"format":"x-singer.decimal"},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}}`, string(messages[0].Schema))
}

func TestADiscoveredCatalogSelectsEverything(t *testing.T) {
	catalog, err := rawOutput(t, &fixture.Shop{}, "--discover")
	require.NoError(t, err)
	messages, err := tap(t, shop(), call{config: withKey, catalog: catalog})
	require.NoError(t, err)
	assert.Equal(t, []string{"orders: id total email updated_at", "carts: id"}, delivered(t, messages))
}

// Without the mark, a deleted row would arrive as a row of nulls.
func TestTheMarkOfDeletedRowsCannotBeDeselected(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Delete("orders", fixture.NewOrder(1))
	}}
	messages, err := tap(t, c, call{config: withKey, catalog: ordersWith("", column("_sdc_deleted_at", `{"selected":false}`))})
	require.NoError(t, err)
	assert.Contains(t, string(messages[0].Schema), "_sdc_deleted_at")
	assert.Equal(t, []string{`RECORD orders {"id":1,"_sdc_deleted_at"}`}, texts(messages, "RECORD"))
}

func TestACatalogThatCannotBeUsedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	for catalog, want := range map[string]string{
		`[]`:               "as --discover prints it: the catalog has the wrong type, array; run the tap with --discover",
		`{}`:               "catalog: it has no list of streams; run the tap with --discover",
		`{"streams":null}`: "it has no list of streams",
		`{"streams":{}}`:   "streams has the wrong type, object",
		`{"streams":[{}]}`: "stream 1 has no tap_stream_id",
		`{"streams":[{"tap_stream_id":"orders"},{"tap_stream_id":"orders"}]}`:                             `stream "orders" is listed twice`,
		ordersWith("", column("email", `{"selected":"no"}`)):                                              "want true or false",
		ordersWith(`,"selected":7`):                                                                       "want true or false",
		`{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"email":{"selected":"maybe"}}}}]}`: `stream "orders": want true or false`,
		`{"streams":[{"tap_stream_id":7}]}`:                                                               "streams.tap_stream_id has the wrong type, number",
		`nonsense`:                                                                                        "not valid JSON; run the tap with --discover",
		` `:                                                                                               "catalog.json: not valid JSON, because it is empty",
	} {
		t.Run(catalog, func(t *testing.T) {
			messages, err := tap(t, shop(), call{config: withKey, catalog: catalog})
			require.ErrorIs(t, err, connector.Configuration)
			run := host.New(t.Context(), shop(), fixture.Quiet)
			assert.Contains(t, run.Explain(err), want)
			assert.Empty(t, messages)
		})
	}
}

// A marked connector has a column whose name Singer reserves.
type marked struct {
	fixture.Shop
	key  string
	late bool
}

func (c *marked) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.Table{Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "_SDC_deleted_at", Type: schema.TypeString, PrimaryKey: c.key != ""},
	}})
}

func (c *marked) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	if c.late {
		return out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "_sdc_deleted_at", Type: schema.TypeString}}})
	}
	return errors.Join(out.Upsert("orders", []byte(`{"id":1,"_SDC_deleted_at":"x"}`)), out.Delete("orders", []byte(`{"id":2}`)))
}

func TestAColumnOfTheSourceIsNeverTakenForTheMarkOfDeletedRows(t *testing.T) {
	lines, err := output(t, &marked{}, call{args: []string{"--discover"}})
	require.NoError(t, err)
	assert.NotContains(t, lines[0], "_SDC")
	assert.Equal(t, 2, strings.Count(lines[0], `"_sdc_deleted_at"`))
	for _, catalog := range []string{"", `{"streams":[{"tap_stream_id":"orders","schema":{"properties":{"_SDC_deleted_at":{}}}}]}`} {
		log := &records{}
		messages, err := tap(t, &marked{}, call{config: withKey, catalog: catalog, opts: []host.Option{log.option()}})
		require.NoError(t, err)
		assert.Equal(t, []string{`RECORD orders {"id":1}`, `RECORD orders {"id":2,"_sdc_deleted_at"}`}, texts(messages, "RECORD"))
		assert.Contains(t, log.String(), "column _SDC_deleted_at of table shop.orders is not delivered")
	}
	_, err = output(t, &marked{key: "both"}, call{args: []string{"--discover"}})
	require.ErrorContains(t, err, "table shop.orders: Singer reserves the name of the column _SDC_deleted_at")
	_, err = output(t, &marked{late: true}, call{config: withKey})
	require.ErrorContains(t, err, "table shop.late: Singer reserves the name of the column _sdc_deleted_at")
}

func TestAnUndeclaredColumnIsNeverTakenForTheMarkOfDeletedRows(t *testing.T) {
	for _, name := range []string{"_sdc_deleted_at", "_SDC_DELETED_AT"} {
		c := shop()
		c.OnSync = func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Upsert("carts", []byte(`{"id":1,"`+name+`":"x"}`))
		}
		for _, catalog := range []string{"", `{"streams":[{"tap_stream_id":"carts"}]}`} {
			log := &records{}
			messages, err := tap(t, c, call{config: withKey, catalog: catalog, opts: []host.Option{log.option()}})
			require.NoError(t, err)
			assert.Equal(t, []string{`RECORD carts {"id":1}`}, texts(messages, "RECORD"))
			assert.Contains(t, log.String(), name)
		}
	}
}

// A joined connector has tables in several schemas, each given as "schema/table".
type joined struct {
	fixture.Shop
	tables []string
}

func (c *joined) Schema(context.Context) (schema.Schema, error) {
	var all []schema.Schema
	for _, name := range c.tables {
		schemaName, table, _ := strings.Cut(name, "/")
		one, err := schema.New(schemaName, schema.Table{Name: table, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return schema.Join(all...)
}

func (c *joined) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	var all error
	for _, name := range c.tables {
		table := strings.ReplaceAll(name, "/", ".")
		cursor := state.NewCursor[int64](st, table)
		all = errors.Join(all, out.Upsert(table, map[string]any{"id": cursor.Start() + 1}))
		cursor.Advance(cursor.Start() + 1)
	}
	return all
}

func TestStreamsOfSeveralSchemasHaveNamesOfTheirOwn(t *testing.T) {
	for name, c := range map[string]struct{ tables, want []string }{
		"one schema":            {[]string{"a/x", "a/y"}, []string{"x", "y"}},
		"two schemas":           {[]string{"a/x", "b/x"}, []string{"a-x", "b-x"}},
		"names with a dash":     {[]string{"a/b-c", "a-b/c", "a/c"}, []string{"a-b-c-1", "a-b-c-3", "a-c"}},
		"a table of both names": {[]string{"a/x", "b/y", "b/x"}, []string{"a-x", "b-y", "b-x"}},
	} {
		t.Run(name, func(t *testing.T) {
			source := &joined{tables: c.tables}
			var saved string
			for n := 1; n <= 2; n++ { // the bookmarks return to their tables
				messages, err := tap(t, source, call{config: withKey, state: saved})
				require.NoError(t, err)
				var want []string
				for _, stream := range c.want {
					want = append(want, fmt.Sprintf(`RECORD %s {"id":%d}`, stream, n))
				}
				assert.Equal(t, want, texts(messages, "RECORD"))
				saved = lastState(t, messages)
			}
		})
	}
	_, err := tap(t, &joined{tables: []string{"a/b-c", "a-b/c", "a-b-c/1"}}, call{config: withKey})
	require.ErrorContains(t, err, "are both the stream")
}

func TestATableThatIsDeclaredDuringTheSyncIsDeliveredUnlessThereIsACatalogWithoutIt(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "carts")
		err := errors.Join(out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString}}}),
			out.Upsert("late", map[string]any{"id": 1, "note": "n"}))
		cursor.Advance(1)
		return errors.Join(err, out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}))
	}}
	messages, err := tap(t, c, call{config: withKey})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA orders", "SCHEMA carts", "SCHEMA late", `RECORD late {"id":1,"note":"n"}`, "SCHEMA late", "STATE"}, texts(messages))
	log := &records{}
	messages, err = tap(t, c, call{config: withKey, catalog: `{"streams":[{"tap_stream_id":"carts"}]}`, opts: []host.Option{log.option()}})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA carts", "STATE"}, texts(messages))
	assert.Contains(t, log.String(), "table shop.late was found during the sync")
	messages, err = tap(t, c, call{config: withKey, catalog: `{"streams":[{"tap_stream_id":"late","schema":{"properties":{"id":{}}}}]}`})
	require.NoError(t, err)
	assert.Equal(t, []string{"SCHEMA late", `RECORD late {"id":1}`, "SCHEMA late", "STATE"}, texts(messages))
}

// The catalog was discovered before the source had the columns.
func TestAColumnThatAppearsDuringTheSyncIsReportedOnceIfTheCatalogDoesNotListIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		declare := func(added ...string) error {
			table := schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
			for _, name := range added {
				table.Columns = append(table.Columns, schema.Column{Name: name, Type: schema.TypeString})
			}
			return out.Declare(table)
		}
		return errors.Join(declare("note"), declare("note", "color"), out.Upsert("a", map[string]any{"id": 1, "note": "n", "color": "c"}))
	}}
	log := &records{}
	messages, err := tap(t, c, call{catalog: `{"streams":[{"tap_stream_id":"a","schema":{"properties":{"id":{}}}}]}`, opts: []host.Option{log.option()}})
	require.NoError(t, err)
	assert.Equal(t, []string{`RECORD a {"id":1}`}, texts(messages, "RECORD"))
	assert.Contains(t, log.String(), "columns=[note]")
	assert.Contains(t, log.String(), "columns=[color]")
}

func TestTheTimeForColumnsThatTheCatalogDoesNotListIsLinearInTheirNumber(t *testing.T) {
	growth.AssertLinear(t, 1000, func(columns int) func() {
		table := schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
		for n := range columns {
			table.Columns = append(table.Columns, schema.Column{Name: fmt.Sprintf("column%06d", n), Type: schema.TypeLong})
		}
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return errors.Join(out.Declare(table), out.Declare(table))
		}}
		return func() {
			_, err := tap(t, c, call{catalog: `{"streams":[{"tap_stream_id":"a","schema":{"properties":{"id":{}}}}]}`})
			require.NoError(t, err)
		}
	})
}

// The position of a table that only the sync declares is found again.
func TestTheBookmarkOfATableThatIsDeclaredDuringTheSyncIsKept(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		if err := out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}); err != nil {
			return err
		}
		cursor := state.NewCursor[int64](st, "late", state.Sorted())
		err := out.Upsert("late", map[string]any{"id": cursor.Start() + 1})
		cursor.Advance(cursor.Start() + 1)
		return err
	}}
	saved := ""
	for n := 1; n <= 3; n++ {
		messages, err := tap(t, c, call{config: withKey, state: saved})
		require.NoError(t, err)
		assert.Equal(t, []string{fmt.Sprintf(`RECORD late {"id":%d}`, n)}, texts(messages, "RECORD"))
		saved = lastState(t, messages)
	}
}
