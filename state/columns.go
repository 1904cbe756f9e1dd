package state

import (
	"fmt"
	"slices"
	"strings"
)

// columnsKey is the key in the part of a table whose value is a list of the
// columns that were delivered.
const columnsKey = "_columns"

// A columnRecord is what a document knows about the delivered columns of a table.
type columnRecord struct {
	read      bool     // delivered has been read from the part
	known     bool     // an earlier sync has recorded them
	delivered []string // by the saved state
	asked     bool     // the connector has called NewColumns
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
// NewColumns returns the same columns in each sync until one has read the table
// to the end. If the connector does not call NewColumns, the runtime warns the
// user that rows lack the columns. NewColumns returns nil on the first sync of a
// table.
func (p *Part) NewColumns() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.table.Load()
	if t == nil {
		return nil
	}
	p.readColumns(t)
	t.columns.asked = true
	return t.columns.added(t.Columns)
}

// added returns the columns that the recorded ones lack.
func (r *columnRecord) added(columns []string) []string {
	if !r.known {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(r.delivered, c) })
}

// readColumns reads what an earlier sync recorded. The caller must hold p.mu.
func (p *Part) readColumns(t *table) {
	r := &t.columns
	if r.read {
		return
	}
	r.read = true
	r.delivered, r.known = reserved[[]string](p, columnsKey)
}

// recordColumns saves the columns that the sync delivers. It is called when the
// state that covers their rows is saved. The list is saved late if the connector
// reads the table again because of new columns: when the table has been read to
// the end. The caller must hold p.mu.
func (p *Part) recordColumns(finished bool) {
	t := p.table.Load()
	if t == nil || len(t.Columns) == 0 {
		return
	}
	p.readColumns(t)
	r := &t.columns
	if r.known && slices.Equal(r.delivered, t.Columns) {
		return
	}
	added := r.added(t.Columns)
	if len(added) > 0 {
		if r.asked && !finished {
			return
		}
		if !r.asked {
			p.doc.warn(fmt.Sprintf("table %s: rows that were delivered earlier lack the columns %s until they change: reset the table to read them again",
				t.Name, strings.Join(added, ", ")))
		}
	}
	r.delivered, r.known = t.Columns, true
	p.saveReserved(columnsKey, t.Columns)
}
