package schema

import (
	"bytes"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A rawReader turns rows that are raw JSON into their canonical form. It reads
// one row at a time and is reused.
type rawReader struct {
	encoder *Encoder
	src     bytes.Buffer
	dec     *jsontext.Decoder

	// About the current row:
	flawed bool              // it may contain text that has to be repaired
	seen   []bool            // which declared columns it has had so far
	name   []byte            // the name of the current column
	other  *undeclaredColumn // the current column, if it is not declared
	broken bool              // the name of the current column is not text
}

func newRawReader(e *Encoder) *rawReader {
	r := &rawReader{encoder: e, seen: make([]bool, len(e.columns))}
	r.dec = jsontext.NewDecoder(&r.src)
	return r
}

// write appends the canonical form of the row to w.
func (r *rawReader) write(w *rowWriter, row []byte, form Form) error {
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
	r.dec.Reset(&r.src, rawOptions...)
	clear(r.seen)
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
	var duplicate bool
	if c != nil {
		duplicate, r.seen[c.position] = r.seen[c.position], true
	} else {
		r.other, duplicate = w.undeclared.mark(r.name)
	}
	if duplicate {
		return nil, r.encoder.columnError(c.name(string(r.name)), "raw JSON", duplicateColumn)
	}
	return c, nil
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
	undeclared := ""
	if r.broken {
		return r.encoder.columnError(string(r.name), "raw JSON", "the name of the column is not valid UTF-8")
	}
	if c != nil {
		w.b = append(w.b, c.quoted...)
	} else {
		undeclared = r.other.name
		if problem := w.undeclared.deliver(r.other, r.encoder); problem != "" {
			return r.encoder.columnError(undeclared, "raw JSON", problem)
		}
		w.b = append(w.b, r.other.quoted...)
	}
	start := len(w.b)
	v, err := r.dec.ReadValue()
	if err != nil {
		return r.invalid()
	}
	if err := w.validRaw(c.typ(), v, r.flawed); err != nil {
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
	for i, c := range r.encoder.columns {
		if c.PrimaryKey && !r.seen[i] {
			return r.encoder.missingKey(c.Name)
		}
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return r.encoder.rowError("raw JSON", "there is more text after the row's object")
	}
	return nil
}

func (r *rawReader) invalid() error { return r.encoder.rowError("raw JSON", invalidRow) }
