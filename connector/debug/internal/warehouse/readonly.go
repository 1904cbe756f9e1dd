package warehouse

import (
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
	err = conn.Exec("PRAGMA busy_timeout = 5000")
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

// Overview is a query of the tables that there are.
func (w *Warehouse) Overview() string {
	sql := ""
	for _, t := range w.order {
		if sql != "" {
			sql += " UNION ALL "
		}
		sql += "SELECT " + sqlite3.Quote(t.Name) + ` AS "table", count(*) FILTER (WHERE NOT ` + deletedColumn + ") AS rows, count(*) FILTER (WHERE " + deletedColumn + ") AS deleted, max(" + syncedColumn + ") AS synced FROM " + quote(t.Name)
	}
	if sql == "" {
		return `SELECT NULL AS "table", NULL AS rows, NULL AS deleted, NULL AS synced WHERE 0`
	}
	return sql
}
