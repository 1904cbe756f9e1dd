package bridge_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

func TestWhatFivetranWouldRefuseIsAnErrorThatNamesTheRemedy(t *testing.T) {
	in := func(values ...func([]byte) []byte) *protocol.UpdateResponse {
		return records(order(protocol.Upsert, 1, values...))
	}
	at := func(kind protocol.ValueKind) func([]byte) []byte {
		return func(b []byte) []byte { return protocol.NewKey("date").AppendTime(b, kind, time.Unix(1, 0)) }
	}
	named := func(schemaName, table string) *protocol.UpdateResponse {
		return records(protocol.AppendRecordHead(nil, schemaName, table, protocol.Upsert))
	}
	many := make([][]byte, 101)
	for i := range many {
		many[i] = order(protocol.Upsert, int64(i))
	}
	const column = "table default_schema.orders, column "
	for want, message := range map[string]*protocol.UpdateResponse{
		"a message has 101 records, which Fivetran refuses; send at most 100 in a message":   records(many...),
		`a record of table "ordres" of schema "", which is not in its schema; declare it`:    named("", "ordres"),
		`of table "" of schema "", which is not a name; set table_name`:                      named("", ""),
		`of schema "shop", but its answer to Schema names no schemas; leave schema_name out`: named("shop", "orders"),
		column + "id: got no value": named("", "orders"),
		column + "int: want int, as INT is the declared type, got long; correct the declared type or the value": in(func(b []byte) []byte {
			return protocol.NewKey("int").AppendInt(b, protocol.LongValue, 1)
		}),
		column + "double: want double, as DOUBLE is the declared type, got float": in(func(b []byte) []byte {
			return protocol.NewKey("double").AppendFloat(b, 1)
		}),
		column + "double: JSON has neither NaN nor infinities; send null instead": in(func(b []byte) []byte {
			return protocol.NewKey("double").AppendDouble(b, math.NaN())
		}),
		column + "short": in(func(b []byte) []byte {
			return protocol.NewKey("short").AppendInt(b, protocol.ShortValue, 40000)
		}),
		column + "decimal": in(text("decimal", protocol.DecimalValue, "1.234")),
		column + "date: the naive_date is not at midnight":                                                                in(at(protocol.NaiveDateValue)),
		column + "date: want naive_date":                                                                                  in(at(protocol.UTCDatetimeValue)),
		column + "json: the json is not valid JSON":                                                                       in(text("json", protocol.JSONValue, "{'a':1}")),
		column + "string: the text is not valid UTF-8":                                                                    in(text("string", protocol.StringValue, "\xff")),
		column + "extra: the decimal is not a number; send digits such as 12.50, or a string":                             in(text("extra", protocol.DecimalValue, "abc")),
		column + "untyped: the decimal is not a number":                                                                   in(text("untyped", protocol.DecimalValue, "")),
		column + "extra: a source cannot send a naive_time":                                                               records([]byte("\x12\x06orders\x22\x0c\x0a\x05extra\x12\x03\x82\x01\x00")),
		column + "extra: the record has the column twice":                                                                 in(text("extra", protocol.StringValue, ""), text("extra", protocol.StringValue, "")),
		column + "string: the record has the column twice":                                                                in(text("string", protocol.StringValue, ""), text("string", protocol.StringValue, "")),
		`a record of table "orders" is not valid: column "\xff": a string is not valid UTF-8; generate the source's code`: in(text("\xff", protocol.StringValue, "")),
		"message 2 of the sync is not valid: a string is not valid UTF-8; generate":                                       {Task: new("log in\xff")},
		column + "STRING":                         in(text("STRING", protocol.StringValue, "")),
		`a record of table "orders" is not valid`: records([]byte("\x12\x06orders\x22\x02\x12")),
		"9 is not a type of records":              records(order(9, 1)),
		"a checkpoint is not a JSON object without duplicate names; set state_json": checkpoint("[]"),
		"the source ended the sync: log in again; this is a task for the user":      {Task: new(`{"message":"log in again","trace":"line 7"}`)},
		"the source uploads a file": {File: true},
		"the record has row_data instead of data; start the source without the environment variable": records([]byte("\x12\x06orders\x2a\x02\x0a\x00")),
	} {
		s := (&source{schema: oneTable(everyColumn...), update: send(checkpoint(`{"at":1}`), message, checkpoint(`{"at":2}`))}).start(t)
		a := s.ask(t, syncRequest)
		assert.Contains(t, severe(t, a), want)
		assert.NotContains(t, strings.Join(a.lines, "\n"), `"at":2`)
	}
}
