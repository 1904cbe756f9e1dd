// Package warehouse keeps what a connector delivers in a SQLite file, with the
// semantics of a platform: an upsert replaces the row, an update merges, deletes
// and truncates mark rows as deleted.
//
// Rows and state are committed together, at each checkpoint, in one transaction:
// whatever is killed, and when, the file holds exactly what stood before some
// checkpoint, and its state.
//
// A table orders of the schema shop is the table "shop.orders" of the file. Each
// has the columns _fivetran_synced and _fivetran_deleted, and _fivetran_id if it
// has no primary key. Values keep their digits: DECIMAL, dates and instants are
// text, JSON is JSON text.
//
// A table of the connector's schema is made when it is declared, as long as the
// file has fewer than 1000 tables, and with its first record otherwise: SQLite
// takes the longer to make a table the more tables the file has.
package warehouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// A Warehouse is an open file. It is not safe for concurrent use.
type Warehouse struct {
	conn     *sqlite3.Conn
	naming   Naming
	tables   map[string]*Table // by source
	order    []*Table
	made     int               // how many tables the file has
	waiting  []*Table          // those with upserts that are not written yet
	targets  map[string]string // the source of each name, case folded
	observer Observer
	now      string
	within   bool     // a transaction
	undo     []func() // what is known, back to what was committed
	state    string
	// the state that the file beside the warehouse holds, and the one that it is
	// about to get
	mirrored, mirroring string

	lastSchema, lastTable string
	last                  *Table
	spelled               *schema.RowReader // of rows without key
}

// State returns the state of the last checkpoint, or "".
func (w *Warehouse) State() string { return w.state }

// Tables returns the tables, in the order in which they came.
func (w *Warehouse) Tables() []*Table { return w.order }

// table makes a table known.
func (w *Warehouse) table(schemaName, table, name string) *Table {
	t := &Table{
		Source: schemaName + "." + table, Name: name, schema: schemaName, table: table,
		warehouse: w, byName: map[string]int{}, updates: map[string]*sqlite3.Stmt{},
	}
	w.tables[t.Source] = t
	w.targets[strings.ToLower(name)] = t.Source
	w.order = append(w.order, t)
	return t
}

// tableOf returns a table, which is made known if it is not, under a name that no
// other one has.
func (w *Warehouse) tableOf(schemaName, table string) (*Table, error) {
	source := schemaName + "." + table
	if t := w.tables[source]; t != nil {
		if t.schema != schemaName {
			return nil, fmt.Errorf("table %s of schema %s and table %s of schema %s are both %s in the warehouse: rename one of them", t.table, t.schema, table, schemaName, t.Name)
		}
		return t, nil
	}
	if strings.Contains(source, "\x00") {
		return nil, fmt.Errorf("the name of table %q has a NUL, which no database takes", source)
	}
	target := w.naming.schema(schemaName) + "." + w.naming.table(table)
	if other, taken := w.targets[strings.ToLower(target)]; taken {
		return nil, fmt.Errorf("tables %s and %s are both %s in the warehouse: rename one of them", other, source, target)
	}
	return w.table(schemaName, table, target), nil
}

// begin begins a transaction if there is none.
func (w *Warehouse) begin() error {
	if w.within {
		return nil
	}
	w.now = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	w.within = true
	return w.conn.Exec("BEGIN IMMEDIATE")
}

func (w *Warehouse) commit() error {
	if !w.within {
		return nil
	}
	if err := w.conn.Exec("COMMIT"); err != nil {
		return err
	}
	w.within, w.undo = false, nil
	return nil
}

// Apply does what a record says. An error names the table.
func (w *Warehouse) Apply(op stdin.Op, schemaName, table string, row []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	t := w.last
	if t == nil || w.lastTable != table || w.lastSchema != schemaName {
		var err error
		if t, err = w.tableOf(schemaName, table); err != nil {
			return err
		}
		w.last, w.lastSchema, w.lastTable = t, schemaName, table
	}
	if !t.exists && op != stdin.Upsert {
		if !t.Declared || len(t.Columns) == 0 {
			return nil // of what is not there, nothing is changed
		}
		if err := t.make(); err != nil {
			return fmt.Errorf("table %s: %w", t.Source, err)
		}
	}
	if err := t.apply(op, row); err != nil {
		return fmt.Errorf("table %s: %w", t.Source, err)
	}
	if op != stdin.Truncate {
		t.observed(op)
	}
	return nil
}

// Commit keeps what was applied, together with the state.
func (w *Warehouse) Commit(state []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.setMeta("state", string(state)); err != nil {
		return err
	}
	if err := w.commit(); err != nil {
		return err
	}
	w.state = string(state)
	return nil
}

// Rollback takes back what was applied since the last commit, tables and columns
// that were made since included.
func (w *Warehouse) Rollback() error {
	if !w.within {
		return nil
	}
	for _, undo := range slices.Backward(w.undo) {
		undo()
	}
	w.within, w.undo = false, nil
	w.unwait()
	var errs []error
	for _, t := range w.order {
		errs = append(errs, t.forget())
	}
	return errors.Join(append(errs, w.conn.Exec("ROLLBACK"))...)
}

// Close closes the file. What was not committed is gone.
func (w *Warehouse) Close() error {
	var errs []error
	for _, t := range w.order {
		errs = append(errs, t.forget())
	}
	errs = append(errs, w.Rollback(), w.conn.Close())
	return errors.Join(errs...)
}
