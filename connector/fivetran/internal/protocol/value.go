package protocol

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// A ValueKind is the kind of a [Value], and the number of its field.
type ValueKind int32

// The kinds of values. A message without a value has the kind 0.
const (
	NullValue          ValueKind = 1
	BoolValue          ValueKind = 2
	ShortValue         ValueKind = 3
	IntValue           ValueKind = 4
	LongValue          ValueKind = 5
	FloatValue         ValueKind = 6
	DoubleValue        ValueKind = 7
	NaiveDateValue     ValueKind = 8
	NaiveDatetimeValue ValueKind = 9
	UTCDatetimeValue   ValueKind = 10
	DecimalValue       ValueKind = 11
	BinaryValue        ValueKind = 12
	StringValue        ValueKind = 13
	JSONValue          ValueKind = 14
	XMLValue           ValueKind = 15
	NaiveTimeValue     ValueKind = 16
)

// A Value is the decoded value of a column.
type Value struct {
	Kind  ValueKind
	Int   int64     // of a bool (0 or 1), short, int or long
	Float float64   // of a float or double
	Time  time.Time // of a date or time, in UTC
	Bytes []byte    // of a decimal, binary, string, JSON or XML
}

// parse decodes a value.
func (v *Value) parse(message []byte) error {
	return fields(message, func(f *field) error {
		kind := ValueKind(f.number)
		if want, ok := valueTypes[kind]; !ok || want != f.typ {
			return fmt.Errorf("a value of an unknown type: field %d", f.number)
		}
		same := v.Kind == kind // a message that is split into several is merged
		v.Kind = kind
		switch kind {
		case ShortValue, IntValue:
			v.Int = int64(int32(f.bits)) // as parsers of proto3 do, because the field is an int32
		case BoolValue, LongValue:
			v.Int = int64(f.bits)
		case FloatValue:
			v.Float = float64(math.Float32frombits(uint32(f.bits)))
		case DoubleValue:
			v.Float = math.Float64frombits(f.bits)
		case NaiveDateValue, NaiveDatetimeValue, UTCDatetimeValue, NaiveTimeValue:
			if !same {
				v.Time = time.Unix(0, 0).UTC()
			}
			return parseTimestamp(&v.Time, f.bytes)
		default:
			v.Bytes = f.bytes
		}
		return nil
	})
}

// valueTypes holds the wire type of each kind of value.
var valueTypes = map[ValueKind]protowire.Type{
	NullValue: protowire.VarintType, BoolValue: protowire.VarintType,
	ShortValue: protowire.VarintType, IntValue: protowire.VarintType, LongValue: protowire.VarintType,
	FloatValue: protowire.Fixed32Type, DoubleValue: protowire.Fixed64Type,
	NaiveDateValue: protowire.BytesType, NaiveDatetimeValue: protowire.BytesType,
	UTCDatetimeValue: protowire.BytesType, NaiveTimeValue: protowire.BytesType,
	DecimalValue: protowire.BytesType, BinaryValue: protowire.BytesType, StringValue: protowire.BytesType,
	JSONValue: protowire.BytesType, XMLValue: protowire.BytesType,
}

// FirstSecond is the second of the first Timestamp, in the year 1.
const FirstSecond = -62135596800

// lastSecond is the second of the last Timestamp, in the year 9999.
const lastSecond = 253402300799

// parseTimestamp sets the parts of t that a Timestamp contains.
func parseTimestamp(t *time.Time, message []byte) error {
	seconds, nanos := t.Unix(), int64(t.Nanosecond())
	err := fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isVarint():
			seconds = int64(f.bits)
		case f.number == 2 && f.isVarint():
			nanos = int64(int32(f.bits))
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case seconds < FirstSecond || seconds > lastSecond:
		return fmt.Errorf("a time of %d seconds since 1970 is not within the years 1 to 9999", seconds)
	case nanos < 0 || nanos >= 1e9:
		return fmt.Errorf("a time with %d nanoseconds: want 0 to 999999999", nanos)
	}
	*t = time.Unix(seconds, nanos).UTC()
	return nil
}
