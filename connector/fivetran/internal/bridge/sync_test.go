package bridge_test

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// everyColumn has a column of each type.
var everyColumn = []protocol.Column{
	id,
	{Name: "boolean", Type: protocol.Boolean}, {Name: "short", Type: protocol.Short}, {Name: "int", Type: protocol.Int},
	{Name: "decimal", Type: protocol.Decimal, Precision: 5, Scale: 2},
	{Name: "float", Type: protocol.Float}, {Name: "double", Type: protocol.Double},
	{Name: "date", Type: protocol.NaiveDate}, {Name: "datetime", Type: protocol.NaiveDatetime}, {Name: "utc", Type: protocol.UTCDatetime},
	{Name: "binary", Type: protocol.Binary}, {Name: "xml", Type: protocol.XML}, {Name: "string", Type: protocol.String}, {Name: "json", Type: protocol.JSON},
	{Name: "untyped"},
}

// everyValue has the values of a row in another order than the columns.
func everyValue(b []byte) []byte {
	at := time.Date(2026, 1, 2, 3, 4, 5, 120_000_000, time.UTC)
	b = protocol.NewKey("zzz").AppendTime(b, protocol.NaiveDateValue, at.Truncate(24*time.Hour))
	b = protocol.NewKey("json").AppendBytes(b, protocol.JSONValue, []byte(` {"b": [1.50, 9007199254740993], "a": "x" } `))
	b = protocol.NewKey("aaa").AppendFloat(b, 0.1)
	b = protocol.NewKey("untyped").AppendInt(b, protocol.LongValue, math.MaxInt64)
	b = protocol.NewKey("string").AppendBytes(b, protocol.StringValue, []byte("a\"\n\u2028é"))
	b = protocol.NewKey("xml").AppendBytes(b, protocol.XMLValue, []byte("<a/>"))
	b = protocol.NewKey("binary").AppendBytes(b, protocol.BinaryValue, []byte{0, 0xFF})
	b = protocol.NewKey("utc").AppendTime(b, protocol.UTCDatetimeValue, at)
	b = protocol.NewKey("datetime").AppendTime(b, protocol.NaiveDatetimeValue, time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC))
	b = protocol.NewKey("date").AppendTime(b, protocol.NaiveDateValue, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	b = protocol.NewKey("double").AppendDouble(b, 1e21)
	b = protocol.NewKey("float").AppendFloat(b, 16777216)
	b = protocol.NewKey("decimal").AppendBytes(b, protocol.DecimalValue, []byte("019.90"))
	b = protocol.NewKey("int").AppendInt(b, protocol.IntValue, math.MinInt32)
	b = protocol.NewKey("short").AppendNull(b)
	return protocol.NewKey("boolean").AppendBool(b, false)
}

