package connectortest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// deliveredRows find the rows that a record of the source became. Names are compared
// as encoding/json does, without regard to case.
type deliveredRows struct {
	tables []*deliveredTable
}

// A deliveredTable holds the rows of one table.
type deliveredTable struct {
	table *schema.Table
	// keys are the names that identify a row: the primary key or, without one, the
	// columns of a row that hold scalars. Rows of one table may differ in these.
	keys []*rowKey
	rows []columns // that were upserted
}

// A rowKey is a set of columns and the rows that have a value in each of them.
type rowKey struct {
	names []string
	rows  map[string]columns // by the values of these columns; the last row with them
}

func newDeliveredRows(operations []appliedOperation) *deliveredRows {
	d := &deliveredRows{}
	byName := map[string]*deliveredTable{}
	for i := range operations {
		op := &operations[i]
		if op.row == nil {
			continue
		}
		t := byName[op.table.String()]
		if t == nil {
			t = &deliveredTable{table: op.table}
			byName[op.table.String()] = t
			d.tables = append(d.tables, t)
		}
		t.add(op)
	}
	return d
}

func (t *deliveredTable) add(op *appliedOperation) {
	names := t.table.PrimaryKey()
	if len(names) == 0 {
		for name, text := range op.row {
			if _, ok := columnText(text); ok {
				names = append(names, name)
			}
		}
		slices.Sort(names)
	}
	if op.kind == host.OpUpsert {
		t.rows = append(t.rows, op.row)
	}
	at := slices.IndexFunc(t.keys, func(k *rowKey) bool { return slices.Equal(k.names, names) })
	if at < 0 {
		at = len(t.keys)
		t.keys = append(t.keys, &rowKey{names: names, rows: map[string]columns{}})
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i], _ = columnText(op.row[name])
	}
	t.keys[at].rows[strings.Join(values, "\x00")] = op.row
}

// columnText returns the text of a scalar value of a row, as scalarText does.
func columnText(raw string) (string, bool) {
	var v any
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return "", false
	}
	return scalarText(v)
}

// rowOf returns the row of the table that has the key of a record, or nil.
func (t *deliveredTable) rowOf(record map[string]any) columns {
	for _, key := range t.keys {
		values := make([]string, 0, len(key.names))
		for _, name := range key.names {
			v, ok := memberOf(record, name)
			if !ok {
				break
			}
			text, ok := scalarText(v)
			if !ok {
				break
			}
			values = append(values, text)
		}
		if len(values) < len(key.names) || len(values) == 0 {
			continue
		}
		if row := key.rows[strings.Join(values, "\x00")]; row != nil {
			return row
		}
	}
	return nil
}

// has reports whether a row of any table has the key of a record, or of an object in
// it, as in the edges of GraphQL.
func (d *deliveredRows) has(record map[string]any) bool {
	for _, t := range d.tables {
		if t.rowOf(record) != nil {
			return true
		}
	}
	for _, v := range record {
		if inner, ok := v.(map[string]any); ok && d.has(inner) {
			return true
		}
	}
	return false
}

// memberOf returns a member of an object, as encoding/json finds it: by its exact name
// or, if there is none, without regard to case.
func memberOf(object map[string]any, name string) (any, bool) {
	if v, ok := object[name]; ok {
		return v, true
	}
	for other, v := range object {
		if strings.EqualFold(other, name) {
			return v, true
		}
	}
	return nil, false
}
