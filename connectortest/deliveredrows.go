package connectortest

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

// has reports whether a row of any table has the key of a record, or of an object in
// it, as in the edges of GraphQL. If it is sure, the row has another value of the
// record, too.
func (d *deliveredRows) has(record map[string]any, sure bool) bool {
	for _, t := range d.tables {
		if row := t.rowOf(record); row != nil && (!sure || !t.isOnlyKey(row, record)) {
			return true
		}
	}
	for _, v := range record {
		if inner, ok := v.(map[string]any); ok && d.has(inner, sure) {
			return true
		}
	}
	return false
}
