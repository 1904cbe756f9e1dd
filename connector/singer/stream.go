package singer

import (
	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A stream is a table as Singer knows it.
type stream struct {
	name  string // its tap_stream_id, which is unique
	table *schema.Table
	late  bool // it was declared during the sync
	saved bool // it has a bookmark in the state from which the sync starts

	prefix   string // of a RECORD line; empty if it must be composed
	version  int64  // of its records, or 0
	bookmark []byte // its member of the last state
	fullLoad fullLoad
	unlisted map[string]bool // the columns about which warnAboutUnlisted has warned
}

// recordPrefix returns the part of a RECORD line before the row.
func (s *stream) recordPrefix() string {
	if s.prefix == "" {
		b := rawjson.AppendString([]byte(`{"type":"RECORD","stream":`), s.name)
		if s.version != 0 {
			b = appendVersion(b, s.version)
		}
		s.prefix = string(append(b, `,"record":`...))
	}
	return s.prefix
}

// setVersion sets the version of the records that follow.
func (s *stream) setVersion(version int64) { s.version, s.prefix = version, "" }

// schemaMessage returns a SCHEMA message.
func (s *stream) schemaMessage(wanted func(*schema.Column) bool) []byte {
	b := rawjson.AppendString([]byte(`{"type":"SCHEMA","stream":`), s.name)
	b = appendSchema(append(b, `,"schema":`...), s.table, wanted)
	b = rawjson.AppendStrings(append(b, `,"key_properties":`...), s.table.PrimaryKey())
	return append(b, `,"bookmark_properties":[]}`...)
}

// appendCatalog appends the stream's entry in the catalog.
func (s *stream) appendCatalog(b []byte) []byte {
	t := s.table
	keys := t.PrimaryKey()
	b = rawjson.AppendString(append(b, `{"tap_stream_id":`...), s.name)
	b = rawjson.AppendString(append(b, `,"stream":`...), s.name)
	b = rawjson.AppendString(append(b, `,"table_name":`...), t.Name)
	b = rawjson.AppendStrings(append(b, `,"key_properties":`...), keys)
	b = append(b, `,"replication_method":"INCREMENTAL","schema":`...)
	b = appendSchema(b, t, func(*schema.Column) bool { return true })
	b = append(b, `,"metadata":[{"breadcrumb":[],"metadata":{"inclusion":"available","selected":true,"selected-by-default":true,"table-key-properties":`...)
	b = rawjson.AppendStrings(b, keys)
	b = rawjson.AppendString(append(b, `,"schema-name":`...), t.Schema)
	b = append(b, `,"forced-replication-method":"INCREMENTAL","valid-replication-keys":[]}}`...)
	for i := range t.Columns {
		if c := &t.Columns[i]; !isMark(c.Name) {
			b = appendMetadata(b, c.Name, c.PrimaryKey)
		}
	}
	if len(keys) > 0 {
		b = appendMetadata(b, deletedAt, false)
	}
	return append(b, "]}"...)
}

// appendMetadata appends the metadata of a property.
func appendMetadata(b []byte, name string, isKey bool) []byte {
	b = append(rawjson.AppendString(append(b, `,{"breadcrumb":["properties",`...), name), `],"metadata":{"inclusion":`...)
	if isKey {
		b = append(b, `"automatic"`...)
	} else {
		b = append(b, `"available"`...)
	}
	return append(b, `,"selected-by-default":true}}`...)
}
