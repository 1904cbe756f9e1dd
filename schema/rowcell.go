package schema

import (
	"math"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// A rowCell is the value of one column of a [Row].
type rowCell struct {
	kind       rowCellKind
	number     uint64 // the bits of a bool, an integer or a float
	text       string
	start, end int // of a copy in Row.bytes
	at         time.Time
	value      any
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

// write appends the value for a column of type t. Copies holds Row.bytes.
func (c *rowCell) write(w *rowWriter, t Type, copies []byte) error {
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
		return w.time(t, c.at)
	case bytesCell:
		b := copies[c.start:c.end]
		if t == TypeString || t == TypeXML {
			return w.text(t, view(b))
		}
		return w.bytes(t, b)
	case jsonCell:
		return w.raw(t, jsontext.Value(copies[c.start:c.end]))
	case valueCell:
		return w.value(t, c.value)
	}
	w.null()
	return nil
}

// view returns b as a string without copying it. The string must not be used after
// b has changed. A rowWriter uses a string only while it appends it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
