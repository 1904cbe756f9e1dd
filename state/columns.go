package state

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// columnsKey is the key in the part of a table whose value is a list of the
	// columns that were delivered. Only NewColumns adds it.
	columnsKey = "_columns"
	// withoutKey is the key whose value is a list of the declared columns that
	// were not delivered because the user had deselected them.
	withoutKey = "_without"
)

// A columnRecord is what a document knows about the delivered columns of a table.
type columnRecord struct {
	asked   bool     // the connector has called NewColumns
	read    bool     // the fields below have been read from the part
	columns []string // that were delivered, or nil if they were not recorded
	without []string // that were not delivered
}

// NewColumns returns the columns that the sync delivers and that the rows of
// earlier syncs lack: columns that the source has added, and columns that the
// user has selected again. The rows that were delivered earlier have null in
// these columns until they change. A connector that can read them again does so:
//
//	orders := st.Table("orders")
//	if len(orders.NewColumns()) > 0 {
//		orders.Delete("cursor") // read all orders again
//	}
//	cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
//
// The first call records the columns of the table in the state. From then on,
// NewColumns returns new columns in each sync until one has read the table to
// the end. If the connector does not call NewColumns, the runtime warns the user
// about columns that are selected again.
func (p *Part) NewColumns() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.table.Load()
	if t == nil {
		return nil
	}
	r := p.columnRecord(t)
	r.asked = true
	return r.added(t.Columns)
}

// added returns the columns that earlier rows lack.
func (r *columnRecord) added(columns []string) (added []string) {
	for _, c := range columns {
		if slices.Contains(r.without, c) || r.columns != nil && !slices.Contains(r.columns, c) {
			added = append(added, c)
		}
	}
	return added
}

// columnRecord returns what earlier syncs recorded. The caller must hold p.mu.
func (p *Part) columnRecord(t *table) *columnRecord {
	r := &t.record
	if !r.read {
		r.read = true
		r.columns, _ = reserved[[]string](p, columnsKey)
		r.without, _ = reserved[[]string](p, withoutKey)
	}
	return r
}

// recordColumns saves which columns the sync delivers. It is called when the
// state that covers their rows is saved. If the connector reads the table again
// because of new columns, they are recorded when the table has been read to the
// end. The caller must hold p.mu.
func (p *Part) recordColumns(finished bool) {
	t := p.table.Load()
	if t == nil {
		return
	}
	r := p.columnRecord(t)
	if added := r.added(t.Columns); len(added) > 0 {
		if r.asked && !finished {
			return
		}
		if !r.asked {
			p.doc.warn(fmt.Sprintf("table %s: rows that were delivered earlier lack the columns %s until they change: reset the table to read them again",
				t.Name, strings.Join(added, ", ")))
		}
	}
	if !slices.Equal(r.without, t.Without) {
		r.without = t.Without
		p.saveReserved(withoutKey, t.Without)
	}
	if (r.asked || r.columns != nil) && !slices.Equal(r.columns, t.Columns) {
		r.columns = t.Columns
		p.saveReserved(columnsKey, t.Columns)
	}
}
