package schema

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A rawReader turns rows that are raw JSON into their canonical form. It reads
// one row at a time and is reused. Most rows have an index, which takes one pass
// over the row. A decoder reads the other ones: those that are not valid JSON, and
// those whose text must be repaired.
type rawReader struct {
	encoder *Encoder
	index   rawIndex
	order   []*encoderColumn // the columns of an earlier row in its order, nil for one that is not declared
	src     bytes.Buffer
	dec     *jsontext.Decoder // nil until a row has no index

	// About the current row:
	flawed bool              // it may contain text that has to be repaired
	row    uint64            // its number
	seen   []uint64          // for each declared column, the last row that had it
	name   []byte            // the name of the current column
	other  *undeclaredColumn // the current column, if it is not declared
	broken bool              // the name of the current column is not text
}

func newRawReader(e *Encoder) *rawReader {
	return &rawReader{encoder: e, seen: make([]uint64, len(e.columns))}
}

// write appends the canonical form of the row to w.
func (r *rawReader) write(w *rowWriter, row []byte, form Form) error {
	r.row++
	s, open := view(row), len(w.b)
	w.b = append(w.b, '{')
	var plain plainMembers
	if form != Keys {
		if plain = r.writePlain(w, s); plain.isWhole(s) {
			plain.flush(w, s)
			w.b = append(w.b, '}')
			return r.complete()
		}
	}
	if !plain.flawed && r.index.read(s, r.order, plain) {
		return r.writeIndexed(w, row, plain, form)
	}
	w.b = w.b[:open]
	return r.decode(w, row, form)
}

// writeIndexed appends the members of the index.
func (r *rawReader) writeIndexed(w *rowWriter, row []byte, plain plainMembers, form Form) error {
	r.broken = false
	s := view(row)
	for i := range r.index.members {
		m := &r.index.members[i]
		c := m.column
		if c != nil && r.seen[c.position] != r.row {
			r.seen[c.position] = r.row
		} else {
			var err error
			if c, err = r.indexedColumn(w, row, m, plain.n+i); err != nil {
				return err
			}
		}
		if form == Keys && !c.isKey() || r.drops(c) {
			continue
		}
		if m.isAsIs(row) {
			plain.add(w, s, m.name, m.valueEnd)
			continue
		}
		plain.flush(w, s)
		plain.comma(w)
		undeclared, err := r.writeName(w, c)
		if err != nil {
			return err
		}
		if err := r.writeValue(w, c, undeclared, row[m.value:m.valueEnd], m.flags); err != nil {
			return err
		}
	}
	plain.flush(w, s)
	w.b = append(w.b, '}')
	return r.complete()
}

// isAsIs reports whether the member has its canonical form in the row and its column
// allows each value of that form.
func (m *rawMember) isAsIs(row []byte) bool {
	c := m.column
	return c != nil && !c.checked && m.value == m.name+len(c.quoted) && isCanonical(c.Type, row[m.value:m.valueEnd], m.flags)
}

// indexedColumn returns the column of the member i of the row. It remembers the column
// in r.order, because most rows have the same columns in the same order.
func (r *rawReader) indexedColumn(w *rowWriter, row []byte, m *rawMember, i int) (*encoderColumn, error) {
	if m.column != nil {
		return m.column, r.mark(w, m.column, nil)
	}
	name := row[m.name+1 : m.nameEnd-1]
	if m.escapedName {
		var err error
		if r.name, err = jsontext.AppendUnquote(r.name[:0], row[m.name:m.nameEnd]); err != nil {
			return nil, r.invalid()
		}
		name = r.name
	}
	c := r.encoder.byName[string(name)]
	for len(r.order) <= i && i < keptMembers {
		r.order = append(r.order, nil)
	}
	if i < len(r.order) {
		r.order[i] = c
	}
	return c, r.mark(w, c, name)
}

