package schema

import (
	"fmt"
)

// A Type is the type of a column. There are fourteen types, which data
// platforms have in common. The zero Type is not a valid type.
type Type uint8

// The types of columns. The comment of each type lists the Go values that fit.
// A pointer to such a value fits too, and nil is a null. A json.Number or raw
// JSON fits if the value it represents does.
const (
	// TypeBoolean is for a bool.
	TypeBoolean Type = iota + 1
	// TypeShort is for a signed 16-bit integer. Like TypeInt and TypeLong, it
	// takes a number with a zero fraction or with an exponent, such as 5.0 or
	// 5e3, if its value is an integer within the range, and a [Decimal] with such
	// a value.
	TypeShort
	// TypeInt is for a signed 32-bit integer.
	TypeInt
	// TypeLong is for a signed 64-bit integer.
	TypeLong
	// TypeFloat is for a float32, or any other number or [Decimal] within its
	// range. NaN and the infinities do not fit.
	TypeFloat
	// TypeDouble is for a float64, or any other number or [Decimal] within its
	// range. NaN and the infinities do not fit.
	TypeDouble
	// TypeDecimal is for a number with all digits that the source sent: a
	// [Decimal], an integer, a *big.Int, or a string of digits. A float does
	// not fit, because it may already have lost digits. If the column has a
	// precision and scale, a number with more digits does not fit either.
	TypeDecimal
	// TypeNaiveDate is for a calendar date: a time.Time, or a string such as
	// "2006-01-02".
	TypeNaiveDate
	// TypeNaiveDatetime is for a date and time of day without a zone: a
	// time.Time, whose zone is ignored, or a string such as
	// "2006-01-02T15:04:05.999".
	TypeNaiveDatetime
	// TypeUTCDatetime is for an instant: a time.Time, or a string in the format
	// of RFC 3339. It is converted to UTC. In a column of this or another type, a
	// zero time.Time is null.
	TypeUTCDatetime
	// TypeBinary is for a []byte, or a string in standard base64 with padding.
	// Line breaks in the string are removed. Hexadecimal text does not fit.
	TypeBinary
	// TypeXML is for a string or a []byte.
	TypeXML
	// TypeString is for a string, a []byte, a time.Time, a [Decimal], or a
	// value with a MarshalText method.
	TypeString
	// TypeJSON is for any value that has a JSON form. It is delivered as nested
	// JSON, not as a string that contains JSON. An integer in a float does not
	// fit if it may already have lost digits.
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

// String returns the name of the type, such as "UTC_DATETIME".
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

// isInteger reports whether the columns of the type hold integers.
func isInteger(t Type) bool { return t == TypeShort || t == TypeInt || t == TypeLong }

// isTime reports whether the type is that of a date or time.
func isTime(t Type) bool {
	return t == TypeNaiveDate || t == TypeNaiveDatetime || t == TypeUTCDatetime
}

// isText reports whether there are strings that fit a column of the type.
func isText(t Type) bool {
	switch t {
	case TypeString, TypeXML, TypeDecimal, TypeUTCDatetime, TypeNaiveDatetime, TypeNaiveDate, TypeBinary:
		return true
	}
	return false
}

// ParseType returns the type with the given name, in the spelling of
// [Type.String].
func ParseType(name string) (Type, error) {
	for t := TypeBoolean; t <= TypeJSON; t++ {
		if typeNames[t] == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("schema: %q is not a column type (want one of %v)", name, typeNames[TypeBoolean:])
}

// MarshalText returns the name of the type. It returns an error if the type is
// not valid.
func (t Type) MarshalText() ([]byte, error) {
	if !t.valid() {
		return nil, fmt.Errorf("schema: %v is not a column type", t)
	}
	return []byte(typeNames[t]), nil
}

// UnmarshalText sets t to the type with the given name.
func (t *Type) UnmarshalText(text []byte) error {
	parsed, err := ParseType(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
