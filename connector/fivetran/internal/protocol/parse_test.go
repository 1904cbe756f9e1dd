package protocol_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

func TestTheEncodingIsThatOfProtocolBuffers(t *testing.T) {
	for want, encoded := range map[string][]byte{
		// A Checkpoint is the field 3 of an UpdateResponse, and its text the field 1.
		"\x1a\x04\x0a\x02{}": (&protocol.UpdateResponse{Checkpoint: new("{}")}).Append(nil),
		// true is not the default and is written, the empty name is not.
		"\x08\x01":                   (&protocol.TestResponse{}).Append(nil),
		"\x12\x03bad":                (&protocol.TestResponse{Failure: "bad"}).Append(nil),
		"\x1a\x02{}":                 (&protocol.UpdateRequest{State: "{}"}).Append(nil),
		"\x0a\x06\x0a\x01a\x12\x01b": (&protocol.SchemaRequest{Configuration: map[string]string{"a": "b"}}).Append(nil),
		// A record of table t with the entry n: a long of -1, whose varint has ten bytes.
		"\x12\x01t\x18\x01\x22\x10\x0a\x01n\x12\x0b\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01": protocol.NewKey("n").AppendInt(protocol.AppendRecordHead(nil, "", "t", protocol.Update), protocol.LongValue, -1),
		// false and 0 within a oneof are written.
		"\x22\x07\x0a\x01b\x12\x02\x10\x00": protocol.NewKey("b").AppendBool(nil, false),
		"\x22\x06\x0a\x00\x12\x02\x08\x01":  protocol.NewKey("").AppendNull(nil),
	} {
		assert.Equal(t, want, string(encoded))
	}
}

// unknown returns fields that no message has: a varint, two of a fixed size, text, and a group
// within a group.
func unknown() []byte {
	b := protowire.AppendVarint(protowire.AppendTag(nil, 100, protowire.VarintType), 7)
	b = protowire.AppendFixed32(protowire.AppendTag(b, 101, protowire.Fixed32Type), 7)
	b = protowire.AppendFixed64(protowire.AppendTag(b, 102, protowire.Fixed64Type), 7)
	b = protowire.AppendString(protowire.AppendTag(b, 103, protowire.BytesType), "text")
	b = protowire.AppendTag(protowire.AppendTag(b, 104, protowire.StartGroupType), 105, protowire.StartGroupType)
	b = protowire.AppendVarint(protowire.AppendTag(b, 1, protowire.VarintType), 1)
	return protowire.AppendTag(protowire.AppendTag(b, 105, protowire.EndGroupType), 104, protowire.EndGroupType)
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	for name, all := range examples {
		for _, m := range all {
			encoded := append(m.Append(unknown()), unknown()...)
			again := fresh(m)
			require.NoError(t, again.Parse(encoded), name)
			assert.Equal(t, m, again, name)
		}
	}
	var r protocol.Record
	require.NoError(t, r.Parse(append(unknown(), record...)))
	assert.Equal(t, values, r.Values)
}

func TestFieldsOfAnotherWireTypeAreIgnored(t *testing.T) {
	wrong := func(number protowire.Number, typ protowire.Type) []byte {
		b := protowire.AppendTag(nil, number, typ)
		if typ == protowire.BytesType {
			return protowire.AppendString(b, "")
		}
		return protowire.AppendFixed32(b, 1)
	}
	for name, all := range examples {
		m := fresh(all[0])
		for number := range protowire.Number(12) {
			require.NoError(t, m.Parse(wrong(number+1, protowire.Fixed32Type)), name)
		}
	}
	var r protocol.Record
	for number := range protowire.Number(4) {
		require.NoError(t, r.Parse(wrong(number+1, protowire.Fixed32Type)))
	}
	assert.Empty(t, r.Values)
}

func TestTruncatedInputIsAnError(t *testing.T) {
	for name, all := range examples {
		for _, m := range all {
			encoded := m.Append(nil)
			for n := range encoded {
				// A cut between two fields is not an error, but a cut within a field is.
				again := fresh(m)
				if again.Parse(encoded[:n]) == nil {
					assert.NotPanics(t, func() { _ = again.Append(nil) }, name)
				}
			}
			if len(encoded) > 0 {
				require.Error(t, fresh(m).Parse(append(encoded, 0x0a, 5, 'x')), name)
				require.Error(t, fresh(m).Parse(append(encoded, 0x80)), name)
				require.Error(t, fresh(m).Parse(append(encoded, protowire.AppendTag(nil, 9, protowire.StartGroupType)...)), name)
			}
		}
	}
	var r protocol.Record
	require.Error(t, r.Parse(record[:len(record)-1]))
}

