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
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// An Observer sees each value that is stored.
type Observer interface {
	// Row is called before the values of a record.
	Row(t *Table, op stdin.Op)
	// Value is called with the JSON of each value other than null. It must not
	// keep it.
	Value(t *Table, c *Column, value []byte)
}

// Open opens a file, or makes it.
func Open(path string, naming Naming) (_ *Warehouse, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	conn, err := sqlite3.Open("file:" + escapePath(path))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w := newWarehouse(conn)
	w.naming = naming
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", path, err), conn.Close())
		}
	}()
	if _, err := w.checkLayout(); err != nil {
		return nil, err
	}
	// With a log of its own, readers see the file while a sync writes it, and a
	// commit waits for no disk: it outlives a process that is killed.
	for _, sql := range []string{
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -65536", "PRAGMA busy_timeout = 5000",
		"BEGIN IMMEDIATE",
		`CREATE TABLE IF NOT EXISTS _penstock_meta (name TEXT PRIMARY KEY, value TEXT)`,
		`CREATE TABLE IF NOT EXISTS _penstock_tables (source TEXT PRIMARY KEY, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
			name TEXT NOT NULL, keyed BOOLEAN NOT NULL, declared BOOLEAN NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS _penstock_columns (table_source TEXT, source TEXT, name TEXT NOT NULL, type TEXT NOT NULL,
			precision INTEGER NOT NULL, scale INTEGER NOT NULL, primary_key BOOLEAN NOT NULL, declared BOOLEAN NOT NULL, position INTEGER NOT NULL,
			PRIMARY KEY (table_source, source))`,
		`CREATE TABLE IF NOT EXISTS _penstock_runs (id INTEGER PRIMARY KEY, ended TEXT NOT NULL, summary TEXT NOT NULL)`,
		fmt.Sprintf("PRAGMA user_version = %d", layout),
		"COMMIT",
	} {
		if err := conn.Exec(sql); err != nil {
			return nil, err
		}
	}
	for name, f := range map[string]sqlite3.ScalarFunction{
		"penstock_shortest": func(ctx sqlite3.Context, arg ...sqlite3.Value) {
			if arg[0].Type() == sqlite3.NULL {
				return
			}
			ctx.ResultText(strconv.FormatFloat(arg[0].Float(), 'g', -1, 64))
		},
		"penstock_base64": func(ctx sqlite3.Context, arg ...sqlite3.Value) {
			if arg[0].Type() == sqlite3.NULL {
				return
			}
			ctx.ResultText(base64.StdEncoding.EncodeToString(arg[0].RawBlob()))
		},
	} {
		if err := conn.CreateFunction(name, 1, sqlite3.DETERMINISTIC, f); err != nil {
			return nil, err
		}
	}
	if err := w.load(); err != nil {
		return nil, err
	}
	return w, nil
}

func newWarehouse(conn *sqlite3.Conn) *Warehouse {
	return &Warehouse{conn: conn, tables: map[string]*Table{}, targets: map[string]string{}, spelled: newRowReader(&schema.Table{})}
}

// escapePath makes a path one that SQLite reads as the path of a URI.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
}

// layout is the version of what the file holds beside the tables.
const layout = 2

// checkLayout reports whether the file has tables of this layout, and returns an
// error if it has those of another one. A new file has none.
func (w *Warehouse) checkLayout() (bool, error) {
	version, err := w.Value("PRAGMA user_version")
	if err != nil || version == int64(layout) {
		return err == nil, err
	}
	tables, err := w.Value("SELECT count(*) FROM sqlite_schema")
	if err == nil && tables != int64(0) {
		err = errors.New("it was not made by this version of penstock: reset it, or move it away")
	}
	return false, err
}

// load reads what is known of the file's tables.
func (w *Warehouse) load() error {
	naming, err := w.meta("naming")
	switch {
	case err != nil:
		return err
	case naming == "":
		if err := w.setMeta("naming", string(w.naming)); err != nil {
			return err
		}
	case naming != string(w.naming):
		return fmt.Errorf("its names are of the naming %s; reset it before another one is used", naming)
	}
	if w.state, err = w.meta("state"); err != nil {
		return err
	}
	if w.mirrored, err = w.meta("mirrored"); err != nil {
		return err
	}
	if w.mirroring, err = w.meta("mirroring"); err != nil {
		return err
	}
	err = w.each("SELECT schema_name, table_name, name, keyed, declared FROM _penstock_tables ORDER BY rowid", nil, func(s *sqlite3.Stmt) error {
		t := w.table(s.ColumnText(0), s.ColumnText(1), s.ColumnText(2))
		t.keyed, t.Declared, t.exists = s.ColumnBool(3), s.ColumnBool(4), true
		w.made++
		return nil
	})
	if err != nil {
		return err
	}
	return w.each("SELECT table_source, source, name, type, precision, scale, primary_key, declared FROM _penstock_columns ORDER BY table_source, position", nil, func(s *sqlite3.Stmt) error {
		t := w.tables[s.ColumnText(0)]
		c := &Column{
			Source: s.ColumnText(1), Name: s.ColumnText(2), Precision: s.ColumnInt(4), Scale: s.ColumnInt(5),
			PrimaryKey: s.ColumnBool(6), Declared: s.ColumnBool(7),
		}
		if err := c.Type.UnmarshalText([]byte(s.ColumnText(3))); err != nil || t == nil {
			return fmt.Errorf("what is known of column %s of table %s: %w", c.Source, s.ColumnText(0), err)
		}
		t.enter(c)
		return nil
	})
}

