package connectortest

import "slices"

// deliveredRows find the rows that a record of the source became. Names are compared
// as encoding/json does, without regard to case.
type deliveredRows struct {
	tables []*deliveredTable
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

// tablesOf returns the tables that surely have the rows of records, or of objects in them,
// as in the edges of GraphQL: a row has another value of the record besides its key. Of
// several tables, those count whose row has the most values of the record.
func (d *deliveredRows) tablesOf(records []map[string]any, around *surroundings) (tables []*deliveredTable, complete bool) {
	complete = true
	for _, record := range records {
		best := d.closest(record, around)
		complete = complete && len(best) > 0
		tables = appendNew(tables, best)
	}
	return tables, complete
}

// appendNew appends the tables that are not in the list.
func appendNew(tables, more []*deliveredTable) []*deliveredTable {
	for _, t := range more {
		if !slices.Contains(tables, t) {
			tables = append(tables, t)
		}
	}
	return tables
}

// closest returns the tables with the rows that are closest to a record.
func (d *deliveredRows) closest(record map[string]any, around *surroundings) (best []*deliveredTable) {
	most := 0
	for _, t := range d.tables {
		row := t.rowOf(record, around)
		if row == nil || t.isOnlyKey(row, record) {
			continue
		}
		switch n := agreement(row, record); {
		case n > most:
			best, most = []*deliveredTable{t}, n
		case n == most:
			best = append(best, t)
		}
	}
	if len(best) > 0 {
		return best
	}
	for _, v := range record {
		if inner, ok := v.(map[string]any); ok {
			best = append(best, d.closest(inner, around)...)
		}
	}
	return best
}

// has reports whether a row of the tables has the key of a record, or of an object in it.
func has(tables []*deliveredTable, record map[string]any, around *surroundings) bool {
	for _, t := range tables {
		if t.rowOf(record, around) != nil {
			return true
		}
	}
	for _, v := range record {
		if inner, ok := v.(map[string]any); ok && has(tables, inner, around) {
			return true
		}
	}
	return false
}