// split returns two fields with the halves of a message that has two fields.
func split(number protowire.Number, first, second []byte) []byte {
	b := protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), first)
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), second)
}

func TestTheHalvesOfASplitMessageAreMerged(t *testing.T) {
	table := func(name string) []byte {
		return (&protocol.TableList{Tables: []protocol.Table{{Name: name}}}).Append(nil)
	}
	var s protocol.SchemaResponse
	require.NoError(t, s.Parse(split(3, table("a"), table("b"))))
	assert.Equal(t, []protocol.Table{{Name: "a"}, {Name: "b"}}, s.Tables.WithoutSchema.Tables)

	var u protocol.UpdateResponse
	require.NoError(t, u.Parse(split(1, record[:6], record[6:])))
	assert.Equal(t, [][]byte{record}, u.Records)

	u = protocol.UpdateResponse{}
	require.NoError(t, u.Parse(split(8, []byte("\x0a\x01s"), []byte("\x12\x01t"))))
	assert.Equal(t, &protocol.Truncate{Schema: "s", Table: "t"}, u.Truncate)

	u = protocol.UpdateResponse{}
	require.NoError(t, u.Parse(split(3, []byte("\x0a\x02{}"), nil)))
	assert.Equal(t, "{}", *u.Checkpoint)

	var q protocol.UpdateRequest
	require.NoError(t, q.Parse(split(2, []byte("\x0a\x02\x10\x01"), []byte("\x0a\x00"))))
	assert.True(t, q.Selection.WithoutSchema.IncludeNewTables)

	// A timestamp whose seconds and nanoseconds are in different halves.
	value := split(10, []byte("\x08\x05"), []byte("\x10\x07"))
	entry := protowire.AppendBytes([]byte("\x0a\x01t\x12"), value)
	var r protocol.Record
	require.NoError(t, r.Parse(protowire.AppendBytes([]byte("\x22"), entry)))
	assert.Equal(t, time.Unix(5, 7).UTC(), r.Values[0].Time)
}

func TestTheLastFieldOfAOneofCounts(t *testing.T) {
	checkpoint := (&protocol.UpdateResponse{Checkpoint: new("{}")}).Append(nil)
	warning := (&protocol.UpdateResponse{Warning: new("slow")}).Append(nil)
	var u protocol.UpdateResponse
	require.NoError(t, u.Parse(append(checkpoint, warning...)))
	assert.Equal(t, protocol.UpdateResponse{Warning: new("slow")}, u)

	var s protocol.SchemaResponse
	require.NoError(t, s.Parse([]byte("\x1a\x00\x08\x01")))
	assert.Equal(t, protocol.SchemaResponse{NotSupported: true}, s)
	require.NoError(t, s.Parse([]byte("\x12\x00")))
	assert.Equal(t, protocol.SchemaResponse{Tables: protocol.Tables{WithSchema: &protocol.SchemaList{}}}, s)

	var sel protocol.Selection
	require.NoError(t, sel.Parse([]byte("\x0a\x00\x12\x00")))
	assert.Equal(t, protocol.Selection{WithSchema: &protocol.TablesWithSchema{}}, sel)
}

func TestMessagesThatTheConnectorSDKAlsoHasAreRecognized(t *testing.T) {
	var u protocol.UpdateResponse
	require.NoError(t, u.Parse([]byte("\x3a\x03\x1a\x01f")))
	assert.Equal(t, protocol.UpdateResponse{File: true}, u)
	var r protocol.Record
	require.NoError(t, r.Parse([]byte("\x12\x01t\x2a\x02\x0a\x00")))
	assert.True(t, r.RowData)
	require.NoError(t, r.Parse([]byte("\x12\x01t")))
	assert.False(t, r.RowData)
}

func TestADescriptiveDropdownHasTheValuesOfItsChoices(t *testing.T) {
	choice := func(value string) string {
		entry := protowire.AppendString([]byte("\x0a"), value)
		return string(protowire.AppendBytes([]byte("\x0a"), append(entry, "\x12\x01l\x1a\x01d"...)))
	}
	field := protowire.AppendString([]byte("\x0a\x01n\x62"), choice("eu")+choice("us"))
	var f protocol.Form
	require.NoError(t, f.Parse(protowire.AppendBytes([]byte("\x1a"), field)))
	assert.Equal(t, []protocol.FormField{{Name: "n", Type: protocol.DropdownField, Choices: []string{"eu", "us"}}}, f.Fields)
}

func TestATestThatReportsNothingHasFailed(t *testing.T) {
	for _, message := range []string{"", "\x08\x00", "\x12\x00"} {
		var r protocol.TestResponse
		require.NoError(t, r.Parse([]byte(message)))
		assert.NotEmpty(t, r.Failure, "%q", message)
	}
}

