package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// OpenReadOnly opens a file that there is, to look at it.
func OpenReadOnly(path string) (*Warehouse, error) {
	w, err := openReadOnly(path, "")
	if errors.Is(err, sqlite3.CANTOPEN) && settled(path) {
		// The directory can't be written, and so there is no place for what readers
		// and writers share; as nobody writes there, none is needed.
		w, err = openReadOnly(path, "?immutable=1")
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return w, nil
}

func openReadOnly(path, parameters string) (_ *Warehouse, err error) {
	// SQLite has to be able to write, for the first who opens a file after a process
	// was killed takes back what that one had begun.
	conn, err := sqlite3.OpenFlags("file:"+escapePath(path)+parameters, sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	w := newWarehouse(conn)
	made := false
	if err = conn.Exec("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON"); err == nil {
		made, err = w.checkLayout()
	}
	if made { // or the process was killed that was about to
		var naming string
		if naming, err = w.meta("naming"); err == nil {
			w.naming = Naming(naming)
			err = w.load()
		}
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// settled reports whether all that a file holds is in it, and not in a log beside
// it.
func settled(path string) bool {
	for _, log := range []string{path + "-wal", path + "-journal"} {
		if info, err := os.Stat(log); err == nil && info.Size() > 0 {
			return false
		}
	}
	return true
}

// Overview finds the tables that there are.
func (w *Warehouse) Overview() *Found {
	return &Found{Columns: []string{"table", "rows", "deleted", "synced"}, Rows: func(yield func([]any, error) bool) {
		for _, t := range w.order {
			row := []any{t.Name, nil, nil, nil}
			err := w.each("SELECT count(*) FILTER (WHERE NOT "+deletedColumn+"), count(*) FILTER (WHERE "+deletedColumn+"), max("+syncedColumn+") FROM "+quote(t.Name), nil, func(s *sqlite3.Stmt) error {
				for i := range 3 {
					row[i+1] = valueOf(s, i)
				}
				return nil
			})
			if !yield(row, err) || err != nil {
				return
			}
		}
	}}
}

// Interrupt ends queries when a context does.
func (w *Warehouse) Interrupt(ctx context.Context) { w.conn.SetInterrupt(ctx) }
