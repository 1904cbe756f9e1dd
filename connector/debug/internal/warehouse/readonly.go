package warehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// OpenReadOnly opens a file that there is, to look at it.
func OpenReadOnly(path string) (_ *Warehouse, err error) {
	conn, err := sqlite3.OpenFlags("file:"+escapePath(path), sqlite3.OPEN_READONLY|sqlite3.OPEN_URI)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	w := newWarehouse(conn)
	if err = conn.Exec("PRAGMA busy_timeout = 5000"); err == nil {
		err = w.checkLayout()
	}
	if err == nil {
		var naming string
		if naming, err = w.meta("naming"); err == nil {
			w.naming = Naming(naming)
			err = w.load()
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), conn.Close())
	}
	return w, nil
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
