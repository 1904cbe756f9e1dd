package schema

import (
	"fmt"
	"strings"
)

// A RowError says that a row does not fit its table. It names table, column
// and the value's type, never the value.
type RowError struct {
	// Table is the table's qualified name, such as "shop.orders".
	Table string
	// Column is the column's name, or "" where the row as a whole is at fault.
	Column string
	// Want is the column's declared type, or 0.
	Want Type
	// Got is the type of the value, in Go's words or in JSON's.
	Got string
	// Problem says what is wrong, or is "" where Want and Got say it.
	Problem string

	err error
}

// Unwrap returns the error of the value's own MarshalText or MarshalJSON, if
// that is why the row does not fit. It is not part of the sentence, because it
// may hold the value.
func (e *RowError) Unwrap() error { return e.err }

// Error returns a sentence such as:
//
//	table shop.orders, column total: want DECIMAL, got bool
func (e *RowError) Error() string {
	var b strings.Builder
	b.WriteString("table " + e.Table)
	if e.Column != "" {
		b.WriteString(", column " + e.Column)
	}
	b.WriteString(": ")
	if e.Want != 0 {
		fmt.Fprintf(&b, "want %v, ", e.Want)
	}
	b.WriteString("got " + e.Got)
	if e.Problem != "" {
		b.WriteString(": " + e.Problem)
	}
	return b.String()
}
