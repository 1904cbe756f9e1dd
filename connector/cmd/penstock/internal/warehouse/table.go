package warehouse

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
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

// A Column is a column of a table.
type Column struct {
	// Source is its name as the source has it, and Name as the warehouse has it.
	Source, Name string
	// Type, Precision and Scale say what it holds.
	Type             schema.Type
	Precision, Scale int
	// PrimaryKey says that it is a part of the key.
	PrimaryKey bool
	// Declared says that the connector's schema has it.
	Declared bool
	// New says that this sync added it, and Widened from which type this sync
	// changed it, or 0.
	New     bool
	Widened schema.Type
	// Filled is how many values other than null this sync brought.
	Filled int64
}

// Counts is what a sync did to a table.
type Counts struct {
	Upserts   int64 `json:"upserts"`
	Updates   int64 `json:"updates"`
	Deletes   int64 `json:"deletes"`
	Truncates int64 `json:"truncates"`
	// Missed is how many updates and deletes found no row.
	Missed int64 `json:"missed"`
}

// Rows is how many records there were.
func (c Counts) Rows() int64 { return c.Upserts + c.Updates + c.Deletes + c.Truncates }

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

// declared is how a column's type is written in the file: so that SQLite keeps
// the value as it is, and a person reads what it is.
func (c *Column) declared() string {
	switch c.Type {
	case schema.TypeBoolean:
		return "BOOLEAN"
	case schema.TypeShort, schema.TypeInt, schema.TypeLong:
		return "INTEGER" // the one spelling that a sole key can be the row's number by
	case schema.TypeFloat, schema.TypeDouble:
		return "DOUBLE"
	case schema.TypeDecimal:
		if c.Precision > 0 {
			return fmt.Sprintf("DECIMAL_TEXT(%d,%d)", c.Precision, c.Scale)
		}
		return "DECIMAL_TEXT"
	case schema.TypeBinary:
		return "BLOB"
	case schema.TypeString:
		return "TEXT"
	}
	return c.Type.String() + "_TEXT"
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

func quote(name string) string { return sqlite3.QuoteIdentifier(name) }

func quoteAll(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, quote(name))
	}
	return strings.Join(quoted, ", ")
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

