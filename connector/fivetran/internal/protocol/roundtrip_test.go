package protocol_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// A message is one of the messages of the package.
type message interface {
	Append(b []byte) []byte
	Parse(message []byte) error
}

var configuration = map[string]string{"api_key": "k", "empty": "", "": "no name"}

var selected = []protocol.TableSelection{
	{Included: true, Name: "orders", Columns: map[string]bool{"id": true, "email": false}, IncludeNewColumns: true},
	{Name: "carts"},
}

var declared = []protocol.Table{
	{Name: "orders", Columns: []protocol.Column{
		{Name: "id", Type: protocol.Long, PrimaryKey: true},
		{Name: "total", Type: protocol.Decimal, Precision: 12, Scale: 2},
		{Name: "whole", Type: protocol.Decimal, Precision: 12},
		{Name: "untyped"},
		{Name: "last", Type: protocol.NaiveTime},
	}},
	{Name: "empty"},
}

// examples holds messages in which every field is set somewhere, and empty ones.
var examples = map[string][]message{
	"ConfigurationFormResponse": {
		&protocol.Form{},
		&protocol.Form{
			SchemaSelection: true, TableSelection: true,
			Fields: []protocol.FormField{
				{Name: "text", Label: "Text", Description: "Some text", Required: true, Default: "d", Placeholder: "p"},
				{Name: "password", Type: protocol.PasswordField},
				{Name: "hidden", Type: protocol.HiddenField},
				{Name: "dropdown", Type: protocol.DropdownField, Choices: []string{"eu", "", "us"}},
				{Name: "toggle", Type: protocol.ToggleField},
				{Name: "upload", Type: protocol.UploadField},
				{Type: protocol.ConditionalField, Condition: protocol.Condition{Field: "toggle", Bool: new(false)}, Fields: []protocol.FormField{{Name: "within"}}},
				{Type: protocol.ConditionalField, Condition: protocol.Condition{Field: "dropdown", Text: new("")}},
				{Type: protocol.ConditionalField, Condition: protocol.Condition{Field: "text", Empty: new(true)}},
				{Name: "other", Type: protocol.OtherField},
			},
			Tests: []protocol.ConfigurationTest{{Name: "connect", Label: "Connecting"}, {}},
		},
	},
	"TestRequest":   {&protocol.TestRequest{}, &protocol.TestRequest{Name: "connect", Configuration: configuration}},
	"TestResponse":  {&protocol.TestResponse{}, &protocol.TestResponse{Failure: "the key is wrong"}},
	"SchemaRequest": {&protocol.SchemaRequest{}, &protocol.SchemaRequest{Configuration: configuration}},
	"SchemaResponse": {
		&protocol.SchemaResponse{},
		&protocol.SchemaResponse{NotSupported: true},
		&protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: &protocol.TableList{}}, SelectionNotSupported: true},
		&protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: &protocol.TableList{Tables: declared}}},
		&protocol.SchemaResponse{Tables: protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: "shop", Tables: declared}, {}}}}},
	},
	"UpdateRequest": {
		&protocol.UpdateRequest{},
		&protocol.UpdateRequest{Configuration: configuration, Selection: &protocol.Selection{}, State: `{"orders":{}}`},
		&protocol.UpdateRequest{Selection: &protocol.Selection{WithoutSchema: &protocol.TablesWithNoSchema{Tables: selected, IncludeNewTables: true}}},
		&protocol.UpdateRequest{Selection: &protocol.Selection{WithSchema: &protocol.TablesWithSchema{IncludeNewSchemas: true, Schemas: []protocol.SchemaSelection{
			{Included: true, Name: "shop", Tables: selected, IncludeNewTables: true}, {},
		}}}},
	},
	"Selection": {&protocol.Selection{}},
	"UpdateResponse": {
		&protocol.UpdateResponse{},
		&protocol.UpdateResponse{Records: [][]byte{record, {}}},
		&protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithoutSchema: &protocol.TableList{Tables: declared}}},
		&protocol.UpdateResponse{SchemaChange: &protocol.Tables{WithSchema: &protocol.SchemaList{Schemas: []protocol.Schema{{Name: "shop", Tables: declared}}}}},
		&protocol.UpdateResponse{Checkpoint: new("{}")},
		&protocol.UpdateResponse{Checkpoint: new("")},
		&protocol.UpdateResponse{Warning: new("slow")},
		&protocol.UpdateResponse{Task: new("log in")},
		&protocol.UpdateResponse{File: true},
		&protocol.UpdateResponse{Truncate: &protocol.Truncate{Schema: "shop", Table: "orders"}},
	},
}

func TestAMessageIsDecodedAsItWasEncoded(t *testing.T) {
	messages := descriptors(t)
	for name, all := range examples {
		for _, m := range all {
			encoded := m.Append(nil)
			again := reflect.New(reflect.TypeOf(m).Elem()).Interface().(message)
			require.NoError(t, again.Parse(encoded))
			assert.Equal(t, m, again)

			// The same through another implementation, which may order fields differently.
			again = reflect.New(reflect.TypeOf(m).Elem()).Interface().(message)
			require.NoError(t, again.Parse(reencode(t, messages, name, encoded)))
			assert.Equal(t, m, again, "%s from another implementation", name)
		}
	}
}

