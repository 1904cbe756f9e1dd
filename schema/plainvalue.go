package schema

import (
	"math"
	"strconv"
	"time"
)

// A plainValues says which values of a column are plain: they fit, they are not null in
// a primary key, and there is nothing to note about them. Most values are plain. Its
// methods append them to a slice, which the compiler keeps in registers, and report
// false for all other values. A rowWriter has a method for any value: it writes the
// same bytes for a plain value, applies the policy and returns the errors.
type plainValues struct {
	minimum, maximum int64 // of integers, none if the minimum is greater
	digits           uint8 // the length of a number in JSON that is in the range of the type, or 0
	null, bool       bool
	float            float64 // the greatest magnitude of a float, negative if there is none
	text             bool    // that is UTF-8
	bytes            bool    // that are text in UTF-8
	decimal          bool    // that is a decimal number
	time             bool    // in UTC, and neither the zero time nor out of range
	json             bool
}

// newPlainValues returns the plain values of the column.
func newPlainValues(c Column) plainValues {
	p := plainValues{minimum: 1, maximum: 0, float: -1, null: !c.PrimaryKey}
	switch c.Type {
	case TypeBoolean:
		p.bool = true
	case TypeShort:
		p.minimum, p.maximum, p.digits = math.MinInt16, math.MaxInt16, 4
	case TypeInt:
		p.minimum, p.maximum, p.digits = math.MinInt32, math.MaxInt32, 9
	case TypeLong:
		p.minimum, p.maximum, p.digits = math.MinInt64, math.MaxInt64, 18
	case TypeFloat:
		p.minimum, p.maximum, p.digits = math.MinInt64, math.MaxInt64, 38
		p.float = math.MaxFloat32
	case TypeDouble:
		p.minimum, p.maximum, p.digits = math.MinInt64, math.MaxInt64, 38
		p.float = math.MaxFloat64
	case TypeDecimal:
		p.decimal = c.Precision == 0
	case TypeUTCDatetime:
		p.time = true
	case TypeString, TypeXML:
		p.text, p.bytes = true, true
	case TypeJSON:
		p.minimum, p.maximum = math.MinInt64, math.MaxInt64
		p.bool, p.text, p.decimal, p.json = true, true, true, !c.PrimaryKey
	}
	return p
}

// appendPlain appends the value of a cell if it is a plain value of its column. It
// reports false if it is not known to be one.
func (r *Row) appendPlain(b []byte, c *rowCell, p *plainValues) (_ []byte, ok bool) {
	switch c.kind {
	case intCell:
		return p.appendInt(b, int64(c.number))
	case textCell:
		return p.appendText(b, c.text)
	case decimalCell:
		return p.appendDecimal(b, c.text)
	case timeCell:
		return p.appendTime(b, r.times[c.number])
	case floatCell:
		return p.appendFloat(b, math.Float64frombits(c.number))
	case boolCell:
		return p.appendBool(b, c.number != 0)
	case nullCell:
		return append(b, "null"...), p.null
	case jsonCell:
		return p.appendJSON(b, c.text)
	case bytesCell:
		if p.bytes {
			b, replaced := appendString(b, c.text)
			return b, !replaced
		}
	}
	return b, false
}

func (p *plainValues) appendInt(b []byte, v int64) (_ []byte, ok bool) {
	if v < p.minimum || v > p.maximum {
		return b, false
	}
	return appendInt(b, v), true
}

func (p *plainValues) appendText(b []byte, v string) (_ []byte, ok bool) {
	if !p.text {
		return b, false
	}
	b, replaced := appendString(b, v)
	return b, !replaced
}

func (p *plainValues) appendDecimal(b []byte, v string) (_ []byte, ok bool) {
	if !p.decimal || !isDecimal(v) {
		return b, false
	}
	return append(append(append(b, '"'), v...), '"'), true
}

func (p *plainValues) appendFloat(b []byte, v float64) (_ []byte, ok bool) {
	if !(math.Abs(v) <= p.float) { // also if v is NaN
		return b, false
	}
	return appendFloat(b, v, 64), true
}

func (p *plainValues) appendBool(b []byte, v bool) (_ []byte, ok bool) {
	return strconv.AppendBool(b, v), p.bool
}

func (p *plainValues) appendJSON(b []byte, v string) (_ []byte, ok bool) {
	if !p.json || v == "" {
		return b, false
	}
	start, end, flags, ok := locateValue(v)
	if !ok || flags&(mayHaveFlaws|mayHaveLines) != 0 {
		return b, false
	}
	return append(b, v[start:end]...), true
}

func (p *plainValues) appendTime(b []byte, v time.Time) (_ []byte, ok bool) {
	seconds := uint64(v.Unix()) + secondsToEpoch
	if !p.time || seconds >= secondsOfYears || v.IsZero() {
		return b, false
	}
	b = appendTime(append(b, '"'), seconds, v.Nanosecond())
	return append(b, 'Z', '"'), true
}