// upsertSQL replaces whole rows: a column that a row does not have is null.
func (t *Table) upsertSQL(rows int) string {
	var names, set []string
	key := t.keyNames()
	if !t.keyed {
		names = append(names, idColumn)
	}
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	names = append(names, syncedColumn)
	for _, name := range names {
		if !slices.Contains(key, name) {
			set = append(set, quote(name)+" = excluded."+quote(name))
		}
	}
	set = append(set, quote(deletedColumn)+" = 0")
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + "),"
	return "INSERT INTO " + quote(t.Name) + " (" + quoteAll(names) + ") VALUES " + strings.TrimSuffix(strings.Repeat(row, rows), ",") +
		" ON CONFLICT (" + quoteAll(key) + ") DO UPDATE SET " + strings.Join(set, ", ")
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

func step(s *sqlite3.Stmt) error {
	return errors.Join(s.Exec(), s.ClearBindings())
}

// errMisfit says that a row has a value that the table has no place for.
var errMisfit = errors.New("a value has no place")

// fitting fills a statement with a row and steps it. Where the row has a value
// that the table has no place for, one is made, and it is tried again.
func (t *Table) fitting(row []byte, fill func() (*sqlite3.Stmt, error), step func(*sqlite3.Stmt) error) error {
	if !t.exists {
		if err := t.fit(row); err != nil {
			return err
		}
	}
	s, err := fill()
	if errors.Is(err, errMisfit) {
		if err := t.fit(row); err != nil {
			return err
		}
		s, err = fill()
	}
	if err != nil {
		return err
	}
	return step(s)
}

// observed notes the values of the row that was read last.
func (t *Table) observed(op stdin.Op) {
	if op == stdin.Upsert || op == stdin.Update {
		for i, c := range t.Columns {
			if t.seen[i] == t.row {
				c.Filled++
			}
		}
	}
	o := t.warehouse.observer
	if o == nil {
		return
	}
	o.Row(t, op)
	for i := range t.cells {
		if c := &t.cells[i]; c.Column >= 0 && c.Kind != schema.CellNull {
			o.Value(t, t.Columns[c.Column], c.Raw)
		}
	}
}

// read reads the cells of a row, which stay until the next row of the table is
// read. A value that does not fit its column is no error: fits reports it.
func (t *Table) read(row []byte) error {
	if t.reader == nil {
		columns := make([]schema.Column, len(t.Columns))
		for i, c := range t.Columns {
			columns[i] = schema.Column{Name: c.Source, Type: stored(c.Type)}
		}
		t.reader = newRowReader(&schema.Table{Schema: t.schema, Name: t.table, Columns: columns})
	}
	cells, err := t.reader.Read(row)
	t.cells = cells
	if err == nil {
		return nil
	}
	var fault *schema.RowError
	if errors.As(err, &fault) && fault.Column != "" {
		return nil
	}
	return err
}

// newRowReader returns a reader of rows in which a column may come twice: the
// last one counts.
func newRowReader(t *schema.Table) *schema.RowReader {
	r := schema.NewRowReader(t)
	r.AllowDuplicates = true
	return r
}

// identity is what stands for the key of a row that has none: the same for the
// same values, in whatever order they are.
func (w *Warehouse) identity(row []byte) (string, error) {
	// In one spelling, but for numbers, whose digits say how exact they are.
	spelled := jsontext.Value(slices.Clone(row))
	err := spelled.Format(jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(false),
		jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
	if err != nil {
		return "", err
	}
	cells, err := w.spelled.Read(spelled)
	if err != nil {
		return "", err
	}
	var parts []string
	for i := range cells {
		if c := &cells[i]; c.Kind != schema.CellNull {
			parts = append(parts, c.Name+"\x00"+string(c.Raw))
		}
	}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x01")))
	return base64.RawURLEncoding.EncodeToString(sum[:20]), nil
}

// fit makes the table's columns such that the row's values have a place.
func (t *Table) fit(row []byte) error {
	if err := t.flush(); err != nil { // as long as the columns are what they were
		return err
	}
	for again := true; again; {
		if err := t.read(row); err != nil {
			return err
		}
		again = false
		cells := t.cells
		for i := range cells {
			cell := &cells[i]
			position, known := t.byName[cell.Name]
			switch {
			case cell.Kind == schema.CellNull:
			case !known:
				if err := t.add(&Column{Source: cell.Name, Type: cell.Type, New: true}); err != nil {
					return err
				}
			case cell.Column < 0 || stored(t.Columns[position].Type) != cell.Type:
				again = true // the column came before in this row, and is another one since
			case !fits(cell):
				c := t.Columns[position]
				if err := t.widen(c, wider(c.Type, cell)); err != nil {
					return err
				}
			}
		}
	}
	if !t.exists {
		return t.make()
	}
	return nil
}

// bind gives a statement the values of the row that was read last, at the
// parameter that each column has; 0 is none. The error is errMisfit if a value
// has no place, and it says which part of the key the row lacks.
func (t *Table) bind(parameter func(column int) int, s *sqlite3.Stmt) error {
	t.row++
	for at := range t.cells {
		cell := &t.cells[at]
		i := cell.Column
		if i < 0 {
			if cell.Kind != schema.CellNull { // null alone makes no column
				return errMisfit
			}
			continue
		}
		p := parameter(i)
		if cell.Kind == schema.CellNull {
			if t.seen[i] == t.row { // it came before, and the last one counts
				t.seen[i] = 0
				if err := s.BindNull(p); err != nil {
					return err
				}
			}
			continue
		}
		if !fits(cell) {
			return fmt.Errorf("column %s, of type %v: %w: %.100s", cell.Name, t.Columns[i].Type, errMisfit, cell.Raw)
		}
		t.seen[i] = t.row
		if p == 0 {
			continue
		}
		if err := bindCell(s, p, cell); err != nil {
			return err
		}
	}
	return t.missesKey()
}

// applyUpdate changes the columns that the row has.
func (t *Table) applyUpdate(row []byte) error {
	if !t.keyed {
		return errors.New("an UPDATE of a table without primary key")
	}
	return t.fitting(row, func() (*sqlite3.Stmt, error) {
		if err := t.read(row); err != nil {
			return nil, err
		}
		s, parameters, err := t.update()
		if err != nil {
			return nil, err
		}
		if err := t.bind(func(i int) int { return parameters[i] }, s); err != nil {
			return nil, err
		}
		t.Counts.Updates++
		return s, s.BindText(1, t.warehouse.now)
	}, t.found)
}

// update returns the statement that sets the columns of the row that was read
// last, and the parameter of each.
func (t *Table) update() (*sqlite3.Stmt, []int, error) {
	has := make([]bool, len(t.Columns))
	for i := range t.cells {
		if column := t.cells[i].Column; column >= 0 {
			has[column] = true
		}
	}
	next := 2
	parameters := make([]int, len(t.Columns))
	set := []string{quote(syncedColumn) + " = ?1"}
	for i, c := range t.Columns {
		if has[i] && !c.PrimaryKey {
			parameters[i] = next
			set = append(set, fmt.Sprintf("%s = ?%d", quote(c.Name), next))
			next++
		}
	}
	sql := "UPDATE " + quote(t.Name) + " SET " + strings.Join(set, ", ") + " WHERE " + t.where(next)
	for i, c := range t.Columns {
		if c.PrimaryKey {
			parameters[i] = next
			next++
		}
	}
	if s := t.updates[sql]; s != nil {
		return s, parameters, nil
	}
	if len(t.updates) > 100 { // a source with ever other columns
		if err := t.forget(); err != nil {
			return nil, nil, err
		}
	}
	s, _, err := t.warehouse.conn.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, nil, err
	}
	t.updates[sql] = s
	return s, parameters, nil
}

func (t *Table) applyDelete(row []byte) error {
	if !t.keyed {
		return errors.New("a DELETE from a table without primary key")
	}
	return t.fitting(row, func() (*sqlite3.Stmt, error) {
		s, err := t.prepare(&t.remove, func() string {
			return "UPDATE " + quote(t.Name) + " SET " + quote(deletedColumn) + " = 1, " + quote(syncedColumn) + " = ?1 WHERE " + t.where(2)
		})
		if err != nil {
			return nil, err
		}
		if err := t.read(row); err != nil {
			return nil, err
		}
		if err := t.bind(t.keyParameter, s); err != nil {
			return nil, err
		}
		t.Counts.Deletes++
		return s, s.BindText(1, t.warehouse.now)
	}, t.found)
}

// keyParameter is the parameter of a column in the statement that deletes.
func (t *Table) keyParameter(column int) int {
	if !t.Columns[column].PrimaryKey {
		return 0
	}
	n := 2
	for _, c := range t.Columns[:column] {
		if c.PrimaryKey {
			n++
		}
	}
	return n
}

// missesKey returns an error if the row that was bound last lacks a part of its
// key.
func (t *Table) missesKey() error {
	for i, c := range t.Columns {
		if c.PrimaryKey && t.seen[i] != t.row {
			return fmt.Errorf("a row without a value in column %s of the primary key", c.Source)
		}
	}
	return nil
}

// found steps a statement that changes a row, and counts that there is none.
func (t *Table) found(s *sqlite3.Stmt) error {
	if err := step(s); err != nil {
		return err
	}
	if t.warehouse.conn.Changes() == 0 {
		t.Counts.Missed++
	}
	return nil
}