func TestEveryMessageBecomesItsLine(t *testing.T) {
	head := func(typ protocol.RecordType) []byte { return order(typ, math.MinInt64) }
	truncate := protocol.AppendRecordHead(nil, "", "orders", protocol.TruncateTable)
	changed := &protocol.Tables{WithoutSchema: &protocol.TableList{Tables: []protocol.Table{
		{Name: "orders", Columns: []protocol.Column{{Name: "id", Type: protocol.String, PrimaryKey: true}}}, {Name: "new"},
	}}}
	s := (&source{schema: oneTable(everyColumn...), update: send(
		&protocol.UpdateResponse{},
		records(truncate),
		records(everyValue(head(protocol.Upsert)), order(protocol.Update, 1, text("string", protocol.StringValue, "s"))),
		checkpoint(` {"b": 1.50, "a" : {}} `),
		records(order(protocol.Delete, 2, text("string", protocol.StringValue, "s"))),
		&protocol.UpdateResponse{Warning: new("it is slow")},
		&protocol.UpdateResponse{Warning: new(`{"message":"the Connector SDK\nwraps it"}`)},
		&protocol.UpdateResponse{Truncate: &protocol.Truncate{Table: "orders"}},
		&protocol.UpdateResponse{SchemaChange: changed},
		records(text("id", protocol.StringValue, "one")(protocol.AppendRecordHead(nil, "", "orders", protocol.Upsert))),
		records(text("any", protocol.StringValue, "")(protocol.AppendRecordHead(nil, "", "new", protocol.Upsert))),
		checkpoint(`{}`),
	)}).start(t)
	a := s.ask(t, syncRequest)
	require.NoError(t, a.err)
	assert.Equal(t, []string{
		`{"type":"RECORD","op":"TRUNCATE","record":{"default_schema":{"orders":{}}}}`,
		`{"type":"RECORD","record":{"default_schema":{"orders":{"id":-9223372036854775808,"boolean":false,"short":null,"int":-2147483648,` +
			`"decimal":"019.90","float":16777216,"double":1e+21,"date":"9999-12-31","datetime":"0001-01-01T00:00:00.000000001",` +
			`"utc":"2026-01-02T03:04:05.12Z","binary":"AP8=","xml":"<a/>","string":"a\"\n\u2028é","json":{"b":[1.50,9007199254740993],"a":"x"},` +
			`"aaa":0.1,"untyped":9223372036854775807,"zzz":"2026-01-02"}}}}`,
		`{"type":"RECORD","op":"UPDATE","record":{"default_schema":{"orders":{"id":1,"string":"s"}}}}`,
		`{"type":"STATE","state":{"b":1.50,"a":{}}}`,
		`{"type":"RECORD","op":"DELETE","record":{"default_schema":{"orders":{"id":2}}}}`,
		`{"type":"LOG","log":{"level":"WARNING","message":"it is slow"}}`,
		`{"type":"LOG","log":{"level":"WARNING","message":"the Connector SDK\nwraps it"}}`,
		`{"type":"RECORD","op":"TRUNCATE","record":{"default_schema":{"orders":{}}}}`,
		`{"type":"RECORD","record":{"default_schema":{"orders":{"id":"one"}}}}`,
		`{"type":"RECORD","record":{"default_schema":{"new":{"any":""}}}}`,
		`{"type":"STATE","state":{}}`,
	}, a.lines)
	assert.Contains(t, a.log, "the source declared tables during the sync: default_schema.new, default_schema.orders")
}

func TestAKeyWithoutATypeIsText(t *testing.T) {
	key := func(appendKey func(k protocol.Key, b []byte) []byte) []byte {
		return appendKey(protocol.NewKey("k"), protocol.AppendRecordHead(nil, "", "orders", protocol.Upsert))
	}
	s := (&source{schema: oneTable(protocol.Column{Name: "k", PrimaryKey: true}), update: send(
		records(
			key(func(k protocol.Key, b []byte) []byte { return k.AppendInt(b, protocol.LongValue, 7) }),
			key(func(k protocol.Key, b []byte) []byte { return k.AppendBytes(b, protocol.StringValue, []byte("7")) }),
			key(func(k protocol.Key, b []byte) []byte { return k.AppendBytes(b, protocol.JSONValue, []byte(`{"a":1}`)) }),
		), checkpoint("{}"))}).start(t)
	a := s.ask(t, syncRequest)
	require.NoError(t, a.err)
	assert.Equal(t, []string{
		`{"type":"RECORD","record":{"default_schema":{"orders":{"k":"7"}}}}`,
		`{"type":"RECORD","record":{"default_schema":{"orders":{"k":"7"}}}}`,
		`{"type":"RECORD","record":{"default_schema":{"orders":{"k":"{\"a\":1}"}}}}`,
		`{"type":"STATE","state":{}}`,
	}, a.lines)
}

