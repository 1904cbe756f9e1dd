// Package schema describes the tables of a source, derives them from Go
// structs, and checks and encodes their rows.
//
// # Terminology
//
// A schema is a named set of tables. A table has a name, columns and optionally
// a primary key. A column has a name and a [Type]. A row is one record of a
// table. A cell is the value of one column in one row.
//
// # Example
//
// A connector whose rows are Go structs declares its tables in one call. The
// struct that the source's JSON is decoded into is also the declaration of the
// columns:
//
//	type Order struct {
//		ID        int64          `json:"id" schema:"primary_key"`
//		Total     schema.Decimal `json:"total" schema:"precision=12,scale=2"`
//		UpdatedAt time.Time      `json:"updated_at"`
//		Tags      []string       `json:"tags"`
//	}
//
//	func (c *Connector) Schema(context.Context) (schema.Schema, error) {
//		return schema.New("shop", schema.TableOf[Order]("orders"))
//	}
//
// The table has the columns id (LONG, the primary key), total (DECIMAL),
// updated_at (UTC_DATETIME) and tags (JSON). A row of it in canonical form is:
//
//	{"id":7,"total":"19.90","updated_at":"2026-01-02T03:04:05Z","tags":["gift"]}
//
// # Tables
//
// [TableOf] derives a table from a struct. A [Table] literal declares each
// column explicitly, for tables that are only known at run time. [New]
// validates tables and combines them into a [Schema]. A source with several
// schemas, such as a database, calls New for each and combines the results with
// [Join].
//
// A table can be looked up by its own name, such as "orders", and by its
// qualified name, such as "shop.orders". If two tables have the same name, a
// lookup of that name fails (see [Names]).
//
// # Columns of a struct
//
// Each exported field of the struct is a column. The column's name is the name
// in the field's json tag. If the tag has none, it is the name of the field.
//
// The fields of embedded structs are also columns. If several fields have the
// same column name, Go's rules for embedded structs decide which one is the
// column.
//
// Fields tagged `json:"-"` or `schema:"-"` are not columns. Use the latter for
// a field that should be decoded but belongs to another table.
//
// By default, the type of the field determines the type of the column:
//
//	bool                            BOOLEAN
//	int8, uint8, int16              SHORT
//	uint16, int32                   INT
//	int, int64, uint32, uint,
//	uint64                          LONG (a value of more than 63 bits is an error)
//	float32                         FLOAT
//	float64                         DOUBLE (15 digits; money is a Decimal)
//	Decimal, json.Number, big.Int   DECIMAL
//	time.Time, TimeValuer           UTC_DATETIME
//	[]byte                          BINARY
//	string                          STRING
//	a type with MarshalText         STRING, or DECIMAL if the name of the type
//	                                ends in Decimal, as in widely used libraries
//	a type with MarshalJSON only,
//	structs, maps, slices, any      JSON
//
// Only slices of uint8 are BINARY. If the element type has a MarshalText or
// MarshalJSON method, the slice is JSON.
//
// A pointer to one of these types is a nullable column of the same type. So are
// the types of database/sql, such as sql.Null[int64] and sql.NullString.
//
// A type of another package is a time if it implements [TimeValuer], as the type
// Time of package transport/value does. A defined type such as "type T time.Time"
// without methods of its own is also a time, and so is a struct that consists of
// an embedded time.Time. The zero value of these types is null.
//
// The schema tag has options, separated by commas:
//
//	primary_key           the column is part of the primary key
//	type=NAIVE_DATE       the column has this type instead of the default; the
//	                      field's type must fit it
//	precision=12,scale=2  the total digits and the digits after the point of a
//	                      DECIMAL; a number with more digits is an error
//	nullable              rows may have a null, or may omit the column
//	description=…         text for people; it must be the last option and may
//	                      contain commas
//
// # Rows
//
// A row is a struct, a pointer to a struct, a map with string keys, a []byte of
// raw JSON, or a [*Row]. An [Encoder] checks the row against its table and returns its
// canonical form, which is a JSON object on a single line. The columns have
// these forms:
//
//	SHORT, INT, LONG    a number with all of its digits, without a fraction or an
//	                    exponent: 5.0 becomes 5, and 5e3 becomes 5000
//	FLOAT, DOUBLE       a number; a Go float has the fewest digits that represent
//	                    it, and a json.Number or number in raw JSON keeps its
//	                    digits
//	DECIMAL             a string with the digits that the source sent
//	UTC_DATETIME        a string in the format of RFC 3339, in UTC, ending in Z;
//	                    the digits of a fraction do not change
//	NAIVE_DATETIME      the same, without a zone
//	NAIVE_DATE          a string such as "2006-01-02"
//	BINARY              a string in standard base64 with padding
//	                    (RFC 4648, section 4)
//	JSON                the value itself, nested
//	STRING, XML         a string
//	BOOLEAN             true or false
//
// If a row does not fit its table, the error is a [*RowError]. A null fits every
// column except those of the primary key.
//
// A zero [time.Time] is null, also within nested JSON: it is the value of a field
// that was never set. Otherwise, nested JSON has the form that encoding/json gives
// it, except that a type of database/sql is its value or null, and that a type
// that has a time but no marshaling method is that time.
//
// Columns that the table does not declare are also part of the canonical form.
// Their form is that of the type that TableOf derives from the Go type of the
// value, except that a json.Number in a map remains a number. In raw JSON, their values
// do not change.
//
// The same row always has the same canonical form. Structs, maps and a [*Row] have
// their columns in the order of the declaration. The undeclared columns of a map
// follow, sorted by name. The columns of raw JSON keep their order.
//
// # Values that are refused
//
// The following values do not fit, because a destination would receive other
// ones:
//
//   - A DECIMAL with a precision and scale has at most precision-scale digits
//     before the decimal point and scale digits after it. Leading zeros, and
//     trailing zeros of the fraction, do not count. 1e3 has four digits.
//   - A float does not fit a DECIMAL. An integer of 2^53 or more in a float64, or
//     of 2^24 or more in a float32, does not fit a LONG, JSON or undeclared
//     column: it may have been another number before it was converted. Decode
//     numbers as int64, json.Number (see [encoding/json.Decoder.UseNumber]) or
//     json.RawMessage. DOUBLE and FLOAT columns accept every finite float. The
//     digits that a MarshalJSON method returns are not checked: they may come
//     from a number that is exact.
//   - Hexadecimal text does not fit a BINARY column. Most of it is also valid
//     base64, of other bytes. Text of 16 or more hexadecimal digits is refused,
//     unless the column already had text that can only be base64. Text of 32 or
//     more is always refused. Shorter text is refused once the column has had
//     32 digits in different texts and no other text, and until then,
//     [Encoder.Hexadecimal] counts the rows. Text that is mainly the character A,
//     the base64 of zero bytes, is accepted. So is every []byte.
//   - JSON text in a []byte, as drivers of databases return it, does not fit a JSON column,
//     which would receive base64. Pass it as a json.RawMessage, or to [Row.JSON]. Any other
//     []byte is delivered as base64.
//   - NaN, infinities, numbers out of range and years that RFC 3339 cannot
//     represent do not fit any column. By default, they are errors. A table can
//     have them delivered as null instead (see [Unfit]).
//
// # Names of undeclared columns
//
// Most destinations ignore the case of column names. So a row must not have an
// undeclared column whose name differs only in case from a column that the table
// declares or from another column of the row. The name must be valid, as that of
// a declared column (see [Table.Validate]), and raw JSON must not have a column
// twice. Columns that are not delivered, because they are dropped or the form is
// [Keys], are only checked for being there twice.
//
// If two undeclared columns whose names differ only in case are in different
// rows, both rows are delivered, and [Encoder.Respelled] returns the names.
//
// # Omitted columns
//
// A field tagged omitempty or omitzero is omitted if its value is empty or
// zero, as defined by encoding/json. In a whole row ([Full]), an omitted column
// is null at the destination. In an update ([Partial]), an omitted column does
// not change.
//
// If an embedded pointer to a struct is nil, its columns are null in a whole
// row and omitted from an update.
//
// # Rows of tables that are known only at run time
//
// A [Row] is for tables whose columns no struct declares, such as those of a
// database. Its values are appended one after the other, in the order of the
// query. It needs no map and no allocation per row.
//
// A [TextConverter] is for records whose values are text, such as the rows of a
// CSV file. It parses them by the types of the columns.
//
// # Text
//
// In values, bytes that are not valid UTF-8 become U+FFFD. So do unpaired
// surrogates in raw JSON. [Encoder.Replaced] counts the affected rows of each
// column.
//
// The separators U+2028 and U+2029 are escaped, because some programs treat
// them as the end of a line.
package schema
