package warehouse

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"github.com/penstock-sdk/penstock/schema"
)

// Open opens a warehouse and creates the file if it does not exist. Only this user can read
// its files. It returns an error if the file has other tables or was created with another
// naming.
func Open(path string, naming Naming) (_ *Warehouse, err error) {
	if _, err := Secure(path, true); err != nil {
		return nil, err
	}
	conn, err := sqlite3.Open(uri(path))
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
	// With a write-ahead log, other processes can read the file during a sync. A
	// commit does not wait for the disk. It survives if the process is killed.
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
	if err := addFunctions(conn); err != nil {
		return nil, err
	}
	if err := w.load(); err != nil {
		return nil, err
	}
	return w, nil
}

// addFunctions adds the SQL functions that convert values when a column is widened.
func addFunctions(conn *sqlite3.Conn) error {
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
			return err
		}
	}
	return nil
}

// OpenReadOnly opens an existing warehouse for queries.
func OpenReadOnly(path string) (*Warehouse, error) {
	if err := check(path); err != nil {
		return nil, err
	}
	w, err := openReadOnly(path)
	if errors.Is(err, sqlite3.CANTOPEN) && settled(path) {
		// The directory is not writable, so SQLite cannot create the file that readers
		// and writers share. Without writers, it is not needed.
		w, err = openReadOnly(path, "immutable=1")
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return w, nil
}

func openReadOnly(path string, parameters ...string) (_ *Warehouse, err error) {
	// SQLite needs write access. If a process was killed, the next one to open the
	// file rolls back its transaction.
	conn, err := sqlite3.OpenFlags(uri(path, parameters...), sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	w := newWarehouse(conn)
	made := false
	if err = conn.Exec("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON"); err == nil {
		made, err = w.checkLayout()
	}
	if made { // otherwise, a process was killed while it created the file
		var naming string
		if naming, err = w.meta("naming"); err == nil {
			w.naming = Naming(naming)
			err = w.load()
		}
	}
	if err == nil {
		err = w.restrict()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// settled reports whether the file is complete without its log.
func settled(path string) bool {
	for _, log := range []string{path + "-wal", path + "-journal"} {
		if info, err := os.Stat(log); err == nil && info.Size() > 0 {
			return false
		}
	}
	return true
}

func newWarehouse(conn *sqlite3.Conn) *Warehouse {
	return &Warehouse{conn: conn, tables: map[string]*Table{}, targets: map[string]string{}, spelled: newRowReader(&schema.Table{})}
}

// layout is the version of the tables in which the warehouse stores its own data.
const layout = 2

// checkLayout reports whether the file has this layout. A new file has none. It is an
// error if the file has other content.
func (w *Warehouse) checkLayout() (bool, error) {
	version, err := w.Value("PRAGMA user_version")
	if err != nil || version == int64(layout) {
		return err == nil, err
	}
	tables, err := w.Value("SELECT count(*) FROM sqlite_schema")
	if err == nil && tables != int64(0) {
		err = errors.New("the file was not created by this version of penstock: run penstock reset, or move the file away")
	}
	return false, err
}

// load reads the state and the tables' definitions.
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
		return fmt.Errorf("the warehouse was created with -naming %s: to change the naming, run penstock reset first", naming)
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
		if t == nil {
			return fmt.Errorf("the definition of column %s names table %s, which does not exist", c.Source, s.ColumnText(0))
		}
		if err := c.Type.UnmarshalText([]byte(s.ColumnText(3))); err != nil {
			return fmt.Errorf("the definition of column %s of table %s: %w", c.Source, s.ColumnText(0), err)
		}
		t.enter(c)
		return nil
	})
}
