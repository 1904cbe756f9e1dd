package warehouse

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/ncruces/go-sqlite3"

	"github.com/penstock-sdk/penstock/schema"
)

// errMisfit says that a row has a value that the table has no place for.
var errMisfit = errors.New("a value has no place")

// fitting fills a statement with a row and steps it. Where the row has a value
// that the table has no place for, one is made, and it is tried again.
func (t *Table) fitting(row []byte, fill func() (*sqlite3.Stmt, error), step func(*sqlite3.Stmt) error) error {
	if !t.exists {
		if err := t.fit(row); err != nil {
			return err
		}
	}
	s, err := fill()
	if errors.Is(err, errMisfit) {
		if err := t.fit(row); err != nil {
			return err
		}
		s, err = fill()
	}
	if err != nil {
		return err
	}
	return step(s)
}

// read reads the cells of a row, which stay until the next row of the table is
// read. A value that does not fit its column is no error: fits reports it.
func (t *Table) read(row []byte) error {
	if t.reader == nil {
		columns := make([]schema.Column, len(t.Columns))
		for i, c := range t.Columns {
			columns[i] = schema.Column{Name: c.Source, Type: stored(c.Type)}
		}
		t.reader = newRowReader(&schema.Table{Schema: t.schema, Name: t.table, Columns: columns})
	}
	cells, err := t.reader.Read(row)
	t.cells = cells
	if err == nil {
		return nil
	}
	var fault *schema.RowError
	if errors.As(err, &fault) && fault.Column != "" {
		return nil
	}
	return err
}

// newRowReader returns a reader of rows in which a column may come twice: the
// last one counts.
func newRowReader(t *schema.Table) *schema.RowReader {
	r := schema.NewRowReader(t)
	r.AllowDuplicates = true
	return r
}

// identity is what stands for the key of a row that has none: the same for the
// same values, in whatever order they are.
func (w *Warehouse) identity(row []byte) (string, error) {
	// In one spelling, but for numbers, whose digits say how exact they are.
	spelled := jsontext.Value(slices.Clone(row))
	err := spelled.Format(jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(false),
		jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
	if err != nil {
		return "", err
	}
	cells, err := w.spelled.Read(spelled)
	if err != nil {
		return "", err
	}
	var parts []string
	for i := range cells {
		if c := &cells[i]; c.Kind != schema.CellNull {
			parts = append(parts, c.Name+"\x00"+string(c.Raw))
		}
	}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x01")))
	return base64.RawURLEncoding.EncodeToString(sum[:20]), nil
}

// fit makes the table's columns such that the row's values have a place.
func (t *Table) fit(row []byte) error {
	if err := t.flush(); err != nil { // as long as the columns are what they were
		return err
	}
	for again := true; again; {
		if err := t.read(row); err != nil {
			return err
		}
		again = false
		cells := t.cells
		for i := range cells {
			cell := &cells[i]
			position, known := t.byName[cell.Name]
			switch {
			case cell.Kind == schema.CellNull:
			case !known:
				if err := t.add(&Column{Source: cell.Name, Type: cell.Type, New: true}); err != nil {
					return err
				}
			case cell.Column < 0 || stored(t.Columns[position].Type) != cell.Type:
				again = true // the column came before in this row, and is another one since
			case !fits(cell):
				c := t.Columns[position]
				if err := t.widen(c, wider(c.Type, cell)); err != nil {
					return err
				}
			}
		}
	}
	if !t.exists {
		return t.make()
	}
	return nil
}

// bind gives a statement the values of the row that was read last, at the
// parameter that each column has; 0 is none. The error is errMisfit if a value
// has no place, and it says which part of the key the row lacks.
func (t *Table) bind(parameter func(column int) int, s *sqlite3.Stmt) error {
	t.row++
	for at := range t.cells {
		cell := &t.cells[at]
		i := cell.Column
		if i < 0 {
			if cell.Kind != schema.CellNull { // null alone makes no column
				return errMisfit
			}
			continue
		}
		p := parameter(i)
		if cell.Kind == schema.CellNull {
			if t.seen[i] == t.row { // it came before, and the last one counts
				t.seen[i] = 0
				if err := s.BindNull(p); err != nil {
					return err
				}
			}
			continue
		}
		if !fits(cell) {
			return fmt.Errorf("column %s, of type %v: %w: %.100s", cell.Name, t.Columns[i].Type, errMisfit, cell.Raw)
		}
		t.seen[i] = t.row
		if p == 0 {
			continue
		}
		if err := bindCell(s, p, cell); err != nil {
			return err
		}
	}
	return t.missesKey()
}

// missesKey returns an error if the row that was bound last lacks a part of its
// key.
func (t *Table) missesKey() error {
	for i, c := range t.Columns {
		if c.PrimaryKey && t.seen[i] != t.row {
			return fmt.Errorf("a row without a value in column %s of the primary key", c.Source)
		}
	}
	return nil
}
