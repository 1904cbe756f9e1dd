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

// errMisfit reports a value that does not fit its column or has no column.
var errMisfit = errors.New("a value does not fit the table")

// fitting binds a row to a statement with fill and executes it with step. If a value
// does not fit, it changes the table's columns and calls fill again.
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

// read reads the cells of a row. They are valid until the table's next row is read. A
// value that does not fit its column is not an error. The function fits reports it.
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

// newRowReader returns a reader that allows repeated columns. The last value counts.
func newRowReader(t *schema.Table) *schema.RowReader {
	r := schema.NewRowReader(t)
	r.AllowDuplicates = true
	return r
}

// identity returns the key of a row without a primary key. Rows with equal values have
// equal keys, regardless of the order of the columns.
func (w *Warehouse) identity(row []byte) (string, error) {
	// Normalize everything except numbers, whose digits carry their precision.
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

// fit adds and widens columns so that the values of the row fit the table. It creates
// the table if the file does not have it.
func (t *Table) fit(row []byte) error {
	if err := t.flush(); err != nil { // the waiting rows need the old columns
		return err
	}
	for again := true; again; {
		if err := t.read(row); err != nil {
			return err
		}
		again = false
		cells := t.cells
		further := 0
		for i := range cells {
			if _, known := t.byName[cells[i].Name]; !known && cells[i].Kind != schema.CellNull {
				further++
			}
		}
		if err := t.room(further); err != nil { // before adding thousands
			return err
		}
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
				again = true // an earlier cell of this row has changed the column
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

// bind binds the values of the row that was read last to a statement. The function
// parameter returns the number of a column's parameter, or 0 if it has none. The error
// wraps errMisfit if a value does not fit. It is also an error if the row lacks a part
// of its primary key.
func (t *Table) bind(parameter func(column int) int, s *sqlite3.Stmt) error {
	t.row++
	for at := range t.cells {
		cell := &t.cells[at]
		i := cell.Column
		if i < 0 {
			if cell.Kind != schema.CellNull { // null has no type to add a column with
				return errMisfit
			}
			continue
		}
		p := parameter(i)
		if cell.Kind == schema.CellNull {
			if t.seen[i] == t.row { // the column is repeated, and the last value counts
				t.seen[i] = 0
				if p == 0 {
					continue
				}
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

// missesKey returns an error if the row that was bound last lacks a part of its primary
// key.
func (t *Table) missesKey() error {
	for i, c := range t.Columns {
		if c.PrimaryKey && t.seen[i] != t.row {
			return fmt.Errorf("a row has no value in column %s of the primary key", c.Source)
		}
	}
	return nil
}
