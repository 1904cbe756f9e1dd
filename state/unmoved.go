package state

import (
	"cmp"
	"slices"
)

// An UnmovedTable is a table whose cursor has no value, although a sync has created it.
type UnmovedTable struct {
	// Table is a name of the table.
	Table string
	// Zero reports whether the cursor was advanced, but only to zero values, which it
	// ignores.
	Zero bool
}

// Unmoved returns the tables for which the connector has created a cursor in this sync
// that was never advanced and has no saved value, sorted. If rows were delivered to such a
// table, the next sync delivers them again, and so does every later one. A runtime warns
// the user after a successful sync.
//
// A table does not count if anything else is saved in its part, or if the cursor is one of
// tokens or of a partition: a source may have no token to return.
func (d *Document) Unmoved() []UnmovedTable {
	var unmoved []UnmovedTable
	for _, p := range d.all() {
		t := p.table.Load()
		if t == nil {
			continue
		}
		p.mu.Lock()
		if p.created && !p.advanced && !p.hasPosition(currentOf) {
			unmoved = append(unmoved, UnmovedTable{t.declaration().Name, p.zero})
		}
		p.mu.Unlock()
	}
	slices.SortFunc(unmoved, func(a, b UnmovedTable) int { return cmp.Compare(a.Table, b.Table) })
	return unmoved
}
