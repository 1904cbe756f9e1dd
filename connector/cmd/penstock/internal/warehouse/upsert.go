package warehouse

import (
	"errors"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

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

// Upserts are rows of a table that wait to be written several at a time, which
// takes a quarter less time than one by one. They wait until there are enough, or
// for another operation on the table, or for the commit.
type upserts struct {
	stmt  *sqlite3.Stmt // writes as many rows as there are slots
	slots []slot
	width int    // parameters of a slot
	text  []byte // of the rows that wait
	ends  []int  // where each ends in text
}

// A slot is the place of a row among the parameters of a statement.
type slot struct {
	bound []bool // which columns are not null
	now   string
}

// A statement has so many rows, or fewer if these have many columns. With more
// it is hardly faster, and where deletes come in between, more rows are then
// written one by one after all.
const (
	upsertRows       = 8
	upsertParameters = 2000
)

func (t *Table) applyUpsert(row []byte) error {
	return t.fitting(row, func() (*sqlite3.Stmt, error) {
		u := &t.upserts
		if u.stmt == nil {
			if err := t.prepareUpserts(); err != nil {
				return nil, err
			}
		}
		n := len(u.ends)
		if err := t.bindUpsert(row, u.stmt, n*u.width+1, &u.slots[n]); err != nil {
			return nil, err
		}
		t.Counts.Upserts++
		return u.stmt, nil
	}, func(s *sqlite3.Stmt) error {
		u := &t.upserts
		u.text = append(u.text, row...)
		u.ends = append(u.ends, len(u.text))
		if len(u.ends) < len(u.slots) {
			t.warehouse.wait(t)
			return nil
		}
		u.text, u.ends = u.text[:0], u.ends[:0]
		return s.Exec()
	})
}

func (t *Table) prepareUpserts() error {
	u := &t.upserts
	u.width = len(t.Columns) + 1 // the instant
	if !t.keyed {
		u.width++
	}
	u.slots = make([]slot, max(min(upsertRows, upsertParameters/u.width), 1))
	for i := range u.slots {
		u.slots[i].bound = make([]bool, len(t.Columns))
	}
	_, err := t.prepare(&u.stmt, func() string { return t.upsertSQL(len(u.slots)) })
	return err
}

// bindUpsert gives a statement that upserts the values of a row, from a parameter
// on. What the slot has of the row before is replaced.
func (t *Table) bindUpsert(row []byte, s *sqlite3.Stmt, first int, at *slot) error {
	if !t.keyed {
		id, err := t.warehouse.identity(row)
		if err != nil {
			return err
		}
		if err := s.BindText(first, id); err != nil {
			return err
		}
		first++
	}
	if err := t.read(row); err != nil {
		return err
	}
	if err := t.bind(func(column int) int { return first + column }, s); err != nil {
		return err
	}
	for i, seen := range t.seen {
		switch {
		case seen == t.row:
			at.bound[i] = true
		case at.bound[i]:
			at.bound[i] = false
			if err := s.BindNull(first + i); err != nil {
				return err
			}
		}
	}
	if now := t.warehouse.now; at.now != now {
		at.now = now
		return s.BindText(first+len(t.Columns), now)
	}
	return nil
}

// flush writes the rows that wait, one by one.
func (t *Table) flush() error {
	u := &t.upserts
	if len(u.ends) == 0 {
		return nil
	}
	s, err := t.prepare(&t.upsert, func() string { return t.upsertSQL(1) })
	if err != nil {
		return err
	}
	only := slot{bound: make([]bool, len(t.Columns))}
	begin := 0
	for _, end := range u.ends {
		if err := t.bindUpsert(u.text[begin:end], s, 1, &only); err != nil {
			return err
		}
		if err := s.Exec(); err != nil {
			return err
		}
		begin = end
	}
	u.text, u.ends = u.text[:0], u.ends[:0]
	return s.ClearBindings()
}

// wait notes that rows of the table wait.
func (w *Warehouse) wait(t *Table) {
	if !t.waits {
		t.waits = true
		w.waiting = append(w.waiting, t)
	}
}

// unwait notes that no rows wait.
func (w *Warehouse) unwait() {
	for _, t := range w.waiting {
		t.waits = false
	}
	clear(w.waiting)
	w.waiting = w.waiting[:0]
}

// flush writes the rows that wait, of all tables.
func (w *Warehouse) flush() error {
	var errs []error
	for _, t := range w.waiting {
		errs = append(errs, t.flush())
	}
	w.unwait()
	return errors.Join(errs...)
}