// appendAll appends a value of every kind.
func appendAll(b []byte) []byte {
	key := func(name string) protocol.Key { return protocol.NewKey(name) }
	b = key("null").AppendNull(b)
	b = key("true").AppendBool(b, true)
	b = key("false").AppendBool(b, false)
	b = key("short").AppendInt(b, protocol.ShortValue, math.MinInt16)
	b = key("int").AppendInt(b, protocol.IntValue, math.MinInt32)
	b = key("long").AppendInt(b, protocol.LongValue, math.MinInt64)
	b = key("zero").AppendInt(b, protocol.LongValue, 0)
	b = key("float").AppendFloat(b, 0.1)
	b = key("double").AppendDouble(b, 0.1)
	b = key("nothing").AppendDouble(b, 0)
	b = key("date").AppendTime(b, protocol.NaiveDateValue, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
	b = key("datetime").AppendTime(b, protocol.NaiveDatetimeValue, time.Unix(0, 0))
	b = key("utc").AppendTime(b, protocol.UTCDatetimeValue, time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))
	b = key("decimal").AppendBytes(b, protocol.DecimalValue, []byte("19.90"))
	b = key("binary").AppendBytes(b, protocol.BinaryValue, []byte{0, 0xFF})
	b = key("string").AppendBytes(b, protocol.StringValue, nil)
	b = key("json").AppendBytes(b, protocol.JSONValue, []byte(`{"a":1}`))
	b = key("xml").AppendBytes(b, protocol.XMLValue, make([]byte, 300))
	return b
}

var record = appendAll(protocol.AppendRecordHead(nil, "shop", "orders", protocol.Delete))

var values = []protocol.NamedValue{
	{Name: "null", Value: protocol.Value{Kind: protocol.NullValue}},
	{Name: "true", Value: protocol.Value{Kind: protocol.BoolValue, Int: 1}},
	{Name: "false", Value: protocol.Value{Kind: protocol.BoolValue}},
	{Name: "short", Value: protocol.Value{Kind: protocol.ShortValue, Int: math.MinInt16}},
	{Name: "int", Value: protocol.Value{Kind: protocol.IntValue, Int: math.MinInt32}},
	{Name: "long", Value: protocol.Value{Kind: protocol.LongValue, Int: math.MinInt64}},
	{Name: "zero", Value: protocol.Value{Kind: protocol.LongValue}},
	{Name: "float", Value: protocol.Value{Kind: protocol.FloatValue, Float: float64(float32(0.1))}},
	{Name: "double", Value: protocol.Value{Kind: protocol.DoubleValue, Float: 0.1}},
	{Name: "nothing", Value: protocol.Value{Kind: protocol.DoubleValue}},
	{Name: "date", Value: protocol.Value{Kind: protocol.NaiveDateValue, Time: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}},
	{Name: "datetime", Value: protocol.Value{Kind: protocol.NaiveDatetimeValue, Time: time.Unix(0, 0).UTC()}},
	{Name: "utc", Value: protocol.Value{Kind: protocol.UTCDatetimeValue, Time: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)}},
	{Name: "decimal", Value: protocol.Value{Kind: protocol.DecimalValue, Bytes: []byte("19.90")}},
	{Name: "binary", Value: protocol.Value{Kind: protocol.BinaryValue, Bytes: []byte{0, 0xFF}}},
	{Name: "string", Value: protocol.Value{Kind: protocol.StringValue, Bytes: []byte{}}},
	{Name: "json", Value: protocol.Value{Kind: protocol.JSONValue, Bytes: []byte(`{"a":1}`)}},
	{Name: "xml", Value: protocol.Value{Kind: protocol.XMLValue, Bytes: make([]byte, 300)}},
}

func TestARecordIsDecodedAsItWasEncoded(t *testing.T) {
	var r protocol.Record
	for _, encoded := range [][]byte{record, reencode(t, descriptors(t), "Record", record)} {
		require.NoError(t, r.Parse(encoded))
		assert.Equal(t, protocol.Record{Schema: "shop", Table: "orders", Type: protocol.Delete, Values: values}, r)
	}
	require.NoError(t, r.Parse(protocol.AppendRecordHead(nil, "", "t", protocol.Upsert)))
	assert.Equal(t, protocol.Record{Table: "t", Values: r.Values[:0]}, r, "nothing remains of the previous record")
}

func TestABatchIsAMessageWithItsRecords(t *testing.T) {
	messages := descriptors(t)
	sizes := []int{0, 1, 100, 127, 128, 1000, 16383, 16384, 70_000}
	var b protocol.Batch
	for round := range 2 { // the second uses the memory of the first
		b.Start(nil)
		var want [][]byte
		for _, size := range sizes {
			head := protocol.AppendRecordHead(nil, "", "t", protocol.Upsert)
			one := protocol.NewKey("v").AppendBytes(head, protocol.StringValue, make([]byte, size))
			b.End(protocol.NewKey("v").AppendBytes(protocol.AppendRecordHead(b.Begin(), "", "t", protocol.Upsert), protocol.StringValue, make([]byte, size)))
			want = append(want, one)
		}
		assert.Equal(t, len(sizes), b.Len())
		encoded, whole := b.Message()
		var got protocol.UpdateResponse
		require.NoError(t, got.Parse(encoded))
		assert.Equal(t, want, got.Records, "round %d", round)
		reencode(t, messages, "UpdateResponse", encoded)
		b.Start(whole)
	}
}
