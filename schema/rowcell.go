package schema

import (
	"math"
	"unsafe"
)

// A rowCell is the value of one column of a [Row]. It is small, because a row is
// written cell by cell and read again.
type rowCell struct {
	kind   rowCellKind
	number uint64 // the bits of a bool, an integer or a float, or an index in Row.times or Row.values
	text   string // of text, or the copy of bytes in Row.bytes
}

// A rowCellKind determines which field of a rowCell has its value.
type rowCellKind uint8

const (
	nullCell rowCellKind = iota
	omittedCell
	boolCell
	intCell
	uintCell
	floatCell
	textCell
	decimalCell
	timeCell
	bytesCell
	jsonCell
	valueCell
)

// writeCell appends the value of the cell for a column of type t.
func (r *Row) writeCell(w *rowWriter, c *rowCell, t Type) error {
	switch c.kind {
	case boolCell:
		return w.bool(t, c.number != 0)
	case intCell:
		return w.int(t, int64(c.number))
	case uintCell:
		return w.uint(t, c.number)
	case floatCell:
		return w.float(t, math.Float64frombits(c.number), 64)
	case textCell:
		return w.text(t, c.text)
	case decimalCell:
		return w.decimal(t, c.text)
	case timeCell:
		return w.time(t, r.times[c.number])
	case bytesCell:
		if t == TypeString || t == TypeXML {
			return w.text(t, c.text)
		}
		return w.bytes(t, viewBytes(c.text))
	case jsonCell:
		return w.raw(t, viewBytes(c.text))
	case valueCell:
		return w.value(t, r.values[c.number])
	}
	w.null()
	return nil
}

// viewBytes returns the bytes of s without copying them. They must not be modified.
func viewBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// view returns b as a string without copying it. The string must not be used after
// b has changed. A rowWriter uses a string only while it appends it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
