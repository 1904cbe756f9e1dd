package schema

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Cell is one value of a canonical row, as [RowReader.Read] returns it. Kind
// says which of the fields holds the value. Nothing is lost on the way: an
// integer never passes through a float, and Raw has every digit.
type Cell struct {
	// Name is the column's name.
	Name string
	// Column is the column's position in Table.Columns, or -1 for a column that
	// the table does not declare.
	Column int
	// Type is the declared type of the column. For a column that is not declared,
	// or declared without a type, it is the one of [Cell.Inferred].
	Type Type
	// Kind says what the value is to Go.
	Kind CellKind
	// Bool is the value of a CellBool.
	Bool bool
	// Int is the value of a CellInt, within the range of the column's type.
	Int int64
	// Float is the value of a CellFloat: the number that is nearest to the digits
	// in Raw. For a FLOAT it is the nearest float32.
	Float float64
	// Bytes is the value of a CellText, a CellBytes and a CellJSON. It is valid
	// until the reader's next Read, as Raw is.
	Bytes []byte
	// Raw is the value's JSON as the row has it, whatever the kind. Part of the
	// row, it changes with it.
	Raw []byte
}

// A CellKind says which field of a [Cell] holds its value.
type CellKind uint8

const (
	// CellMisfit is a value that does not fit the column's type. Read reports it;
	// only Raw has it.
	CellMisfit CellKind = iota
	// CellNull is a null.
	CellNull
	// CellBool is a BOOLEAN, in Bool.
	CellBool
	// CellInt is a SHORT, INT or LONG, in Int.
	CellInt
	// CellFloat is a FLOAT or DOUBLE, in Float.
	CellFloat
	// CellText is text, in Bytes: a STRING or XML, the digits of a DECIMAL, or a
	// date or time as the row spells it (see [Cell.Time]).
	CellText
	// CellBytes is a BINARY, in Bytes, decoded.
	CellBytes
	// CellJSON is a JSON value of any kind but null, in Bytes.
	CellJSON
)

// Text returns a copy of Bytes that outlives the next Read.
func (c *Cell) Text() string { return string(c.Bytes) }

// Time returns the value of a NAIVE_DATE, NAIVE_DATETIME or UTC_DATETIME. The
// naive types, which have no zone, are returned in UTC. Digits of a fraction
// beyond the nanosecond are cut off: Bytes has them. It returns an error for a
// cell of another type, and for a null.
func (c *Cell) Time() (time.Time, error) {
	if c.Kind == CellText {
		if at, ok := parseTime(c.Bytes, c.Type); ok {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("schema: column %s of type %v holds no date or time", c.Name, c.Type)
}

// Inferred returns the type that fits the value if nothing is known but its
// JSON: BOOLEAN, STRING, JSON for objects and arrays, LONG for integers in its
// range, DOUBLE for numbers with a fraction or an exponent in its range, DECIMAL
// for other numbers, and 0 for null.
func (c *Cell) Inferred() Type {
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
	n, err := strconv.ParseInt(string(c.Raw), 10, 64)
	switch {
	case err != nil:
		return "it is not a 64-bit integer"
	case c.Type == TypeShort && (n < math.MinInt16 || n > math.MaxInt16):
		return "it needs more than 16 bits"
	case c.Type == TypeInt && (n < math.MinInt32 || n > math.MaxInt32):
		return "it needs more than 32 bits"
	}
	c.Kind, c.Int = CellInt, n
	return ""
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
		return "it is out of the range of " + strconv.Itoa(bits) + " bits"
	}
	c.Kind, c.Float = CellFloat, f
	return ""
}

// setDecimal sets the value of a DECIMAL cell from Raw, or from the text of Raw
// if that is a string. Text is nil if it is not.
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

// setTime sets the value of a date or time cell from the text of Raw. Text is
// nil if Raw is not a string.
func (c *Cell) setTime(text []byte) (problem string) {
	if text == nil {
		return ""
	}
	if !isCommonTime(text, c.Type) {
		if _, ok := parseTime(text, c.Type); !ok {
			return "it is not a date or time of this type"
		}
	}
	c.Kind, c.Bytes = CellText, text
	return ""
}

func (c *Cell) isNumber() bool { return c.Raw[0] == '-' || isDigit(c.Raw[0]) }
