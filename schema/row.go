package schema

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A Row is a row whose values are appended as cells, in an order of columns that
// is known only at run time, such as the order of a query. It is encoded without a
// map and, if it is reused, without an allocation:
//
//	row, err := schema.NewRow(table, "id", "name", "born")
//	...
//	for rows.Next() {
//		...
//		row.Reset()
//		row.Int(id)
//		row.Text(name)
//		row.Time(born)
//		if err := out.Upsert("people", row); err != nil {
//			return err
//		}
//	}
//
// Each method appends the cell of the next column. A value must fit the type of
// the column by the rules for the value of a map (see [Type]). Methods report no
// error. A value that does not fit, and too few or too many cells, are errors of
// the operation that the row is passed to, such as [Encoder.Append]. The error is
// a [*RowError].
//
// A Row keeps its cells until Reset is called, so it can be passed to several
// operations. It must not be changed during an operation. A Row is not safe for
// concurrent use.
type Row struct {
	table *Table
	names []string  // of the columns, in the order of the cells
	cells []rowCell // one for each column
	n     int       // the number of cells that have been appended, also those beyond the columns
	bytes []byte    // copies of the bytes of cells

	// Times and values are apart from the cells, because few cells have one.
	times  []time.Time
	values []any

	encoder *Encoder // that cellOf is for, or nil
	cellOf  []int    // for each column of the encoder's table, its cell or -1
	writer  rowWriter
}

// NewRow returns a row of the table t with the given columns, in the order in
// which their cells will be appended. Without columns, it has all columns of the
// table in the order of their declaration. A column that is not in the list is
// omitted from the row (see [Encoder.Append]).
//
// If t names no schema, the row fits the table of that name, so t may be the one that
// was passed to the Declare method of an emitter.
//
// It is an error if the table does not declare a column or if the list has a
// column twice. The caller must not modify t afterwards.
func NewRow(t *Table, columns ...string) (*Row, error) {
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("schema: a row of table %q: the table declares no columns", t)
	}
	r := &Row{table: t, names: slices.Clone(columns)}
	if len(columns) == 0 {
		for _, c := range t.Columns {
			r.names = append(r.names, c.Name)
		}
	}
	seen := make(map[string]bool, len(t.Columns)) // for each declared column, whether it has a cell
	for _, c := range t.Columns {
		seen[c.Name] = false
	}
	for _, name := range r.names {
		twice, declared := seen[name]
		if !declared {
			return nil, fmt.Errorf("schema: a row of table %q: %s", t, undeclaredProblem(t, name))
		}
		if twice {
			return nil, fmt.Errorf("schema: a row of table %q: column %q is in the list twice", t, name)
		}
		seen[name] = true
	}
	r.cells = make([]rowCell, len(r.names))
	return r, nil
}

// undeclaredProblem says that the table does not declare the column, and names a
// column that differs only in case.
func undeclaredProblem(t *Table, name string) string {
	folded := foldName(name)
	for _, c := range t.Columns {
		if foldName(c.Name) == folded {
			return fmt.Sprintf("the table declares column %q as %q", name, c.Name)
		}
	}
	return fmt.Sprintf("the table does not declare column %q", name)
}

// Columns returns the names of the columns in the order of the cells. The caller
// must not modify the slice.
func (r *Row) Columns() []string { return r.names }

// Reset removes all cells, so that the next row can be appended. It keeps up to 16 MiB
// of memory for the copies of bytes and JSON text.
func (r *Row) Reset() {
	if len(r.values) > 0 {
		clear(r.values) // a row must not keep the memory of an earlier row's values alive
	}
	r.n, r.bytes, r.times, r.values = 0, r.bytes[:0], r.times[:0], r.values[:0]
	if cap(r.bytes) > keptBytes {
		r.bytes = nil
		clear(r.cells) // their texts are parts of it
	}
}

// appendNumber appends a cell that has no text. It does not clear the text that the
// cell had in an earlier row, because writing a pointer costs more than the number.
func (r *Row) appendNumber(kind rowCellKind, v uint64) {
	if r.n < len(r.cells) {
		c := &r.cells[r.n]
		c.kind, c.number = kind, v
	}
	r.n++
}

// appendText appends a cell whose value is a text.
func (r *Row) appendText(kind rowCellKind, v string) {
	if r.n < len(r.cells) {
		c := &r.cells[r.n]
		c.kind, c.text = kind, v
	}
	r.n++
}

// appendBytes appends a cell that consists of a copy of v.
func (r *Row) appendBytes(kind rowCellKind, v []byte) {
	start := len(r.bytes)
	r.bytes = append(r.bytes, v...)
	r.appendText(kind, view(r.bytes[start:]))
}

