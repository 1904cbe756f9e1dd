package airbyte

import "github.com/penstock-sdk/penstock/schema"

// A tableIndex finds the tables of a source by the names of streams.
type tableIndex struct {
	schema.Schema
	byName map[tableName]*schema.Table
	named  map[string]int // the number of tables with an own name
}

func newTableIndex(s schema.Schema) *tableIndex {
	all := s.Tables()
	x := &tableIndex{s, make(map[tableName]*schema.Table, len(all)), make(map[string]int, len(all))}
	for _, t := range all {
		x.byName[nameOf(t)] = t
		x.named[t.Name]++
	}
	return x
}

// find returns the table of a stream, or nil. Without a namespace, the name of the
// table must be unique.
func (x *tableIndex) find(d descriptor) *schema.Table {
	if d.Namespace != "" {
		return x.byName[tableName{d.Namespace, d.Name}]
	}
	if t, ok := x.Table(d.Name); ok && t.Name == d.Name {
		return t
	}
	return nil
}

// whyUnknown returns why a stream has no table, for a warning.
func (x *tableIndex) whyUnknown(d descriptor) string {
	if d.Namespace == "" && x.named[d.Name] > 0 {
		return "several schemas of the source have a table of that name"
	}
	return "the source no longer has this table"
}
