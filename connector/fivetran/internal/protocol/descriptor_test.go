package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	_ "google.golang.org/protobuf/types/known/timestamppb" // registers the file that definition imports
)

// definition lists the messages of the service with their fields: the number, the type and
// the name of each. A type that ends in * is repeated, one that ends in ? is optional, and one
// that ends in | belongs to the oneof of the message.
const definition = `
ConfigurationFormResponse: 1 bool schema_selection_supported, 2 bool table_selection_supported, 3 FormField* fields, 4 ConfigurationTest* tests
ConfigurationTest: 1 string name, 2 string label
FormField: 1 string name, 2 string label, 3 bool? required, 4 string? description, 5 TextField| text_field, 6 DropdownField| dropdown_field, 7 Empty| toggle_field, 10 ConditionalFields| conditional_fields, 11 UploadField| upload_field, 12 DescriptiveDropDownFields| descriptive_dropdown_fields, 8 string? default_value, 9 string? placeholder
DropdownField: 1 string* dropdown_field
DescriptiveDropDownFields: 1 DescriptiveDropDownField* descriptive_dropdown_field
DescriptiveDropDownField: 1 string value, 2 string label, 3 string description
UploadField: 1 string* allowed_file_type, 2 int32 max_file_size_bytes
ConditionalFields: 1 VisibilityCondition condition, 2 FormField* fields
VisibilityCondition: 1 string condition_field, 2 bool| bool_value, 3 string| string_value, 4 bool| empty_value
Empty:
StringEntry: 1 string key, 2 string value
BoolEntry: 1 string key, 2 bool value
ValueEntry: 1 string key, 2 ValueType value
TestRequest: 1 string name, 2 StringEntry* configuration
TestResponse: 1 bool| success, 2 string| failure
SchemaRequest: 1 StringEntry* configuration
SchemaResponse: 1 bool| schema_response_not_supported, 2 SchemaList| with_schema, 3 TableList| without_schema, 4 bool? selection_not_supported
SchemaList: 1 Schema* schemas
Schema: 1 string name, 2 Table* tables
TableList: 1 Table* tables
Table: 1 string name, 2 Column* columns
Column: 1 string name, 2 DataType type, 3 bool primary_key, 4 DataTypeParams? params
DataTypeParams: 1 DecimalParams| decimal, 2 int32| string_byte_length
DecimalParams: 1 uint32 precision, 2 uint32 scale
UpdateRequest: 1 StringEntry* configuration, 2 Selection? selection, 3 string? state_json
Selection: 1 TablesWithNoSchema| without_schema, 2 TablesWithSchema| with_schema
TablesWithNoSchema: 1 TableSelection* tables, 2 bool include_new_tables
TablesWithSchema: 1 SchemaSelection* schemas, 2 bool include_new_schemas
SchemaSelection: 1 bool included, 2 string schema_name, 3 TableSelection* tables, 4 bool include_new_tables
TableSelection: 1 bool included, 2 string table_name, 3 BoolEntry* columns, 4 bool include_new_columns
UpdateResponse: 1 Record| record, 2 SchemaChange| schema_change, 3 Checkpoint| checkpoint, 4 Text| warning, 5 Text| task, 6 Records| records, 7 UnstructuredRecord| unstructured_record, 8 Truncate| truncate
UnstructuredRecord: 1 string? schema_name, 2 string storage_name, 3 string file_path, 4 bytes chunk_data
Records: 1 Record* records
Record: 1 string? schema_name, 2 string table_name, 3 RecordType type, 4 ValueEntry* data
SchemaChange: 1 SchemaList| with_schema, 2 TableList| without_schema
Checkpoint: 1 string state_json
Text: 1 string message
Truncate: 1 string? schema_name, 2 string table_name, 3 bool deferred
ValueType: 1 bool| null, 2 bool| bool, 3 int32| short, 4 int32| int, 5 int64| long, 6 float| float, 7 double| double, 8 Timestamp| naive_date, 9 Timestamp| naive_datetime, 10 Timestamp| utc_datetime, 11 string| decimal, 12 bytes| binary, 13 string| string, 14 string| json, 15 string| xml, 16 Timestamp| naive_time
`

var enums = map[string]bool{"TextField": true, "DataType": true, "RecordType": true}