// Null appends a null.
func (r *Row) Null() { r.appendText(nullCell, "") }

// Omit leaves the column out of the row. In a whole row, it is null at the
// destination. In an update, it does not change.
func (r *Row) Omit() { r.appendText(omittedCell, "") }

// Bool appends a bool.
func (r *Row) Bool(v bool) {
	n := uint64(0)
	if v {
		n = 1
	}
	r.appendNumber(boolCell, n)
}

// Int appends an integer.
func (r *Row) Int(v int64) { r.appendNumber(intCell, uint64(v)) }

// Uint appends an integer that is not negative.
func (r *Row) Uint(v uint64) { r.appendNumber(uintCell, v) }

// Float appends a float64.
func (r *Row) Float(v float64) { r.appendNumber(floatCell, math.Float64bits(v)) }

// Text appends a string. Which strings fit depends on the type of the column. A
// string of digits, for example, fits a DECIMAL but not a LONG.
func (r *Row) Text(v string) { r.appendText(textCell, v) }

// Decimal appends a decimal number, or a null if v is empty.
func (r *Row) Decimal(v Decimal) { r.appendText(decimalCell, string(v)) }

// Time appends a time.
func (r *Row) Time(v time.Time) {
	r.appendNumber(timeCell, uint64(len(r.times)))
	r.times = append(r.times, v)
}

// Bytes appends binary data, or text for a STRING or XML column. It appends a null
// if v is nil. It copies v.
func (r *Row) Bytes(v []byte) {
	if v == nil {
		r.Null()
		return
	}
	r.appendBytes(bytesCell, v)
}

// JSON appends a value of any kind that is given as JSON text, or a null if v is
// empty. It copies v.
func (r *Row) JSON(v []byte) { r.appendBytes(jsonCell, v) }

// Value appends a value of any Go type that fits the column, such as one that a
// database driver returns as an any. A nil is a null. The row retains v until it
// is reset.
func (r *Row) Value(v any) {
	r.appendNumber(valueCell, uint64(len(r.values)))
	r.values = append(r.values, v)
}

// bind sets cellOf for an encoder.
func (r *Row) bind(e *Encoder) error {
	if r.table == nil || r.table.Name != e.table.Name || r.table.Schema != "" && r.table.Schema != e.table.Schema {
		got := "a row of no table"
		if r.table != nil {
			got = "a row of table " + r.table.String()
		}
		return e.rowError(got, "make a row of each table with NewRow")
	}
	cellOf := make([]int, len(e.columns))
	for i := range cellOf {
		cellOf[i] = -1
	}
	for i, name := range r.names {
		c := e.byName[name]
		if c == nil {
			return e.columnError(name, "a cell", "the table has been declared without the column since NewRow")
		}
		cellOf[c.position] = i
	}
	r.encoder, r.cellOf = e, cellOf
	return nil
}

// complete returns an error unless r has one cell for each of its columns.
func (r *Row) complete(e *Encoder) error {
	switch want := len(r.names); {
	case r.n > want:
		return e.rowError(fmt.Sprintf("%d cells", r.n), fmt.Sprintf("the row has %d columns: append one cell for each of them (see NewRow), and call Reset before the first cell of each row", want))
	case r.n < want:
		return e.columnError(r.names[r.n], "no cell", fmt.Sprintf("the row has %d of its %d cells: append one for each column, or Omit it", r.n, want))
	}
	return nil
}

// cellRow appends the columns of a row of cells in the order of their declaration.
func (e *Encoder) cellRow(w *rowWriter, r *Row, form Form) error {
	if r.encoder != e {
		if err := r.bind(e); err != nil {
			return err
		}
	}
	if err := r.complete(e); err != nil {
		return err
	}
	open := len(w.b)
	for i, c := range e.columns {
		var cell *rowCell
		if at := r.cellOf[i]; at >= 0 {
			cell = &r.cells[at]
		}
		if cell == nil || cell.kind == omittedCell {
			if c.PrimaryKey {
				return e.missingKey(c.Name)
			}
			continue
		}
		if c.drop || form == Keys && !c.PrimaryKey {
			continue
		}
		b := c.member.append(w.b)
		if b, ok := r.appendPlain(b, cell, &c.plain); ok {
			w.b = b
			continue
		}
		w.b = b
		start := len(w.b)
		if err := r.writeCell(w, cell, c.Type); err != nil {
			return e.valueError(c.Name, c.Type, err)
		}
		if w.notes != 0 || c.checked {
			if err := e.settle(w, c, "", start, "a cell"); err != nil {
				return err
			}
		}
	}
	w.closeObject(open)
	return nil
}
