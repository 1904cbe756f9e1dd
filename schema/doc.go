// Package schema describes the tables of a source, derives them from Go
// structs, and says whether a row fits.
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
// # Tables
//
// [TableOf] derives a table from a struct, a [Table] literal spells it out
// column by column, and [New] puts tables together and checks them. A source
// with several schemas, such as a database, makes one of each and joins them
// with [Join]. [Names] finds a table by the name that an author calls it, and
// refuses a name that two tables have.
//
// # Fields and columns
//
// Each exported field of the struct is a column. Its name is the one in the
// json tag, or the field's own. Fields of embedded structs are columns too, by
// Go's rules of which field hides which. A field that is tagged `json:"-"` or
// `schema:"-"` is none: the first keeps it from the decoder as well, the
// second serves a field that is read but belongs to another table.
//
// The field's type decides the column's:
//
//	bool                            BOOLEAN
//	int8, uint8, int16              SHORT
//	uint16, int32                   INT
//	int, int64, uint32, uint,
//	uint64                          LONG (a value above 63 bits is an error)
//	float32                         FLOAT
//	float64                         DOUBLE
//	Decimal, json.Number, big.Int   DECIMAL
//	time.Time                       UTC_DATETIME
//	[]byte                          BINARY
//	string                          STRING
//	a type with MarshalText         STRING, or DECIMAL where the type's name
//	                                ends in Decimal, as in the usual libraries
//	a type with MarshalJSON only,
//	structs, maps, slices, any      JSON
//
// Bytes are slices of uint8; a slice whose elements have a text of their own is
// JSON.
//
// A pointer to one of these, sql.Null of one, and the older sql.NullString and
// its like are columns of the same type that may be null.
//
// The schema tag adds to this, with options that are separated by commas:
//
//	primary_key           the column is part of the primary key
//	type=NAIVE_DATE       a type other than the one above; it has to fit
//	precision=12,scale=2  of a DECIMAL
//	nullable              rows may hold a null, or leave the column out
//	description=…         for people; the last option, it may hold commas
//
// # Rows
//
// A row is a struct, a pointer to one, a map with string keys, or raw JSON as
// a []byte. An [Encoder] checks it against its table and gives it its
// canonical form, one JSON object on one line:
//
//	SHORT, INT, LONG    a number with every digit
//	FLOAT, DOUBLE       a number, the shortest that reads back equal, or the
//	                    digits of a number that comes as digits; NaN, the
//	                    infinities and what is out of range are errors
//	DECIMAL             a string with the digits as the source gave them
//	UTC_DATETIME        a string in the format of RFC 3339, in UTC, with a Z;
//	                    the digits of a fraction stay as they are
//	NAIVE_DATETIME      the same without zone
//	NAIVE_DATE          a string such as "2006-01-02"
//	BINARY              a string in standard base64 with padding
//	JSON                the value, nested
//	STRING, XML         a string
//
// A null fits every column but the primary key's. Columns that the table does
// not declare are delivered, in the form of the type that the value's own Go
// type stands for. Columns come in the order of declaration for structs and
// maps, the undeclared ones of a map after them by name, and in the row's own
// order for raw JSON: the same row gives the same bytes.
//
// A field tagged omitempty or omitzero is left out where it is empty or zero.
// In a whole row that makes the column null at the destination; in an update
// it leaves the column as it is.
//
// A nil pointer to an embedded struct says nothing of its columns: they are null
// in a whole row and left out of an update.
//
// Bytes that are not UTF-8, and halves of surrogate pairs in raw JSON, become
// U+FFFD and are counted for each column ([Encoder.Replaced]). The separators
// U+2028 and U+2029 are escaped, because some readers take them for the end of
// a line. Anything else that does not fit is a [*RowError].
package schema