var scalars = map[string]descriptorpb.FieldDescriptorProto_Type{
	"bool": descriptorpb.FieldDescriptorProto_TYPE_BOOL, "string": descriptorpb.FieldDescriptorProto_TYPE_STRING,
	"bytes": descriptorpb.FieldDescriptorProto_TYPE_BYTES, "int32": descriptorpb.FieldDescriptorProto_TYPE_INT32,
	"int64": descriptorpb.FieldDescriptorProto_TYPE_INT64, "uint32": descriptorpb.FieldDescriptorProto_TYPE_UINT32,
	"float": descriptorpb.FieldDescriptorProto_TYPE_FLOAT, "double": descriptorpb.FieldDescriptorProto_TYPE_DOUBLE,
}

// descriptors returns the messages of the definition for an independent implementation of
// Protocol Buffers.
func descriptors(tb testing.TB) protoreflect.MessageDescriptors {
	tb.Helper()
	file := &descriptorpb.FileDescriptorProto{
		Name: new("test.proto"), Package: new("test"), Syntax: new("proto3"), Dependency: []string{"google/protobuf/timestamp.proto"},
	}
	for name := range enums {
		e := &descriptorpb.EnumDescriptorProto{Name: new(name)}
		for i := range 16 {
			e.Value = append(e.Value, &descriptorpb.EnumValueDescriptorProto{Name: new(fmt.Sprintf("%s_%d", name, i)), Number: new(int32(i))})
		}
		file.EnumType = append(file.EnumType, e)
	}
	for line := range strings.Lines(strings.TrimSpace(definition)) {
		name, fields, _ := strings.Cut(strings.TrimSpace(line), ":")
		message := &descriptorpb.DescriptorProto{Name: new(name)}
		var optional []*descriptorpb.OneofDescriptorProto
		for field := range strings.SplitSeq(strings.TrimSpace(fields), ", ") {
			if field == "" {
				continue
			}
			f := fieldOf(tb, field)
			switch {
			case strings.Contains(field, "| "):
				if len(message.OneofDecl) == 0 {
					message.OneofDecl = []*descriptorpb.OneofDescriptorProto{{Name: new("oneof")}}
				}
				f.OneofIndex = new(int32(0))
			case strings.Contains(field, "? "):
				f.Proto3Optional = new(true)
				f.OneofIndex = new(int32(len(optional))) // corrected below
				optional = append(optional, &descriptorpb.OneofDescriptorProto{Name: new("_" + f.GetName())})
			}
			message.Field = append(message.Field, f)
		}
		for _, f := range message.Field {
			if f.GetProto3Optional() { // the oneofs of optional fields must come last
				f.OneofIndex = new(f.GetOneofIndex() + int32(len(message.OneofDecl)))
			}
		}
		message.OneofDecl = append(message.OneofDecl, optional...)
		file.MessageType = append(file.MessageType, message)
	}
	built, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	require.NoError(tb, err)
	return built.Messages()
}

// fieldOf returns a field from a text such as "3 FormField* fields".
func fieldOf(tb testing.TB, text string) *descriptorpb.FieldDescriptorProto {
	tb.Helper()
	var number int32
	var typ, name string
	_, err := fmt.Sscan(text, &number, &typ, &name)
	require.NoError(tb, err, text)
	f := &descriptorpb.FieldDescriptorProto{Name: new(name), Number: new(number), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	if strings.HasSuffix(typ, "*") {
		f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	}
	typ = strings.TrimRight(typ, "*?|")
	scalar, ok := scalars[typ]
	switch {
	case ok:
		f.Type = scalar.Enum()
	case enums[typ]:
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum(), new(".test."+typ)
	case typ == "Timestamp":
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), new(".google.protobuf.Timestamp")
	default:
		f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), new(".test."+typ)
	}
	return f
}

// reencode decodes a message with the independent implementation, fails if it has fields that
// the definition does not have, and encodes it again.
func reencode(tb testing.TB, messages protoreflect.MessageDescriptors, name string, message []byte) []byte {
	tb.Helper()
	descriptor := messages.ByName(protoreflect.Name(name))
	require.NotNil(tb, descriptor, name)
	m := dynamicpb.NewMessage(descriptor)
	require.NoError(tb, proto.Unmarshal(message, m))
	requireKnown(tb, m)
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	require.NoError(tb, err)
	return text
}

func requireKnown(tb testing.TB, m protoreflect.Message) {
	tb.Helper()
	require.Empty(tb, m.GetUnknown(), "%s has unknown fields", m.Descriptor().FullName())
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				requireKnown(tb, v.List().Get(i).Message())
			}
		default:
			requireKnown(tb, v.Message())
		}
		return true
	})
}
