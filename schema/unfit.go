package schema

import "strconv"

// Unfit is what an [Encoder] does with a value of the right kind that the type
// of its column, or JSON, cannot hold:
//
//   - NaN and the infinities, also as the text of a DECIMAL, FLOAT or DOUBLE,
//     or of a date;
//   - a number out of the range of its column, such as a uint64 of more than
//     63 bits in a LONG column;
//   - a number with a fraction in a SHORT, INT or LONG column;
//   - a DECIMAL with more digits than its precision and scale allow;
//   - a year before 0 or after 9999.
//
// A value of the wrong kind, such as a bool in a LONG column, is always an
// error. So is a float that has lost digits, because the connector can decode
// the number without loss.
type Unfit uint8

const (
	// RefuseUnfit makes the value an error. It is the default.
	RefuseUnfit Unfit = iota
	// NullUnfit replaces the value by null, and [Encoder.Nulled] counts the
	// row. Within nested JSON, only the value itself becomes null. In a column
	// of the primary key, the value is an error.
	NullUnfit
)

// String returns the name of the constant, such as "NullUnfit".
func (u Unfit) String() string {
	switch u {
	case RefuseUnfit:
		return "RefuseUnfit"
	case NullUnfit:
		return "NullUnfit"
	}
	return "Unfit(" + strconv.Itoa(int(u)) + ")"
}
