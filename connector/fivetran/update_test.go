package fivetran_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
)

// notes is a table without surprises.
func notes() *schema.Table {
	return &schema.Table{Schema: "shop", Name: "notes", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "text", Type: schema.TypeString},
	}}
}

// messages returns the messages of a sync and its status.
func messages(t testing.TB, c connector.Connector, d fivetran.Dialect) ([]*protocol.UpdateResponse, error) {
	t.Helper()
	var all []*protocol.UpdateResponse
	err := served(t, c, d).sync(t, nil, "").rest(t, func(m *protocol.UpdateResponse) { all = append(all, m) })
	return all, err
}

// shape describes a message in one word.
func shape(m *protocol.UpdateResponse) string {
	switch {
	case m.Records != nil:
		return fmt.Sprintf("records:%d", len(m.Records))
	case m.Checkpoint != nil:
		return "checkpoint"
	case m.Warning != nil:
		return "warning"
	case m.Task != nil:
		return "task"
	case m.SchemaChange != nil:
		return "schema"
	}
	return "unknown"
}

func shapes(all []*protocol.UpdateResponse) string {
	var words []string
	for _, m := range all {
		words = append(words, shape(m))
	}
	return strings.Join(words, " ")
}

func TestRecordsAreSentBeforeEveryOtherMessage(t *testing.T) {
	t.Parallel()
	row := func(id int) map[string]any { return map[string]any{"id": id, "text": "a"} }
	all, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(_ context.Context, out connector.Emitter) error {
		for i := range 250 {
			if err := out.Upsert("notes", row(i)); err != nil {
				return err
			}
		}
		if err := out.Checkpoint(); err != nil {
			return err
		}
		if err := out.Update("notes", row(1)); err != nil {
			return err
		}
		if err := out.Warn("be careful"); err != nil {
			return err
		}
		if err := out.Delete("notes", row(2)); err != nil {
			return err
		}
		return out.Declare(schema.Table{Schema: "shop", Name: "more", Columns: notes().Columns})
	}}, fivetran.PartnerSDK)
	require.NoError(t, err)
	assert.Equal(t, "records:100 records:100 records:50 checkpoint records:1 warning records:1 schema checkpoint", shapes(all))
	assert.Equal(t, "be careful", *all[5].Warning)
	assert.Equal(t, "more", all[7].SchemaChange.WithoutSchema.Tables[0].Name)
}

func TestAMessageHasABoundedSize(t *testing.T) {
	t.Parallel()
	all, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(_ context.Context, out connector.Emitter) error {
		for i := range 100 {
			if err := out.Upsert("notes", map[string]any{"id": i, "text": strings.Repeat("x", 10_000)}); err != nil {
				return err
			}
		}
		return out.Upsert("notes", map[string]any{"id": 100, "text": strings.Repeat("x", 3<<20)})
	}}, fivetran.PartnerSDK)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("records:10 ", 10)+"records:1 checkpoint", shapes(all))
}

func TestARowThatFivetranRefusesIsAnErrorThatNamesItsTable(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 500 MB")
	}
	all, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(_ context.Context, out connector.Emitter) error {
		if err := out.Upsert("notes", map[string]any{"id": 1, "text": "small"}); err != nil {
			return err
		}
		return out.Upsert("notes", json.RawMessage(bytes.Join([][]byte{[]byte(`{"id":2,"text":"`), bytes.Repeat([]byte("x"), protocol.MaxMessage), []byte(`"}`)}, nil)))
	}}, fivetran.PartnerSDK)
	wantStatus(t, err, codes.Internal, "table shop.notes: a row takes 134")
	assert.Equal(t, "records:1 checkpoint", shapes(all))
}

