package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// A RowError reports a row that does not fit its table. It names the table, the
// column and the type of the value, never the value itself. Only the error of a
// [TextConverter] quotes the beginning of the text.
type RowError struct {
	// Table is the table's qualified name, such as "shop.orders".
	Table string
	// Column is the column's name, or "" if the error is about the row as a
	// whole.
	Column string
	// Want is the declared type of the column, or 0 if the column is not
	// declared or the error is not about its type.
	Want Type
	// Got is the type of the value, as a Go type such as "float64" or as a kind
	// of JSON value such as "number".
	Got string
	// Problem is the reason why the value does not fit. It is "" if Want and
	// Got are the reason.
	Problem string
	// Path is the JSON Pointer (RFC 6901) of the value if it is within the
	// nested value of a JSON column, such as "/items/0/price". It may be
	// shortened. Otherwise, it is "".
	Path string

	err error
}

// Problems that an Encoder and a RowReader both report.
const (
	invalidRow      = "the row is not valid JSON"
	wantObject      = "a raw JSON row must be an object"
	duplicateColumn = "the row has the column twice"
)

// Unwrap returns the error of the value's MarshalText or MarshalJSON method, or
// nil if no such method failed. The text of the RowError does not include it
// because it may contain the value.
func (e *RowError) Unwrap() error { return e.err }

// Error returns a sentence such as:
//
//	table shop.orders, column total: want DECIMAL, got bool
func (e *RowError) Error() string {
	var b strings.Builder
	b.WriteString("table " + e.Table)
	if e.Column != "" {
		b.WriteString(", column " + printable(e.Column))
	}
	b.WriteString(": ")
	if e.Want != 0 {
		fmt.Fprintf(&b, "want %v, ", e.Want)
	}
	b.WriteString("got " + e.Got)
	if e.Path != "" {
		b.WriteString(" at " + printable(e.Path))
	}
	if e.Problem != "" {
		b.WriteString(": " + e.Problem)
	}
	return b.String()
}

// maxName limits the length in bytes of a name in an error. The source
// determines the names of undeclared columns.
const maxName = 200

// excerpt returns the name, shortened if it is long.
func excerpt(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "") + "…"
}

// printable returns the name for an error. It quotes a name that is not valid.
func printable(name string) string {
	name = excerpt(name)
	if nameProblem(name) != "" {
		return strconv.Quote(name)
	}
	return name
}
