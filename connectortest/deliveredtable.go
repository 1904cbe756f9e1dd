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

	parts map[string]map[string][]columns // rows by some of these columns; see withPart
}

// withPart returns the rows with the given values in some of the columns of the key.
func (k *rowKey) withPart(names, values []string) []columns {
	part := strings.Join(names, "\x00")
	if k.parts[part] == nil {
		rows := map[string][]columns{}
		for _, row := range k.rows {
			of := keyText(row, names)
			rows[of] = append(rows[of], row)
		}
		if k.parts == nil {
			k.parts = map[string]map[string][]columns{}
		}
		k.parts[part] = rows
	}
	return k.parts[part][strings.Join(values, "\x00")]
}

// keyText returns the values of a row in the named columns as one text.
func keyText(row columns, names []string) string {
	values := make([]string, len(names))
	for i, name := range names {
		values[i], _ = columnText(row[name])
	}
	return strings.Join(values, "\x00")
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
	t.keys[at].rows[keyText(op.row, names)] = op.row
	t.keys[at].parts = nil
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

// rowOf returns the row of the table that has the key of a record, or nil. The columns of
// a primary key that the record does not have may be those of its parent: their values
// must be around the record, and the row must have another value of the record, too, unless
// it was deleted.
func (t *deliveredTable) rowOf(record map[string]any, around *surroundings) columns {
	for _, key := range t.keys {
		var names, values, others []string
		for _, name := range key.names {
			v, named := memberOf(record, name)
			text, scalar := scalarText(v)
			switch {
			case scalar:
				names, values = append(names, name), append(values, text)
			case !named:
				others = append(others, name)
			}
		}
		switch {
		case len(names) == 0 || len(names)+len(others) < len(key.names):
		case len(others) == 0:
			if row := key.rows[strings.Join(values, "\x00")]; row != nil {
				return row
			}
		case len(t.table.PrimaryKey()) > 0:
			row := closestRow(key.withPart(names, values), others, record, around)
			if isDelete := len(row) == len(key.names); row != nil && (isDelete || agreement(row, record) > len(names)) {
				return row
			}
		}
	}
	return nil
}

// closestRow returns the one row whose values in the named columns are around a record.
// Of several rows, it is the one whose values are nearest and, of these, the one that has
// the most values of the record. The limit of a page may be the key of another row.
func closestRow(rows []columns, names []string, record map[string]any, around *surroundings) (closest columns) {
	nearest, most := 0, 0
	for _, row := range rows {
		distance, isAround := 0, true
		for _, name := range names {
			text, _ := columnText(row[name])
			d, found := around.distance(text)
			distance, isAround = max(distance, d), isAround && found
		}
		n := agreement(row, record)
		switch {
		case !isAround || most > 0 && (distance > nearest || distance == nearest && n < most):
		case most > 0 && distance == nearest && n == most:
			closest = nil
		default:
			closest, nearest, most = row, distance, n
		}
	}
	return closest
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
	n := 0
	for _, name := range t.table.PrimaryKey() {
		if _, ok := memberOf(record, name); ok {
			n++
		}
	}
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
