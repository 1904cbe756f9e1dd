package warehouse

import (
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// observed counts the values of the row that was read last, compares it with earlier rows,
// and calls the observer.
func (t *Table) observed(op stdin.Op) {
	if op == stdin.Upsert || op == stdin.Update {
		for i, c := range t.Columns {
			if t.seen[i] == t.row {
				c.Filled++
			}
		}
	}
	t.repeated(op)
	o := t.warehouse.observer
	if o == nil {
		return
	}
	o.Row(t, op)
	if op == stdin.Truncate { // it has no values; the cells are those of an earlier row
		return
	}
	for i := range t.cells {
		if c := &t.cells[i]; c.Column >= 0 && c.Kind != schema.CellNull {
			o.Value(t, t.Columns[c.Column], c.Raw)
		}
	}
}

// An Observer is called for each value that is stored.
type Observer interface {
	// Row is called before the values of a record, and for a truncate.
	Row(t *Table, op stdin.Op)
	// Value is called with the JSON of each value other than null. It must not retain
	// the value.
	Value(t *Table, c *Column, value []byte)
}

// Observe sets the observer.
func (w *Warehouse) Observe(o Observer) { w.observer = o }