func TestAValueThatIsNotValidIsAnErrorThatNamesTheColumn(t *testing.T) {
	timestamp := func(fields string) string { return string(protowire.AppendString([]byte("\x52"), fields)) }
	for value, want := range map[string]string{
		"\x88\x08\x01":         "unknown type: field 129",
		"\x0d\x00\x00\x00\x00": "unknown type: field 1",
		timestamp("\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"):     "not within the years 1 to 9999",
		timestamp("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"): "-1 nanoseconds",
		timestamp("\x10\x80\x94\xeb\xdc\x03"):                     "1000000000 nanoseconds",
		timestamp("\x08"):                                         "malformed",
	} {
		entry := protowire.AppendString([]byte("\x0a\x05price\x12"), value)
		var r protocol.Record
		err := r.Parse(protowire.AppendBytes([]byte("\x22"), entry))
		require.ErrorContains(t, err, want, "%q", value)
		assert.ErrorContains(t, err, `column "price"`)
	}
}

func TestFieldsWithinFieldsHaveALimit(t *testing.T) {
	nested := protocol.FormField{Name: "innermost"}
	for range 20 {
		nested = protocol.FormField{Type: protocol.ConditionalField, Fields: []protocol.FormField{nested}}
	}
	require.NoError(t, new(protocol.Form).Parse((&protocol.Form{Fields: []protocol.FormField{nested}}).Append(nil)))
	nested = protocol.FormField{Type: protocol.ConditionalField, Fields: []protocol.FormField{nested}}
	require.ErrorContains(t, new(protocol.Form).Parse((&protocol.Form{Fields: []protocol.FormField{nested}}).Append(nil)), "20 deep")
}

func TestADeepGroupIsAnErrorAndNotAPanic(t *testing.T) {
	deep := []byte(strings.Repeat(string(protowire.AppendTag(nil, 9, protowire.StartGroupType)), 1<<20))
	require.Error(t, new(protocol.Form).Parse(deep))
}

func TestARecordInManyPartsIsReadInOnePass(t *testing.T) {
	const parts = 1 << 20
	var r protocol.UpdateResponse
	require.NoError(t, r.Parse(bytes.Repeat([]byte{1<<3 | 2, 2, 3 << 3, 1}, parts))) // hours if each part is copied with those before it
	require.Len(t, r.Records, 1)
	assert.Len(t, r.Records[0], 2*parts)
}

// TestAStringThatIsNotUTF8IsRefused changes each byte of each message. What another
// implementation refuses because of a string must be refused here.
func TestAStringThatIsNotUTF8IsRefused(t *testing.T) {
	messages := descriptors(t)
	found := map[string]bool{}
	for name, all := range examples {
		descriptor := messages.ByName(protoreflect.Name(name))
		for _, m := range all {
			if u, ok := m.(*protocol.UpdateResponse); ok && u.Records != nil {
				continue // Record.Parse decodes them
			}
			encoded := m.Append(nil)
			for i, b := range encoded {
				encoded[i] = 0xff
				if err := proto.Unmarshal(encoded, dynamicpb.NewMessage(descriptor)); err != nil && strings.Contains(err.Error(), "UTF-8") {
					found[name] = true
					require.ErrorContains(t, fresh(m).Parse(encoded), "a string is not valid UTF-8", "%s: %q", name, encoded)
				}
				encoded[i] = b
			}
		}
	}
	for name := range examples {
		assert.Equal(t, name != "Selection", found[name], name)
	}
	var r protocol.Record
	require.ErrorContains(t, r.Parse(protocol.AppendRecordHead(nil, "", "\xff", protocol.Upsert)), "a string is not valid UTF-8")
	require.ErrorContains(t, r.Parse(protocol.AppendRecordHead(nil, "\xff", "t", protocol.Upsert)), "a string is not valid UTF-8")
	require.ErrorContains(t, r.Parse(protocol.NewKey("\xff").AppendNull(nil)), "a string is not valid UTF-8")
}

func TestIntegersOf32BitsAreCutAsInEveryParserOfProto3(t *testing.T) {
	for varint, want := range map[uint64]int64{
		0xFFFFFFFF: -1, 1<<64 - 1: -1, 0x80000000: -1 << 31, 1<<32 + 1: 1, 40000: 40000, 0: 0,
	} {
		for _, kind := range []protocol.ValueKind{protocol.ShortValue, protocol.IntValue} {
			value := protowire.AppendVarint(protowire.AppendTag(nil, protowire.Number(kind), protowire.VarintType), varint)
			entry := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), value)
			var r protocol.Record
			require.NoError(t, r.Parse(protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), entry)))
			require.Len(t, r.Values, 1)
			assert.Equal(t, want, r.Values[0].Int, "%#x", varint)
		}
	}
}
