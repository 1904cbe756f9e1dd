package warehouse

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
)

// applyDelete marks the row as deleted.
func (t *Table) applyDelete(row []byte) error {
	if !t.keyed {
		return errors.New("a DELETE requires a primary key, which the table does not have")
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
	}, func(s *sqlite3.Stmt) error {
		missed, err := t.missed(s)
		if missed {
			t.Counts.MissedDeletes++
		}
		return err
	})
}

// keyParameter returns the number of a column's parameter in the statement that deletes,
// or 0 if the column is not part of the primary key.
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