func TestARecordDoesNotWaitForOthersWithoutEnd(t *testing.T) {
	t.Parallel()
	received := make(chan struct{})
	c := served(t, &scripted{tables: []*schema.Table{notes()}, sync: func(ctx context.Context, out connector.Emitter) error {
		if err := out.Upsert("notes", map[string]any{"id": 1}); err != nil {
			return err
		}
		select {
		case <-received:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}, fivetran.PartnerSDK)
	s := c.sync(t, nil, "")
	m, err := s.next(t)
	require.NoError(t, err)
	assert.Equal(t, "records:1", shape(m))
	close(received)
	require.NoError(t, s.rest(t, func(*protocol.UpdateResponse) {}))
}

// everyType is a table with a column of each type.
func everyType() *schema.Table {
	t := &schema.Table{Schema: "shop", Name: "types", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		t.Columns = append(t.Columns, schema.Column{Name: strings.ToLower(typ.String()), Type: typ})
	}
	return t
}

// values returns the values of the first record of a sync with a row of everyType.
func valuesOf(t *testing.T, row string) (map[string]protocol.Value, []*protocol.UpdateResponse) {
	t.Helper()
	all, err := messages(t, &scripted{tables: []*schema.Table{everyType()}, sync: func(_ context.Context, out connector.Emitter) error {
		return out.Upsert("types", []byte(row))
	}}, fivetran.PartnerSDK)
	require.NoError(t, err)
	values := map[string]protocol.Value{}
	for _, m := range all {
		for _, raw := range m.Records {
			var r protocol.Record
			require.NoError(t, r.Parse(raw))
			for _, v := range r.Values {
				values[v.Name] = v.Value
			}
		}
	}
	return values, all
}

func TestValuesHaveTheTypesOfTheirColumns(t *testing.T) {
	t.Parallel()
	const day, second = "2026-03-14", "2026-03-14T15:09:26.535897932"
	at := func(layout, s string) time.Time {
		v, err := time.Parse(layout, s)
		require.NoError(t, err)
		return v
	}
	text := func(kind protocol.ValueKind, s string) protocol.Value {
		return protocol.Value{Kind: kind, Bytes: []byte(s)}
	}
	tests := []struct {
		column, json string
		want         protocol.Value
	}{
		{"boolean", "true", protocol.Value{Kind: protocol.BoolValue, Int: 1}},
		{"boolean", "false", protocol.Value{Kind: protocol.BoolValue}},
		{"boolean", "null", protocol.Value{Kind: protocol.NullValue}},
		{"short", "-32768", protocol.Value{Kind: protocol.ShortValue, Int: math.MinInt16}},
		{"int", "2147483647", protocol.Value{Kind: protocol.IntValue, Int: math.MaxInt32}},
		{"int", "0", protocol.Value{Kind: protocol.IntValue}},
		{"long", "-9223372036854775808", protocol.Value{Kind: protocol.LongValue, Int: math.MinInt64}},
		{"long", "9223372036854775807", protocol.Value{Kind: protocol.LongValue, Int: math.MaxInt64}},
		{"float", "0.1", protocol.Value{Kind: protocol.FloatValue, Float: float64(float32(0.1))}},
		{"float", "0", protocol.Value{Kind: protocol.FloatValue}},
		{"double", "1.7976931348623157e308", protocol.Value{Kind: protocol.DoubleValue, Float: math.MaxFloat64}},
		{"double", "0.0", protocol.Value{Kind: protocol.DoubleValue}},
		{"decimal", `"12345678901234567890.12345678900"`, text(protocol.DecimalValue, "12345678901234567890.12345678900")},
		{"naive_date", `"` + day + `"`, protocol.Value{Kind: protocol.NaiveDateValue, Time: at(time.DateOnly, day)}},
		{"naive_date", `"1970-01-01"`, protocol.Value{Kind: protocol.NaiveDateValue, Time: time.Unix(0, 0).UTC()}},
		{"naive_datetime", `"` + second + `"`, protocol.Value{Kind: protocol.NaiveDatetimeValue, Time: at("2006-01-02T15:04:05", second)}},
		{"utc_datetime", `"` + second + `Z"`, protocol.Value{Kind: protocol.UTCDatetimeValue, Time: at(time.RFC3339, second+"Z")}},
		{"utc_datetime", `"0001-01-01T00:00:00.000000001Z"`, protocol.Value{Kind: protocol.UTCDatetimeValue, Time: time.Unix(-62135596800, 1).UTC()}},
		{"utc_datetime", `"9999-12-31T23:59:59.999999999Z"`, protocol.Value{Kind: protocol.UTCDatetimeValue, Time: at(time.RFC3339, "9999-12-31T23:59:59.999999999Z")}},
		{"binary", `"AP8="`, text(protocol.BinaryValue, "\x00\xff")},
		{"binary", `""`, protocol.Value{Kind: protocol.BinaryValue, Bytes: []byte{}}},
		{"xml", `"<a/>"`, text(protocol.XMLValue, "<a/>")},
		{"string", `"\u0000\"\u20ac\ud83d\ude00"`, text(protocol.StringValue, "\x00\"€😀")},
		{"string", `""`, text(protocol.StringValue, "")},
		{"string", `"` + strings.Repeat("é", 200) + `"`, text(protocol.StringValue, strings.Repeat("é", 200))},
		{"json", `{"a":[1.50,null,"x"]}`, text(protocol.JSONValue, `{"a":[1.50,null,"x"]}`)},
		{"json", `"text"`, text(protocol.JSONValue, `"text"`)},
		// Columns that the table does not declare.
		{"other", "true", protocol.Value{Kind: protocol.BoolValue, Int: 1}},
		{"other", "7", protocol.Value{Kind: protocol.LongValue, Int: 7}},
		{"other", "9223372036854775808", text(protocol.DecimalValue, "9223372036854775808")},
		{"other", "1.50", protocol.Value{Kind: protocol.DoubleValue, Float: 1.5}},
		{"other", "0.12345678901234566", protocol.Value{Kind: protocol.DoubleValue, Float: 0.12345678901234566}},
		{"other", "0.1234567890123456789", text(protocol.DecimalValue, "0.1234567890123456789")},
		{"other", "1e-400", text(protocol.DecimalValue, "1e-400")},
		{"other", "5e-324", protocol.Value{Kind: protocol.DoubleValue, Float: 5e-324}},
		{"other", "1.23456789012345e-320", text(protocol.DecimalValue, "1.23456789012345e-320")},
		{"other", "0e-400", protocol.Value{Kind: protocol.DoubleValue}},
		{"other", "1e400", text(protocol.DecimalValue, "1e400")},
		{"other", `"2026-03-14T15:09:26Z"`, text(protocol.StringValue, "2026-03-14T15:09:26Z")},
		{"other", `[1]`, text(protocol.JSONValue, "[1]")},
		{"other", "null", protocol.Value{Kind: protocol.NullValue}},
	}
	for _, test := range tests {
		t.Run(test.column+" "+test.json[:min(40, len(test.json))], func(t *testing.T) {
			t.Parallel()
			values, _ := valuesOf(t, `{"id":1,"`+test.column+`":`+test.json+`}`)
			assert.Equal(t, test.want, values[test.column])
		})
	}
}

func TestATimeInTheYearZeroIsAnErrorThatNamesItsColumn(t *testing.T) {
	t.Parallel()
	for column, text := range map[string]string{
		"naive_date": "0000-12-31", "naive_datetime": "0000-01-01T00:00:00", "utc_datetime": "0001-01-01T00:00:00+02:00",
	} {
		all, err := messages(t, &scripted{tables: []*schema.Table{everyType()}, sync: func(_ context.Context, out connector.Emitter) error {
			if err := out.Upsert("types", map[string]any{"id": 1}); err != nil {
				return err
			}
			return out.Upsert("types", map[string]any{"id": 2, column: text})
		}}, fivetran.PartnerSDK)
		wantStatus(t, err, codes.Internal, "table shop.types, column "+column+": want "+strings.ToUpper(column)+", got a time in the year 0: Fivetran accepts the years 1 to 9999")
		assert.Equal(t, "records:1 checkpoint", shapes(all))
	}
}

func TestTextsAreUTF8(t *testing.T) {
	t.Parallel()
	c := served(t, &scripted{tables: []*schema.Table{notes()}, test: errors.New("caf\xe9"), sync: func(_ context.Context, out connector.Emitter) error {
		if err := out.Warn("caf\xe9"); err != nil {
			return err
		}
		return connector.Errorf(connector.Configuration, "caf\xe9")
	}}, fivetran.PartnerSDK)
	assert.Contains(t, c.test(t, nil), "caf\uFFFD;")
	var all []*protocol.UpdateResponse
	err := c.sync(t, nil, "").rest(t, func(m *protocol.UpdateResponse) { all = append(all, m) })
	wantStatus(t, err, codes.InvalidArgument, "caf\uFFFD; check the configuration")
	require.Equal(t, "warning checkpoint task", shapes(all))
	assert.Equal(t, "caf\uFFFD", *all[0].Warning)
	assert.Equal(t, "caf\uFFFD; check the configuration", *all[2].Task)
}

func TestDigitsAfterTheNinthOfASecondAreReportedOnceForAColumn(t *testing.T) {
	t.Parallel()
	for text, warns := range map[string]bool{
		"2026-03-14T15:09:26.1234567891Z": true, "2026-03-14T15:09:26.1234567890001Z": true,
		"2026-03-14T15:09:26.123456789Z": false, "2026-03-14T15:09:26.12345678900Z": false, "2026-03-14T15:09:26Z": false,
	} {
		all, err := messages(t, &scripted{tables: []*schema.Table{everyType()}, sync: func(_ context.Context, out connector.Emitter) error {
			for id := range 3 {
				if err := out.Upsert("types", map[string]any{"id": id, "utc_datetime": text}); err != nil {
					return err
				}
			}
			return nil
		}}, fivetran.PartnerSDK)
		require.NoError(t, err)
		want := "records:3 checkpoint"
		if warns {
			want = "records:1 warning records:2 checkpoint"
			assert.Contains(t, *all[1].Warning, "table shop.types: column utc_datetime has times with more than nine digits")
		}
		assert.Equal(t, want, shapes(all), text)
	}
}

func TestRecordsNameTheSchemaIfThereAreSeveral(t *testing.T) {
	t.Parallel()
	other := notes()
	other.Schema = "archive"
	row := map[string]any{"id": 1}
	source := func(tables ...*schema.Table) *scripted {
		return &scripted{tables: tables, sync: func(_ context.Context, out connector.Emitter) error {
			for _, table := range tables {
				if err := out.Upsert(table.Schema+"."+table.Name, row); err != nil {
					return err
				}
			}
			return nil
		}}
	}
	for want, tables := range map[string][]*schema.Table{"[shop archive]": {notes(), other}, "[]": {notes()}} {
		all, err := messages(t, source(tables...), fivetran.PartnerSDK)
		require.NoError(t, err)
		var names []string
		for _, m := range all {
			for _, raw := range m.Records {
				var r protocol.Record
				require.NoError(t, r.Parse(raw))
				names = append(names, r.Schema)
			}
		}
		assert.Equal(t, want, fmt.Sprint(names[:len(tables)]))
	}
}

func TestATableInASecondSchemaThatIsDeclaredDuringASyncIsAnError(t *testing.T) {
	t.Parallel()
	_, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(_ context.Context, out connector.Emitter) error {
		return out.Declare(schema.Table{Schema: "archive", Name: "notes", Columns: notes().Columns})
	}}, fivetran.PartnerSDK)
	wantStatus(t, err, codes.Internal, "table archive.notes: Fivetran was told that all tables are in one schema, shop")
}

func TestTheConnectorSDKsDialectWrapsWarningsAndTasks(t *testing.T) {
	t.Parallel()
	all, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(_ context.Context, out connector.Emitter) error {
		if err := out.Warn(`say "hi"`); err != nil {
			return err
		}
		return connector.Errorf(connector.Configuration, "no access")
	}}, fivetran.ConnectorSDK)
	wantStatus(t, err, codes.InvalidArgument, "no access")
	require.Equal(t, "warning checkpoint task", shapes(all))
	assert.Equal(t, `{"message":"say \"hi\""}`, *all[0].Warning)
	assert.Equal(t, `{"message":"no access; check the configuration"}`, *all[2].Task)
}

func TestAStatusIsShortEnoughForAHeader(t *testing.T) {
	t.Parallel()
	_, err := messages(t, &scripted{tables: []*schema.Table{notes()}, sync: func(context.Context, connector.Emitter) error {
		return connector.Errorf(connector.Transient, "%s", strings.Repeat("é", 5000))
	}}, fivetran.PartnerSDK)
	wantStatus(t, err, codes.Unavailable, "… (see the log)")
}
