package host

import (
	"fmt"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/schema"
)

// RefusedRows reports rows that the runtime has refused: they did not fit their table, they
// were partial although the platform accepts whole rows only, or their table is unknown. The
// connector ignored the errors. The rows are not delivered, and a state may cover them even
// if the sync has failed for another reason, or has ended early.
type RefusedRows struct {
	// Table is the table. If the connector named a table that is not declared, or a name
	// that several tables have, Table has this name and nothing else.
	Table *schema.Table
	// Count is the number of refused rows.
	Count int64
	// First is the error of the first refused row, free of secrets.
	First string
}

// String returns the message of the warning: the count, then text that depends only on
// the count, then First.
func (r RefusedRows) String() string {
	if r.Count == 1 {
		return "1 row was refused and is not delivered: " + r.First
	}
	return fmt.Sprintf("%d rows were refused and are not delivered; the first: %s", r.Count, r.First)
}

// isErrorOf reports whether the error of a sync is that of the only row: the connector has
// not ignored it.
func (r *RefusedRows) isErrorOf(err error) bool {
	return err != nil && r.Count == 1 && strings.Contains(err.Error(), r.First)
}

// namelessRows holds the refused rows whose table is unknown, by the name that the connector
// used. It is safe for concurrent use.
type namelessRows struct {
	mu     sync.Mutex
	byName map[string]*RefusedRows
	order  []*RefusedRows
}

// refuse counts a row. Beyond maxUserWarnings names, the rows count for the last name.
func (n *namelessRows) refuse(name string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	rows := n.byName[name]
	if rows == nil && len(n.order) == maxUserWarnings {
		rows = n.order[len(n.order)-1]
	}
	if rows == nil {
		name = strings.Clone(name)
		rows = &RefusedRows{Table: &schema.Table{Name: name}, First: err.Error()}
		if n.byName == nil {
			n.byName = map[string]*RefusedRows{}
		}
		n.byName[name] = rows
		n.order = append(n.order, rows)
	}
	rows.Count++
}

// all returns the refused rows in the order of the first use of each name.
func (n *namelessRows) all() []*RefusedRows {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*RefusedRows, len(n.order))
	for i, rows := range n.order {
		c := *rows
		all[i] = &c
	}
	return all
}
