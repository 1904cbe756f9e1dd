package warehouse

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// The columns that a platform adds to each table.
const (
	syncedColumn  = "_fivetran_synced"
	deletedColumn = "_fivetran_deleted"
	idColumn      = "_fivetran_id"
)

// A Table is a table of the warehouse, with the counts of the current sync.
type Table struct {
	// Source is the name in the source, and Name the name in the warehouse. Each is the
	// schema and the table, separated by a dot.
	Source, Name string
	// Columns are the source's columns in the order in which they were added.
	Columns []*Column
	// Declared reports whether the connector's schema has the table.
	Declared bool
	// Counts are the numbers of records of this sync.
	Counts Counts
	// Repeats are the rows of this sync that replaced each other.
	Repeats Repeats
	// Fresh reports whether the table had no rows when its first record of this sync came.
	Fresh bool

	began     bool   // this sync has a record of the table
	schema    string // the schema's name in the source
	table     string // the table's name in the source
	warehouse *Warehouse
	exists    bool           // in the file
	byName    map[string]int // from a column's Source to its index
	keyed     bool           // has a primary key
	upsert    *sqlite3.Stmt
	upserts   upserts
	waits     bool // is in warehouse.waiting
	remove    *sqlite3.Stmt
	clear     *sqlite3.Stmt
	updates   map[string]*sqlite3.Stmt
	seen      []int             // for each column, the number of the last row that has a value for it
	row       int               // the number of the row that was bound last
	reader    *schema.RowReader // for the current columns, or nil
	cells     []schema.Cell     // of the row that was read last
}

// key returns the columns of the primary key.
func (t *Table) key() []*Column {
	var key []*Column
	for _, c := range t.Columns {
		if c.PrimaryKey {
			key = append(key, c)
		}
	}
	return key
}

// keyNames returns the names of the columns that identify a row.
func (t *Table) keyNames() []string {
	if !t.keyed {
		return []string{idColumn}
	}
	var names []string
	for _, c := range t.key() {
		names = append(names, c.Name)
	}
	return names
}

// create returns the statement that creates the table under a name.
func (t *Table) create(name string) string {
	var parts []string
	if !t.keyed {
		parts = append(parts, quote(idColumn)+" TEXT NOT NULL")
	}
	for _, c := range t.Columns {
		text := quote(c.Name) + " " + c.declared()
		if c.PrimaryKey {
			text += " NOT NULL"
		}
		parts = append(parts, text)
	}
	parts = append(parts,
		quote(syncedColumn)+" UTC_DATETIME_TEXT NOT NULL",
		quote(deletedColumn)+" BOOLEAN NOT NULL DEFAULT 0",
		"PRIMARY KEY ("+quoteAll(t.keyNames())+")")
	sql := "CREATE TABLE " + quote(name) + " (" + strings.Join(parts, ", ") + ")"
	if key := t.key(); len(key) != 1 || key[0].declared() != "INTEGER" {
		sql += " WITHOUT ROWID" // one B-tree instead of two
	}
	return sql
}

// forget closes the statements and the reader, which depend on the table's columns.
func (t *Table) forget() error {
	var errs []error
	for _, s := range slices.Concat([]*sqlite3.Stmt{t.upsert, t.upserts.stmt, t.remove, t.clear}, slices.Collect(maps.Values(t.updates))) {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	t.upsert, t.remove, t.clear, t.updates = nil, nil, nil, map[string]*sqlite3.Stmt{}
	t.upserts = upserts{}
	t.reader = nil
	return errors.Join(errs...)
}

// prepare returns a statement that is used repeatedly. It prepares it on first use.
func (t *Table) prepare(into **sqlite3.Stmt, sql func() string) (*sqlite3.Stmt, error) {
	if *into != nil {
		return *into, nil
	}
	s, _, err := t.warehouse.conn.PrepareFlags(sql(), sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	*into = s
	return s, nil
}

// where returns the condition that finds a row by its key. The key's parameters start at
// the given number.
func (t *Table) where(parameter int) string {
	var parts []string
	for i, name := range t.keyNames() {
		parts = append(parts, fmt.Sprintf("%s = ?%d", quote(name), parameter+i))
	}
	return strings.Join(parts, " AND ") + " AND NOT " + quote(deletedColumn)
}

// apply applies a record to the table.
func (t *Table) apply(op stdin.Op, row []byte) error {
	if !t.began {
		if err := t.begin(); err != nil {
			return err
		}
	}
	if op == stdin.Upsert {
		return t.applyUpsert(row)
	}
	if err := t.flush(); err != nil {
		return err
	}
	switch op {
	case stdin.Update:
		return t.applyUpdate(row)
	case stdin.Delete:
		return t.applyDelete(row)
	case stdin.Truncate:
		s, err := t.prepare(&t.clear, func() string {
			return "UPDATE " + quote(t.Name) + " SET " + quote(deletedColumn) + " = 1, " + quote(syncedColumn) + " = ?1 WHERE NOT " + quote(deletedColumn)
		})
		if err != nil {
			return err
		}
		if err := s.BindText(1, t.warehouse.now); err != nil {
			return err
		}
		t.Counts.Truncates++
		return step(s)
	}
	return fmt.Errorf("unknown operation %v", op)
}

// begin notes that the sync has a record of the table.
func (t *Table) begin() error {
	empty := true
	if t.exists {
		err := t.warehouse.each("SELECT 1 FROM "+quote(t.Name)+" LIMIT 1", nil, func(*sqlite3.Stmt) error {
			empty = false
			return nil
		})
		if err != nil {
			return err
		}
	}
	t.began, t.Fresh = true, empty
	return nil
}

// enter adds a column to t.Columns.
func (t *Table) enter(c *Column) {
	t.byName[c.Source] = len(t.Columns)
	t.Columns = append(t.Columns, c)
	t.seen = append(t.seen, 0)
	t.reader = nil
}

// make creates the table in the file.
func (t *Table) make() error {
	w := t.warehouse
	if err := w.conn.Exec(t.create(t.Name)); err != nil {
		return err
	}
	t.exists = true
	w.made++
	w.undo = append(w.undo, func() { t.exists = false; w.made-- })
	if err := w.exec("INSERT INTO _penstock_tables VALUES (?, ?, ?, ?, ?, ?)", t.Source, t.schema, t.table, t.Name, t.keyed, t.Declared); err != nil {
		return err
	}
	for i := range t.Columns {
		if err := t.record(i); err != nil {
			return err
		}
	}
	return nil
}
