package connectortest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

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
	switch {
	case raw == "" || raw == null || raw[0] == '{' || raw[0] == '[':
		return "", false
	case raw[0] == '"':
		var text string
		err := json.Unmarshal([]byte(raw), &text)
		return text, err == nil
	}
	return raw, true
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

// agreement returns the number of columns, those of the key included, in which a row has
// the value of the record with its key.
func agreement(row columns, record map[string]any) (n int) {
	for name, raw := range row {
		v, ok := memberOf(record, name)
		if !ok {
			continue
		}
		want, scalar := scalarText(v)
		have, ok := columnText(raw)
		if scalar && ok && (have == want || isSameNumber(have, want)) || v == nil && raw == null {
			n++
		}
	}
	return n
}

// isOnlyKey reports whether a row and the record with its key have nothing in common
// but the key. The record may then be of another kind: the first customer and the first
// order often have the same key.
func (t *deliveredTable) isOnlyKey(row columns, record map[string]any) bool {
	n := len(t.table.PrimaryKey())
	return n > 0 && len(row) > n && agreement(row, record) <= n
}

// isAlwaysZero reports whether no row has a value in a column other than null and the
// zero value of its Go type.
func (t *deliveredTable) isAlwaysZero(column string) bool {
	for _, row := range t.rows {
		switch value := row.value(column); {
		case value == null, value == `""`, value == "false", value == "{}", value == "[]":
		case strings.HasPrefix(value, `"0001-01-01`):
		case strings.Trim(value, `"0.-`) == "":
		default:
			return false
		}
	}
	return len(t.rows) > 0
}

// hasColumn reports whether encoding/json decodes a member into a column.
func (t *deliveredTable) hasColumn(member string) bool {
	return slices.ContainsFunc(t.table.Columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, member) })
}

// shares reports whether an object has members for most of the table's columns. The
// rest may be computed, such as the key of the record around the object.
func (t *deliveredTable) shares(object map[string]any) bool {
	n := 0
	for name := range object {
		if t.hasColumn(name) {
			n++
		}
	}
	return n > 0 && 2*n >= len(t.table.Columns)
}
