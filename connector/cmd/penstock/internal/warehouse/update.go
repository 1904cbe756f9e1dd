package warehouse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// applyUpdate changes the columns that the row has.
func (t *Table) applyUpdate(row []byte) error {
	if !t.keyed {
		return errors.New("an UPDATE requires a primary key, which the table does not have")
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
	}, func(s *sqlite3.Stmt) error {
		_, err := t.missed(s)
		return err
	})
}

// update returns the statement that sets the columns of the row that was read last, and
// the number of each column's parameter, or 0.
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
	if len(t.updates) > 100 { // the source keeps updating different columns
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

// missed executes a statement that changes one row, and reports whether there is no such
// row. It counts it as missed.
func (t *Table) missed(s *sqlite3.Stmt) (bool, error) {
	if err := step(s); err != nil {
		return false, err
	}
	if t.warehouse.conn.Changes() > 0 {
		return false, nil
	}
	t.Counts.Missed++
	return true, nil
}
