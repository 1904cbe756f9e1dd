package schema

import (
	"fmt"
)

// A Type is the type of a column, one of the fourteen that data platforms
// share. The zero Type is no type at all: a declared column needs one.
type Type uint8

// The column types. The comment of each says which Go values fit, beside a
// pointer to such a value or nil for a null. A json.Number and raw JSON fit
// where the digits do.
const (
	// TypeBoolean holds a bool.
	TypeBoolean Type = iota + 1
	// TypeShort holds an integer of 16 bits.
	TypeShort
	// TypeInt holds an integer of 32 bits.
	TypeInt
	// TypeLong holds an integer of 64 bits.
	TypeLong
	// TypeFloat holds a float32, or another number within its range.
	TypeFloat
	// TypeDouble holds a float64, or another number within its range. NaN and
	// the infinities don't fit.
	TypeDouble
	// TypeDecimal holds a number with every digit that the source gave: a
	// [Decimal], an integer, a *big.Int, or a string of digits. Floats do not
	// fit, for their digits are already lost.
	TypeDecimal
	// TypeNaiveDate holds a calendar date: a time.Time, or a string such as
	// "2006-01-02".
	TypeNaiveDate
	// TypeNaiveDatetime holds a date and a time of day in no zone: a
	// time.Time, whose zone is dropped, or a string such as
	// "2006-01-02T15:04:05.999".
	TypeNaiveDatetime
	// TypeUTCDatetime holds an instant: a time.Time, or a string in the format
	// of RFC 3339. It is delivered in UTC.
	TypeUTCDatetime
	// TypeBinary holds a []byte, or a string in standard base64 with padding.
	// Line breaks in the string are left out.
	TypeBinary
	// TypeXML holds a string.
	TypeXML
	// TypeString holds a string, or a value that marshals itself to text.
	TypeString
	// TypeJSON holds any value that has a JSON form: it is delivered nested,
	// never as a string with JSON in it.
	TypeJSON
)

var typeNames = [...]string{
	TypeBoolean:       "BOOLEAN",
	TypeShort:         "SHORT",
	TypeInt:           "INT",
	TypeLong:          "LONG",
	TypeFloat:         "FLOAT",
	TypeDouble:        "DOUBLE",
	TypeDecimal:       "DECIMAL",
	TypeNaiveDate:     "NAIVE_DATE",
	TypeNaiveDatetime: "NAIVE_DATETIME",
	TypeUTCDatetime:   "UTC_DATETIME",
	TypeBinary:        "BINARY",
	TypeXML:           "XML",
	TypeString:        "STRING",
	TypeJSON:          "JSON",
}

// String returns the platform's name of the type, such as "UTC_DATETIME".
func (t Type) String() string {
	if t.valid() {
		return typeNames[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

func (t Type) valid() bool { return t >= TypeBoolean && t <= TypeJSON }

func isNumeric(t Type) bool {
	switch t {
	case TypeShort, TypeInt, TypeLong, TypeFloat, TypeDouble, TypeDecimal:
		return true
	}
	return false
}

// isText reports whether some strings fit a column of the type.
func isText(t Type) bool {
	switch t {
	case TypeString, TypeXML, TypeDecimal, TypeUTCDatetime, TypeNaiveDatetime, TypeNaiveDate, TypeBinary:
		return true
	}
	return false
}

// ParseType returns the type of the given name, as [Type.String] writes it.
func ParseType(name string) (Type, error) {
	for t := TypeBoolean; t <= TypeJSON; t++ {
		if typeNames[t] == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("schema: %q is not a column type (want one of %v)", name, typeNames[TypeBoolean:])
}

// MarshalText returns the platform's name of the type.
func (t Type) MarshalText() ([]byte, error) {
	if !t.valid() {
		return nil, fmt.Errorf("schema: %v is not a column type", t)
	}
	return []byte(typeNames[t]), nil
}

// UnmarshalText sets the type from the platform's name of it.
func (t *Type) UnmarshalText(text []byte) error {
	parsed, err := ParseType(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
