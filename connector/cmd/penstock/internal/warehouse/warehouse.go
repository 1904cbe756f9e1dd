// Package warehouse stores a connector's tables in a SQLite file and applies records as
// a data platform does. An upsert replaces the row, an update merges into it, and a
// delete or truncate marks rows as deleted.
//
// Each checkpoint commits the state, and the rows before it, in one transaction. If the
// process is killed at any time, the file holds exactly the rows that preceded some
// checkpoint, and its state.
//
// Table orders of schema shop is the table "shop.orders" of the file. Each table has the
// columns _fivetran_synced and _fivetran_deleted. A table without a primary key also has
// _fivetran_id. Values keep their digits: decimals, dates and timestamps are stored as
// text, and JSON as JSON text.
//
// While the file has fewer than 1000 tables, a table is created when it is declared.
// After that, it is created with its first record, because the time SQLite takes to
// create a table grows with the number of tables.
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
	tables   map[string]*Table // by Source
	order    []*Table
	made     int               // the number of tables in the file
	waiting  []*Table          // have upserts that are not written yet
	targets  map[string]string // from a lower-case Name to its Source
	observer Observer
	now      string
	within   bool     // a transaction is open
	undo     []func() // restore the fields to what was committed
	state    string
	// The state that the state file holds, and the one that is being written to it.
	mirrored, mirroring string

	lastSchema, lastTable string
	last                  *Table
	spelled               *schema.RowReader // reads rows without a primary key
}

// State returns the state of the last checkpoint, or "".
func (w *Warehouse) State() string { return w.state }

// Tables returns the tables in the order in which they were added.
func (w *Warehouse) Tables() []*Table { return w.order }

// TypeOf returns the type of a column, or 0 if the warehouse does not have it.
func (w *Warehouse) TypeOf(schemaName, table, column string) schema.Type {
	if t := w.tables[schemaName+"."+table]; t != nil {
		if i, known := t.byName[column]; known {
			return t.Columns[i].Type
		}
	}
	return 0
}

// table adds a table, which need not exist in the file.
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

// tableOf returns a table and adds it if necessary. It returns an error if another table
// has the same name in the warehouse.
func (w *Warehouse) tableOf(schemaName, table string) (*Table, error) {
	source := schemaName + "." + table
	if t := w.tables[source]; t != nil {
		if t.schema != schemaName {
			return nil, fmt.Errorf("table %s of schema %s and table %s of schema %s are both %s in the warehouse: rename one of them", t.table, t.schema, table, schemaName, t.Name)
		}
		return t, nil
	}
	if strings.Contains(source, "\x00") {
		return nil, fmt.Errorf("the name of table %q contains a NUL character, which SQLite does not allow", source)
	}
	if strings.HasPrefix(strings.ToLower(source), "sqlite_") {
		return nil, fmt.Errorf("the name of table %s begins with sqlite_, which SQLite does not allow: rename its schema", source)
	}
	target := w.naming.schema(schemaName) + "." + w.naming.table(table)
	if other, taken := w.targets[strings.ToLower(target)]; taken {
		return nil, fmt.Errorf("tables %s and %s are both %s in the warehouse: rename one of them", other, source, target)
	}
	return w.table(schemaName, table, target), nil
}

// begin begins a transaction if none is open.
func (w *Warehouse) begin() error {
	if w.within {
		return nil
	}
	if err := w.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	w.now = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	w.within = true
	return nil
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

// Apply applies a record. Its errors name the table.
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
			return nil // there are no rows to change
		}
		if err := t.make(); err != nil {
			return fmt.Errorf("table %s: %w", t.Source, err)
		}
	}
	if err := t.apply(op, row); err != nil {
		return fmt.Errorf("table %s: %w", t.Source, unwritten(err))
	}
	t.observed(op)
	return nil
}

// unwritten adds advice to the error of a disk.
func unwritten(err error) error {
	if errors.Is(err, sqlite3.IOERR) || errors.Is(err, sqlite3.FULL) {
		return fmt.Errorf("%w; check that the disk is not full and that the file may grow (ulimit -f)", err)
	}
	return err
}

// Commit commits the records applied since the last Commit, together with the state.
func (w *Warehouse) Commit(state []byte) error {
	if err := w.begin(); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return unwritten(err)
	}
	if err := w.setMeta("state", string(state)); err != nil {
		return unwritten(err)
	}
	if err := w.commit(); err != nil {
		return unwritten(err)
	}
	w.state = string(state)
	return nil
}

// Rollback undoes everything since the last commit, including new tables and columns.
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
	if !w.conn.GetAutocommit() { // after some errors, SQLite has rolled back itself
		errs = append(errs, w.conn.Exec("ROLLBACK"))
	}
	return errors.Join(errs...)
}

// Close closes the file. Records that were not committed are lost.
func (w *Warehouse) Close() error {
	var errs []error
	for _, t := range w.order {
		errs = append(errs, t.forget())
	}
	errs = append(errs, w.Rollback(), w.conn.Close())
	return errors.Join(errs...)
}