func TestASourceThatDoesNotKnowItsTablesIsSynced(t *testing.T) {
	other := text("v", protocol.DecimalValue, "1")(protocol.AppendRecordHead(nil, "hr", "people", protocol.Delete))
	s := (&source{schema: func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error) {
		return &protocol.SchemaResponse{NotSupported: true}, nil
	}, update: func(ctx context.Context, r *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
		assert.Nil(t, r.Selection)
		return send(records(order(protocol.Upsert, 1, text("email", protocol.StringValue, "e")), other), checkpoint("{}"))(ctx, r, deliver)
	}}).start(t)
	a := s.ask(t, `{"selection":{"tables":{"default_schema":{"orders":{"columns":{"email":false}}}}}}`)
	require.NoError(t, a.err)
	assert.Contains(t, a.lines[0], "schema_response_not_supported")
	assert.Equal(t, []string{
		`{"type":"RECORD","record":{"default_schema":{"orders":{"id":1}}}}`,
		`{"type":"RECORD","op":"DELETE","record":{"hr":{"people":{"v":"1"}}}}`,
		`{"type":"STATE","state":{}}`,
	}, a.lines[1:])
}

func TestTheStateIsSentAsItIs(t *testing.T) {
	var got []string
	s := (&source{schema: oneTable(id), update: func(_ context.Context, r *protocol.UpdateRequest, _ func(*protocol.UpdateResponse) error) error {
		got = append(got, r.State)
		return nil
	}}).start(t)
	for _, state := range []string{"", `"state":null,`, `"state":{},`, `"state":{"b": [1.50], "a":9007199254740993},`} {
		a := s.ask(t, "{"+state+`"selection":{}}`)
		require.NoError(t, a.err)
		assert.Equal(t, []string{`{"type":"STATE","state":` + got[len(got)-1] + `}`}, a.lines, "the last line of a sync that succeeds is a STATE")
	}
	assert.Equal(t, []string{"{}", "{}", "{}", `{"b":[1.50],"a":9007199254740993}`}, got)
}

func TestRecordsAfterTheLastCheckpointAreAWarning(t *testing.T) {
	s := (&source{schema: oneTable(id), update: send(checkpoint(`{"at":1}`), records(order(protocol.Upsert, 1), order(protocol.Upsert, 2)))}).start(t)
	a := s.ask(t, syncRequest)
	require.NoError(t, a.err)
	require.Len(t, a.lines, 5)
	assert.Contains(t, a.lines[3], `"WARNING","message":"the source sent 2 records after its last checkpoint`)
	assert.Equal(t, `{"type":"STATE","state":{"at":1}}`, a.lines[4])
}

func TestAWarningAfterTheLastCheckpointIsFollowedByTheState(t *testing.T) {
	s := (&source{schema: oneTable(id), update: send(checkpoint(`{"at":1}`), &protocol.UpdateResponse{Warning: new("done")})}).start(t)
	a := s.ask(t, syncRequest)
	require.NoError(t, a.err)
	assert.Equal(t, []string{`{"type":"STATE","state":{"at":1}}`, `{"type":"LOG","log":{"level":"WARNING","message":"done"}}`, `{"type":"STATE","state":{"at":1}}`}, a.lines)
}

func TestTheTraceOfATaskIsLogged(t *testing.T) {
	s := (&source{schema: oneTable(id), update: send(&protocol.UpdateResponse{Task: new(`{"message":"log in again","trace":"line 7"}`)})}).start(t)
	assert.Contains(t, s.ask(t, syncRequest).log, "the trace of the task: line 7")
}

func TestMessagesAreMasked(t *testing.T) {
	const secret = "secret-key-0123456"
	s := (&source{form: form, schema: oneTable(id, protocol.Column{Name: "string", Type: protocol.String}), update: send(
		records(order(protocol.Upsert, 1, text("string", protocol.StringValue, secret))),
		&protocol.UpdateResponse{Warning: new("the key " + secret)},
		&protocol.UpdateResponse{Task: new(`{"message":"the key ` + secret + `","trace":"with ` + secret + `"}`)},
	)}).start(t)
	a := s.ask(t, `{"secrets":{"region":"eu","api_key":"`+secret+`"}}`)
	require.Error(t, a.err)
	assert.NotContains(t, a.err.Error()+a.log, secret)
	assert.Contains(t, a.lines[0], secret, "a test of the source must find the secret in its rows")
	assert.NotContains(t, strings.Join(a.lines[1:], ""), secret)

	// A source without a form: nobody knows which fields are secret.
	s.form = protocol.Form{}
	a = s.ask(t, `{"secrets":{"whatever":"`+secret+`"}}`)
	assert.NotContains(t, a.err.Error()+a.log+strings.Join(a.lines[1:], ""), secret)
}

