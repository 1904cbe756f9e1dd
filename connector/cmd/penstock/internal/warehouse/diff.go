package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Settle moves the content of the file's write-ahead log into the file, so that the file
// can be copied. It does nothing if the file does not exist.
func Settle(path string) (err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	conn, err := sqlite3.Open(uri(path))
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.Exec("SELECT count(*) FROM sqlite_schema"); err != nil { // opens the log
		err = fmt.Errorf("open %s: %w", path, err)
		if errors.Is(err, sqlite3.NOTADB) {
			err = fmt.Errorf("%w; remove the file, or choose another directory", err)
		}
		return err
	}
	_, _, err = conn.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	return err
}

// A Change is the difference between the contents of one table in two files.
type Change struct {
	// Table is the table's name.
	Table string
	// Added, Changed and Gone are the numbers of rows of each kind.
	Added, Changed, Gone int64
	// SQL is a query for the rows. Its column "change" holds added, gone, changed or
	// was. A changed row appears twice: changed is its new version and was its old one.
	SQL string
}

// Diff compares the rows that are not deleted with those of an older file.
func (w *Warehouse) Diff(older string) ([]Change, error) {
	if err := w.attach(older, "previous"); err != nil {
		return nil, fmt.Errorf("open %s: %w", older, err)
	}
	var changes []Change
	for _, t := range w.order {
		c, err := w.diff(t)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Source, err)
		}
		changes = append(changes, *c)
	}
	return changes, nil
}

func (w *Warehouse) diff(t *Table) (*Change, error) {
	var before []string
	err := w.each("SELECT name FROM pragma_table_info(?, 'previous')", []any{t.Name}, func(s *sqlite3.Stmt) error {
		before = append(before, s.ColumnText(0))
		return nil
	})
	if err != nil {
		return nil, err
	}
	key := t.keyNames()
	var join, now, old, left, right []string
	for _, name := range key {
		join = append(join, "n."+quote(name)+" = o."+quote(name))
	}
	names := slices.Clone(key)
	for _, c := range t.Columns {
		if !slices.Contains(key, c.Name) {
			names = append(names, c.Name)
		}
	}
	for _, name := range names {
		was := "NULL"
		if slices.Contains(before, name) {
			was = "o." + quote(name)
		}
		now = append(now, "n."+quote(name)+" AS "+quote(name))
		old = append(old, was+" AS "+quote(name))
		left, right = append(left, "n."+quote(name)), append(right, was)
	}
	live := func(alias string) string { return "NOT " + alias + "." + quote(deletedColumn) }
	from := "main." + quote(t.Name) + " n"
	previous := "previous." + quote(t.Name) + " o"
	if len(before) == 0 { // the table is new
		previous = "(SELECT " + strings.Join(append(slices.Clone(old), "1 AS "+quote(deletedColumn)), ", ") + " WHERE 0) o"
	}
	on := strings.Join(join, " AND ")
	added := from + " LEFT JOIN " + previous + " ON " + on + " AND " + live("o") + " WHERE " + live("n") + " AND o." + quote(key[0]) + " IS NULL"
	changed := from + " JOIN " + previous + " ON " + on + " WHERE " + live("n") + " AND " + live("o") + " AND (" + strings.Join(left, ", ") + ") IS NOT (" + strings.Join(right, ", ") + ")"
	gone := previous + " LEFT JOIN " + from + " ON " + on + " AND " + live("n") + " WHERE " + live("o") + " AND n." + quote(key[0]) + " IS NULL"
	c := &Change{Table: t.Name}
	for into, sql := range map[*int64]string{&c.Added: added, &c.Changed: changed, &c.Gone: gone} {
		v, err := w.Value("SELECT count(*) FROM " + sql)
		if err != nil {
			return nil, err
		}
		*into, _ = v.(int64)
	}
	selected := func(what string, columns []string, sql string) string {
		return "SELECT '" + what + "' AS change, " + strings.Join(columns, ", ") + " FROM " + sql
	}
	c.SQL = "SELECT * FROM (" + strings.Join([]string{
		selected("added", now, added),
		selected("changed", now, changed),
		selected("was", old, changed),
		selected("gone", old, gone),
	}, " UNION ALL ") + ") ORDER BY " + quoteAll(key)
	return c, nil
}
