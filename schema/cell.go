package schema

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Cell is the value of one column of a row that [RowReader.Read] has read.
// Its Kind determines which field has the value. A Cell loses nothing: an
// integer is never converted to a float, and Raw has all digits.
type Cell struct {
	// Name is the name of the column.
	Name string
	// Column is the index of the column in Table.Columns, or -1 if the table
	// does not declare the column.
	Column int
	// Type is the declared type of the column. If the column is not declared,
	// or is declared without a type, it is the type that [Cell.Inferred]
	// returns.
	Type Type
	// Kind determines which of the following fields has the value.
	Kind CellKind
	// Bool is the value of a CellBool.
	Bool bool
	// Int is the value of a CellInt, within the range of the column's type.
	Int int64
	// Float is the value of a CellFloat: the float64 nearest to the digits in
	// Raw, or the nearest float32 if the type is FLOAT.
	Float float64
	// Bytes is the value of a CellText, CellBytes or CellJSON. It is valid
	// until the next call of Read.
	Bytes []byte
	// Raw is the JSON of the value as it is in the row, for a cell of any kind.
	// It shares the memory of the row.
	Raw []byte
}

// A CellKind determines which field of a [Cell] has its value.
type CellKind uint8

const (
	// CellMisfit is a value that does not fit the type of the column. Only Raw
	// has the value. Read returns an error.
	CellMisfit CellKind = iota
	// CellNull is a null.
	CellNull
	// CellBool is a BOOLEAN, in Bool.
	CellBool
	// CellInt is a SHORT, INT or LONG, in Int.
	CellInt
	// CellFloat is a FLOAT or DOUBLE, in Float.
	CellFloat
	// CellText is text, in Bytes: a STRING or XML, the digits of a DECIMAL, or
	// the text of a date or time (see [Cell.Time]).
	CellText
	// CellBytes is a BINARY, decoded from base64, in Bytes.
	CellBytes
	// CellJSON is a JSON value other than null, in Bytes.
	CellJSON
)

// Text returns a copy of Bytes as a string. The copy stays valid after the next
// call of Read.
func (c *Cell) Text() string { return string(c.Bytes) }

// Time returns the value of a NAIVE_DATE, NAIVE_DATETIME or UTC_DATETIME cell.
// The naive types have no zone, and Time returns them in UTC. It discards
// digits of a fraction beyond nanoseconds, which are still in Bytes. Time
// returns an error if the cell is of another type, is null, or does not fit its
// column.
func (c *Cell) Time() (time.Time, error) {
	if c.Kind == CellText {
		if at, ok := parseTime(c.Bytes, c.Type); ok {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("schema: column %s of type %v has no date or time", c.Name, c.Type)
}

// Inferred returns the type that fits the JSON of the value, regardless of the
// column:
//
//   - BOOLEAN for true and false;
//   - STRING for a string;
//   - JSON for an object or array;
//   - LONG for an integer in the range of an int64;
//   - DOUBLE for a number with a fraction or exponent in the range of a
//     float64;
//   - DECIMAL for any other number;
//   - 0 for null, and for a Cell that Read has not returned.
func (c *Cell) Inferred() Type {
	if len(c.Raw) == 0 {
		return 0
	}
	switch c.Raw[0] {
	case 'n':
		return 0
	case 't', 'f':
		return TypeBoolean
	case '"':
		return TypeString
	case '{', '[':
		return TypeJSON
	}
	if bytes.ContainsAny(c.Raw, ".eE") {
		if _, err := strconv.ParseFloat(string(c.Raw), 64); err == nil {
			return TypeDouble
		}
		return TypeDecimal
	}
	if _, err := strconv.ParseInt(string(c.Raw), 10, 64); err == nil {
		return TypeLong
	}
	return TypeDecimal
}

// setInt sets the value of an integer cell from Raw. If the value does not fit
// the cell's type, it returns the reason, unless the types already give it. The
// same is true of the other set methods.
func (c *Cell) setInt() (problem string) {
	if !c.isNumber() {
		return ""
	}
	n, ok := shortInteger(c.Raw)
	if !ok {
		var err error
		if n, err = strconv.ParseInt(string(c.Raw), 10, 64); err != nil {
			n, problem = integerOf(c.Raw)
		}
	}
	switch {
	case problem != "":
		return problem
	case c.Type == TypeShort && (n < math.MinInt16 || n > math.MaxInt16):
		return "it needs more than 16 bits"
	case c.Type == TypeInt && (n < math.MinInt32 || n > math.MaxInt32):
		return "it needs more than 32 bits"
	}
	c.Kind, c.Int = CellInt, n
	return ""
}

// shortInteger returns the value of digits that cannot overflow. It reports false for other
// text.
func shortInteger(text []byte) (n int64, ok bool) {
	if len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// setFloat sets the value of a FLOAT or DOUBLE cell from Raw.
func (c *Cell) setFloat() (problem string) {
	if !c.isNumber() {
		return ""
	}
	bits := 64
	if c.Type == TypeFloat {
		bits = 32
	}
	f, err := strconv.ParseFloat(string(c.Raw), bits)
	if err != nil {
		return "it is out of the range of a " + strconv.Itoa(bits) + "-bit float"
	}
	c.Kind, c.Float = CellFloat, f
	return ""
}

// setDecimal sets the value of a DECIMAL cell from Raw, or from the text of Raw
// if that is a string. The argument text is nil if it is not.
func (c *Cell) setDecimal(text []byte) (problem string) {
	switch {
	case c.isNumber():
		c.Kind, c.Bytes = CellText, c.Raw
	case text == nil:
	case isDecimal(text):
		c.Kind, c.Bytes = CellText, text
	default:
		return "it is not a decimal number"
	}
	return ""
}

// setTime sets the value of a date or time cell from the text of Raw. The argument text is
// nil if Raw is not a string.
func (c *Cell) setTime(text []byte) (problem string) {
	if text == nil {
		return ""
	}
	if !isCanonicalTime(view(text), c.Type) {
		if _, ok := parseTime(text, c.Type); !ok {
			return "it is not a date or time of this type"
		}
	}
	c.Kind, c.Bytes = CellText, text
	return ""
}

func (c *Cell) isNumber() bool { return c.Raw[0] == '-' || isDigit(c.Raw[0]) }
