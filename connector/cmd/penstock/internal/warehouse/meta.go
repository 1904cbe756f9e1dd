package warehouse

import "github.com/ncruces/go-sqlite3"

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