// each calls f for each row of a query.
func (w *Warehouse) each(sql string, args []any, f func(*sqlite3.Stmt) error) (err error) {
	s, _, err := w.conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := bindAll(s, args); err != nil {
		return err
	}
	for s.Step() {
		if err := f(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// exec runs a statement once.
func (w *Warehouse) exec(sql string, args ...any) error {
	return w.each(sql, args, func(*sqlite3.Stmt) error { return nil })
}

func bindAll(s *sqlite3.Stmt, args []any) error {
	for i, arg := range args {
		var err error
		switch v := arg.(type) {
		case string:
			err = s.BindText(i+1, v)
		case int:
			err = s.BindInt64(i+1, int64(v))
		case bool:
			err = s.BindBool(i+1, v)
		default:
			err = fmt.Errorf("a parameter of type %T", arg)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Warehouse) meta(name string) (value string, err error) {
	err = w.each("SELECT value FROM _penstock_meta WHERE name = ?", []any{name}, func(s *sqlite3.Stmt) error {
		value = s.ColumnText(0)
		return nil
	})
	return value, err
}

func (w *Warehouse) setMeta(name, value string) error {
	return w.exec("INSERT INTO _penstock_meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

// Observe sets who sees the values.
func (w *Warehouse) Observe(o Observer) { w.observer = o }

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

// enter adds a column that the file has.
func (t *Table) enter(c *Column) {
	t.byName[c.Source] = len(t.Columns)
	t.Columns = append(t.Columns, c)
	t.seen = append(t.seen, 0)
	t.reader = nil
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

// Declare makes the tables of a connector's schema: those that are new, and the
// columns that are new or hold more than before. A table whose primary key
// changed is an error: what is in the file can't be found by another key.
func (w *Warehouse) Declare(tables []*schema.Table) (err error) {
	if err := w.begin(); err != nil {
		return err
	}
	for _, declared := range tables {
		if err := w.declare(declared); err != nil {
			return errors.Join(fmt.Errorf("table %s: %w", declared, err), w.Rollback())
		}
	}
	return w.commit()
}

func (w *Warehouse) declare(declared *schema.Table) error {
	t, err := w.tableOf(declared.Schema, declared.Name)
	if err != nil {
		return err
	}
	if t.exists && !slices.Equal(sorted(declared.PrimaryKey()), sorted(t.keySources())) {
		return fmt.Errorf("its primary key is %v, and that of the warehouse %v: reset the warehouse and read the source anew", declared.PrimaryKey(), t.keySources())
	}
	t.Declared = true
	if !t.exists {
		t.keyed = len(declared.PrimaryKey()) > 0
	}
	for _, column := range declared.Columns {
		typ := column.Type
		if typ == 0 && column.PrimaryKey {
			typ = schema.TypeString // which takes anything
		}
		if typ == 0 {
			continue // it is inferred
		}
		i, known := t.byName[column.Name]
		if !known {
			c := &Column{Source: column.Name, Type: typ, Precision: column.Precision, Scale: column.Scale, PrimaryKey: column.PrimaryKey, Declared: true, New: t.exists}
			if err := t.add(c); err != nil {
				return err
			}
			continue
		}
		c := t.Columns[i]
		c.Declared = true
		c.Precision, c.Scale = max(c.Precision, column.Precision), max(c.Scale, column.Scale)
		if into := joined(c.Type, typ); into != c.Type {
			if err := t.widen(c, into); err != nil {
				return err
			}
		}
	}
	if !t.exists && len(t.Columns) > 0 && w.made < tablesAhead {
		return t.make()
	}
	return nil
}

// tablesAhead is how many tables a file may have so that one is made before it
// has a record. To make one, SQLite goes through all of them.
const tablesAhead = 1000

// joined returns the type that holds what both types hold.
func joined(a, b schema.Type) schema.Type {
	if a == b {
		return a
	}
	whole := []schema.Type{schema.TypeShort, schema.TypeInt, schema.TypeLong, schema.TypeDecimal}
	i, j := slices.Index(whole, a), slices.Index(whole, b)
	if i >= 0 && j >= 0 {
		return whole[max(i, j)]
	}
	floats := []schema.Type{schema.TypeFloat, schema.TypeDouble}
	if slices.Contains(floats, a) && slices.Contains(floats, b) {
		return schema.TypeDouble
	}
	if (slices.Contains(floats, a) || i >= 0) && (slices.Contains(floats, b) || j >= 0) {
		return schema.TypeDecimal
	}
	return schema.TypeString
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func (t *Table) keySources() []string {
	var names []string
	for _, c := range t.key() {
		names = append(names, c.Source)
	}
	return names
}

// add adds a column.
func (t *Table) add(c *Column) error {
	if strings.Contains(c.Source, "\x00") {
		return fmt.Errorf("the name of column %q has a NUL, which no database takes", c.Source)
	}
	c.Name = t.warehouse.naming.column(c.Source)
	for _, other := range t.Columns {
		if strings.EqualFold(other.Name, c.Name) {
			return fmt.Errorf("columns %s and %s are both %s in the warehouse: rename one of them", other.Source, c.Source, c.Name)
		}
	}
	for _, own := range []string{syncedColumn, deletedColumn, idColumn} {
		if strings.EqualFold(own, c.Name) {
			return fmt.Errorf("column %s has the name of one that platforms add: rename it", c.Source)
		}
	}
	t.enter(c)
	t.warehouse.undo = append(t.warehouse.undo, func() {
		t.Columns, t.seen, t.reader = t.Columns[:len(t.Columns)-1], t.seen[:len(t.seen)-1], nil
		delete(t.byName, c.Source)
	})
	if !t.exists {
		return nil
	}
	if c.PrimaryKey {
		return fmt.Errorf("column %s is new and a part of the primary key", c.Source)
	}
	if err := t.forget(); err != nil {
		return err
	}
	if err := t.warehouse.conn.Exec("ALTER TABLE " + quote(t.Name) + " ADD COLUMN " + quote(c.Name) + " " + c.declared()); err != nil {
		return err
	}
	return t.record(len(t.Columns) - 1)
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

// record writes down what is known of a column.
func (t *Table) record(i int) error {
	c := t.Columns[i]
	return t.warehouse.exec("INSERT OR REPLACE INTO _penstock_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.Source, c.Source, c.Name, c.Type.String(), c.Precision, c.Scale, c.PrimaryKey, c.Declared, i)
}

// widen changes a column's type, and what it holds with it.
func (t *Table) widen(c *Column, into schema.Type) error {
	from, widened := c.Type, c.Widened
	c.Type, t.reader = into, nil
	t.warehouse.undo = append(t.warehouse.undo, func() { c.Type, c.Widened, t.reader = from, widened, nil })
	if !t.exists {
		return nil
	}
	if c.Widened == 0 && !c.New {
		c.Widened = from
	}
	if err := t.forget(); err != nil {
		return err
	}
	var names, values []string
	if !t.keyed {
		names, values = append(names, quote(idColumn)), append(values, quote(idColumn))
	}
	for _, other := range t.Columns {
		names = append(names, quote(other.Name))
		if other == c {
			values = append(values, converted(c, from))
		} else {
			values = append(values, quote(other.Name))
		}
	}
	for _, own := range []string{syncedColumn, deletedColumn} {
		names, values = append(names, quote(own)), append(values, quote(own))
	}
	const temporary = "_penstock_widened"
	for _, sql := range []string{
		t.create(temporary),
		"INSERT INTO " + temporary + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + quote(t.Name),
		"DROP TABLE " + quote(t.Name),
		"ALTER TABLE " + temporary + " RENAME TO " + quote(t.Name),
	} {
		if err := t.warehouse.conn.Exec(sql); err != nil {
			return fmt.Errorf("column %s from %v to %v: %w", c.Source, from, into, err)
		}
	}
	return t.record(t.byName[c.Source])
}

// converted is what a column of a type is in its new one.
func converted(c *Column, from schema.Type) string {
	name := quote(c.Name)
	switch {
	case from == schema.TypeBoolean:
		return "CASE " + name + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
	case c.Type == schema.TypeDouble:
		return "CAST(" + name + " AS REAL)"
	case from == schema.TypeFloat || from == schema.TypeDouble:
		return "penstock_shortest(" + name + ")"
	case from == schema.TypeBinary:
		return "penstock_base64(" + name + ")"
	case c.Type == schema.TypeString || c.Type == schema.TypeDecimal:
		return "CAST(" + name + " AS TEXT)"
	}
	return name
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
