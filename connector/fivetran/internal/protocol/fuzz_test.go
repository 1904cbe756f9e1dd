package protocol_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// fresh returns an empty message of the same type.
func fresh(m message) message { return reflect.New(reflect.TypeOf(m).Elem()).Interface().(message) }

// fuzz checks that any bytes are decoded without a panic, and that what was decoded is
// encoded and decoded again without a change.
func fuzz(f *testing.F, name string) {
	f.Helper()
	for _, m := range examples[name] {
		f.Add(m.Append(nil))
		f.Add(append(unknown(), m.Append(nil)...))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m := fresh(examples[name][0])
		if m.Parse(text) != nil {
			return
		}
		again := fresh(m)
		require.NoError(t, again.Parse(m.Append(nil)))
		assert.Equal(t, m.Append(nil), again.Append(nil))
	})
}

func FuzzForm(f *testing.F)           { fuzz(f, "ConfigurationFormResponse") }
func FuzzTestRequest(f *testing.F)    { fuzz(f, "TestRequest") }
func FuzzTestResponse(f *testing.F)   { fuzz(f, "TestResponse") }
func FuzzSchemaRequest(f *testing.F)  { fuzz(f, "SchemaRequest") }
func FuzzSchemaResponse(f *testing.F) { fuzz(f, "SchemaResponse") }
func FuzzUpdateRequest(f *testing.F)  { fuzz(f, "UpdateRequest") }
func FuzzUpdateResponse(f *testing.F) { fuzz(f, "UpdateResponse") }

func FuzzRecord(f *testing.F) {
	f.Add(record)
	f.Add(append(unknown(), record...))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r protocol.Record
		if r.Parse(text) != nil {
			return
		}
		again := protocol.AppendRecordHead(nil, r.Schema, r.Table, r.Type)
		for _, v := range r.Values {
			again = appendValue(again, v)
		}
		var second protocol.Record
		require.NoError(t, second.Parse(again))
		assert.Len(t, second.Values, len(r.Values))
	})
}

// appendValue appends a value with the method of its kind.
func appendValue(b []byte, v protocol.NamedValue) []byte {
	key := protocol.NewKey(v.Name)
	switch v.Kind {
	case protocol.BoolValue:
		return key.AppendBool(b, v.Int != 0)
	case protocol.ShortValue, protocol.IntValue, protocol.LongValue:
		return key.AppendInt(b, v.Kind, v.Int)
	case protocol.FloatValue:
		return key.AppendFloat(b, float32(v.Float))
	case protocol.DoubleValue:
		return key.AppendDouble(b, v.Float)
	case protocol.NaiveDateValue, protocol.NaiveDatetimeValue, protocol.UTCDatetimeValue:
		return key.AppendTime(b, v.Kind, v.Time)
	case protocol.DecimalValue, protocol.BinaryValue, protocol.StringValue, protocol.JSONValue, protocol.XMLValue:
		return key.AppendBytes(b, v.Kind, v.Bytes)
	}
	return key.AppendNull(b)
}
