package protocol

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// A RecordType is what a record does.
type RecordType int32

// The types of records.
const (
	Upsert RecordType = iota
	Update
	Delete
	TruncateTable
)

// The numbers of the fields of a record.
const (
	recordSchema protowire.Number = 1
	recordTable  protowire.Number = 2
	recordType   protowire.Number = 3
	recordData   protowire.Number = 4
	recordRow    protowire.Number = 5
)

// AppendRecordHead appends the beginning of a record: the fields that come before its values.
// The name of the schema is omitted if it is empty.
func AppendRecordHead(b []byte, schema, table string, typ RecordType) []byte {
	return appendInt(appendString(appendString(b, recordSchema, schema), recordTable, table), recordType, typ)
}

// A Record is a decoded record. Its values share the memory of the message.
type Record struct {
	Schema, Table string // Schema is empty if the source has one schema
	Type          RecordType
	Values        []NamedValue
	// RowData states that the record has the other encoding of values, that of the
	// Connector SDK's environment variable ConnectorSdkRemoveValueType. It is not decoded.
	RowData bool
}

// A NamedValue is the value of a column.
type NamedValue struct {
	Name string
	Value
}

// Parse decodes a record. It reuses the memory of the record's values. A name that the message
// has twice is there twice.
func (r *Record) Parse(message []byte) error {
	*r = Record{Values: r.Values[:0]}
	return fields(message, func(f *field) error {
		switch {
		case f.number == recordSchema && f.isBytes():
			r.Schema = f.string()
		case f.number == recordTable && f.isBytes():
			r.Table = f.string()
		case f.number == recordType && f.isVarint():
			r.Type = RecordType(f.bits)
		case f.number == recordData && f.isBytes():
			return r.parseEntry(f.bytes)
		case f.number == recordRow:
			r.RowData = true
		}
		return nil
	})
}

// parseEntry adds a value.
func (r *Record) parseEntry(entry []byte) error {
	var v NamedValue
	err := fields(entry, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			v.Name = f.string()
		case f.number == 2 && f.isBytes():
			return v.parse(f.bytes)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("column %.200q: %w", v.Name, err)
	}
	r.Values = append(r.Values, v)
	return nil
}
