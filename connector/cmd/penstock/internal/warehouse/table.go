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

// A Table is a table of the warehouse, with what the sync did to it.
type Table struct {
	// Source is its name as the source has it, and Name as the warehouse has it:
	// the schema and the table with a dot between.
	Source, Name string
	// Columns are those of the source, in the order in which they came.
	Columns []*Column
	// Declared says that the connector's schema has the table.
	Declared bool
	// Counts is what this sync did to it.
	Counts Counts

	schema    string // as the source has it
	table     string
	warehouse *Warehouse
	exists    bool
	byName    map[string]int
	keyed     bool
	upsert    *sqlite3.Stmt
	upserts   upserts
	waits     bool // rows are among upserts, or were
	remove    *sqlite3.Stmt
	clear     *sqlite3.Stmt
	updates   map[string]*sqlite3.Stmt
	seen      []int // of each column, the number of the row it was seen in last
	row       int
	reader    *schema.RowReader // for the columns as they are, or nil
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

// keyNames returns the names of the columns by which rows are told apart.
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

// create returns the statement that makes the table.
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
		sql += " WITHOUT ROWID" // one tree instead of two
	}
	return sql
}

// forget closes the statements and the reader, which are made for the columns that
// there were.
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

// prepare returns a statement that is used again and again.
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

// where is the condition for a row by its key, from the parameter on.
func (t *Table) where(parameter int) string {
	var parts []string
	for i, name := range t.keyNames() {
		parts = append(parts, fmt.Sprintf("%s = ?%d", quote(name), parameter+i))
	}
	return strings.Join(parts, " AND ") + " AND NOT " + quote(deletedColumn)
}

// apply does to the table what a record says.
func (t *Table) apply(op stdin.Op, row []byte) error {
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
	return fmt.Errorf("there is no operation %v", op)
}

// enter adds a column that the file has.
func (t *Table) enter(c *Column) {
	t.byName[c.Source] = len(t.Columns)
	t.Columns = append(t.Columns, c)
	t.seen = append(t.seen, 0)
	t.reader = nil
}

// make makes the table in the file.
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