func TestEveryLineIsJSON(t *testing.T) {
	s := (&source{schema: oneTable(id), update: send(&protocol.UpdateResponse{Warning: new("\x00\n\u2028")}, checkpoint("{}"))}).start(t)
	for _, line := range s.ask(t, syncRequest).lines {
		assert.True(t, json.Valid([]byte(line)), line)
	}
}

func TestJSONWithDuplicateNamesIsPassedOn(t *testing.T) {
	const value = `{"a":1,"a":{"b":[],"b":null}}`
	s := (&source{schema: oneTable(everyColumn...), update: send(
		records(order(protocol.Upsert, 1, text("json", protocol.JSONValue, value), text("untyped", protocol.JSONValue, value))), checkpoint("{}"),
	)}).start(t)
	a := s.ask(t, syncRequest)
	require.NoError(t, a.err)
	assert.Equal(t, `{"type":"RECORD","record":{"default_schema":{"orders":{"id":1,"json":`+value+`,"untyped":`+value+`}}}}`, a.lines[0])
	a.check(t)
}

func TestADecimalOfAColumnWithoutATypeIsANumber(t *testing.T) {
	s := (&source{schema: oneTable(id), update: send(records(order(protocol.Upsert, 1,
		text("a", protocol.DecimalValue, "-12.50"), text("b", protocol.DecimalValue, "1e400"), text("c", protocol.DecimalValue, "007"),
	)), checkpoint("{}"))}).start(t)
	assert.Equal(t, `{"type":"RECORD","record":{"default_schema":{"orders":{"id":1,"a":"-12.50","b":"1e400","c":"007"}}}}`, s.ask(t, syncRequest).lines[0])
}

func TestTablesOfASchemaChangeMustDifferFromTheOthersInMoreThanCase(t *testing.T) {
	declare := func(tables ...protocol.Table) *protocol.UpdateResponse {
		return &protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithoutSchema: &protocol.TableList{Tables: tables}}}
	}
	named := func(schemaName, table string) *protocol.UpdateResponse {
		return &protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: schemaName, Tables: []protocol.Table{{Name: table}}}}}}}
	}
	const differ = "differ only in upper and lower case, which platforms do not distinguish; rename one of them"
	for want, messages := range map[string][]*protocol.UpdateResponse{
		"the names of tables default_schema.orders and default_schema.ORDERS " + differ:                                                   {declare(protocol.Table{Name: "ORDERS"})},
		"the names of tables default_schema.new and default_schema.New " + differ:                                                         {declare(protocol.Table{Name: "new"}), declare(protocol.Table{Name: "New"})},
		"the names of tables default_schema.orders and Default_Schema.orders " + differ:                                                   {named("Default_Schema", "orders")},
		"table default_schema.orders is declared with the name of its schema and without it; name the schemas as in the answer to Schema": {named("default_schema", "orders")},
		"": {declare(protocol.Table{Name: "orders", Columns: []protocol.Column{id}}, protocol.Table{Name: "orders2"}), declare(protocol.Table{Name: "orders2"})},
	} {
		s := (&source{schema: oneTable(id), update: send(append(messages, checkpoint("{}"))...)}).start(t)
		a := s.ask(t, syncRequest)
		if want == "" {
			require.NoError(t, a.err)
			continue
		}
		assert.Contains(t, severe(t, a), want)
		assert.Equal(t, connector.Defect, connector.KindOf(a.err))
	}
}