// decode is like write for any row.
func (r *rawReader) decode(w *rowWriter, row []byte, form Form) error {
	defer func() { r.src = bytes.Buffer{} }() // a pooled reader must not keep the row's memory alive
	if err := r.begin(row); err != nil {
		return err
	}
	w.b = append(w.b, '{')
	for first := true; r.dec.PeekKind() != '}'; {
		c, err := r.readName(w)
		if err != nil {
			return err
		}
		if form == Keys && !c.isKey() || r.drops(c) {
			if err := r.dec.SkipValue(); err != nil {
				return r.invalid()
			}
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		if err := r.writeMember(w, c); err != nil {
			return err
		}
	}
	w.b = append(w.b, '}')
	return r.end()
}

// begin reads the opening brace of a row.
func (r *rawReader) begin(row []byte) error {
	r.src = *bytes.NewBuffer(row)
	if r.dec == nil {
		r.dec = jsontext.NewDecoder(&r.src)
	}
	r.dec.Reset(&r.src, rawOptions...)
	r.row++ // the row had no members so far
	if r.dec.PeekKind() != '{' {
		if !jsontext.Value(row).IsValid(rawOptions...) {
			return r.invalid()
		}
		return r.encoder.rowError(kindOfJSON(row), wantObject)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.invalid()
	}
	r.flawed = hasFlaws(row)
	return nil
}

// readName reads the name of a column into r.name and returns the column.
func (r *rawReader) readName(w *rowWriter) (*encoderColumn, error) {
	quoted, err := r.dec.ReadValue()
	if err != nil {
		return nil, r.invalid()
	}
	if r.name, err = jsontext.AppendUnquote(r.name[:0], quoted); err != nil {
		if !r.flawed {
			return nil, r.invalid()
		}
	}
	r.broken = err != nil
	c := r.encoder.byName[string(r.name)]
	return c, r.mark(w, c, r.name)
}

// mark records that the row has the column c of the given name. It returns an error
// if the row had the column before.
func (r *rawReader) mark(w *rowWriter, c *encoderColumn, name []byte) error {
	var duplicate bool
	if c != nil {
		duplicate, r.seen[c.position] = r.seen[c.position] == r.row, r.row
	} else {
		r.other, duplicate = w.undeclared.mark(name)
	}
	if duplicate {
		return r.encoder.columnError(c.name(string(name)), "raw JSON", duplicateColumn)
	}
	return nil
}

// drops reports whether the column c, named r.name, is omitted.
func (r *rawReader) drops(c *encoderColumn) bool {
	if c != nil {
		return c.drop
	}
	return r.encoder.drop(r.other.name)
}

// writeMember reads the value of the column c, named r.name, and appends the
// column's name and value.
func (r *rawReader) writeMember(w *rowWriter, c *encoderColumn) error {
	undeclared, err := r.writeName(w, c)
	if err != nil {
		return err
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		return r.invalid()
	}
	flags := mayHaveEscapes | mayHaveLines
	if r.flawed {
		flags |= mayHaveFlaws
	}
	return r.writeValue(w, c, undeclared, v, flags)
}

// writeName appends the name of the column c, or of r.other if c is nil. It also
// returns the name of an undeclared column.
func (r *rawReader) writeName(w *rowWriter, c *encoderColumn) (undeclared string, err error) {
	switch {
	case r.broken:
		return "", r.encoder.columnError(string(r.name), "raw JSON", "the name of the column is not valid UTF-8")
	case c != nil:
		w.b = append(w.b, c.quoted...)
		return "", nil
	}
	undeclared = r.other.name
	if problem := w.undeclared.deliver(r.other, r.encoder); problem != "" {
		return "", r.encoder.columnError(undeclared, "raw JSON", problem)
	}
	w.b = append(w.b, r.other.quoted...)
	return undeclared, nil
}

// writeValue appends a value of the column c.
func (r *rawReader) writeValue(w *rowWriter, c *encoderColumn, undeclared string, v jsontext.Value, flags rawFlags) error {
	start := len(w.b)
	if err := w.validRaw(c.typ(), v, flags); err != nil {
		return r.encoder.valueError(c.name(undeclared), c.typ(), err)
	}
	if w.notes != 0 || c != nil && c.checked {
		return r.encoder.settle(w, c, undeclared, start, kindOfJSON(v))
	}
	return nil
}

// end reads the closing brace of the row. It reports a missing part of the
// primary key, and anything after the row.
func (r *rawReader) end() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return r.invalid()
	}
	if err := r.complete(); err != nil {
		return err
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return r.encoder.rowError("raw JSON", "there is more text after the row's object")
	}
	return nil
}

// complete returns an error if the row omits a part of the primary key.
func (r *rawReader) complete() error {
	for _, c := range r.encoder.keys {
		if r.seen[c.position] != r.row {
			return r.encoder.missingKey(c.Name)
		}
	}
	return nil
}

func (r *rawReader) invalid() error { return r.encoder.rowError("raw JSON", invalidRow) }
