package protocol

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Key is the encoded name of a column, followed by the tag of its value. [NewKey] makes it
// once for all records. It has a capacity of shortKey bytes at least.
type Key []byte

// shortKey is the size up to which a key is copied as a whole, together with bytes that do not
// count.
const shortKey = 16

// NewKey returns the key of a column.
func NewKey(name string) Key {
	b := make([]byte, 0, max(shortKey, len(name)+4))
	return append(appendOptionalString(b, 1, name), 2<<3|byte(protowire.BytesType))
}

// appendEntry appends the beginning of an entry of a record's data whose value has a size. The
// result has room for the value if that is short.
func (k Key) appendEntry(b []byte, size int) []byte {
	const tag = byte(recordData)<<3 | byte(protowire.BytesType)
	if total := len(k) + 1 + size; total < 1<<7 { // all lengths take one byte
		n := len(b)
		if cap(b)-n < entryRoom {
			b = slices.Grow(b, entryRoom)
		}
		entry := b[n : n+entryRoom]
		entry[0], entry[1] = tag, byte(total)
		if len(k) <= shortKey {
			*(*[shortKey]byte)(entry[2:]) = [shortKey]byte(k[:shortKey])
		} else {
			copy(entry[2:], k)
		}
		entry[2+len(k)] = byte(size)
		return b[:n+3+len(k)]
	}
	b = protowire.AppendVarint(append(b, tag), uint64(len(k)+protowire.SizeBytes(size)))
	return protowire.AppendVarint(append(b, k...), uint64(size))
}

// entryRoom is the room for an entry whose lengths take one byte each.
const entryRoom = 2 + 1<<7

// tag returns the tag of a value. The numbers 16 and above would need two bytes; sources do
// not send the only such kind.
func (k ValueKind) tag(typ protowire.Type) byte { return byte(k)<<3 | byte(typ) }

// AppendNull appends a null.
func (k Key) AppendNull(b []byte) []byte {
	return append(k.appendEntry(b, 2), NullValue.tag(protowire.VarintType), 1)
}

// AppendBool appends a bool.
func (k Key) AppendBool(b []byte, v bool) []byte {
	return append(k.appendEntry(b, 2), BoolValue.tag(protowire.VarintType), byte(protowire.EncodeBool(v)))
}

// AppendInt appends an integer of the kind ShortValue, IntValue or LongValue.
func (k Key) AppendInt(b []byte, kind ValueKind, v int64) []byte {
	if 0 <= v && v < 1<<7 {
		return append(k.appendEntry(b, 2), kind.tag(protowire.VarintType), byte(v))
	}
	b = k.appendEntry(b, 1+protowire.SizeVarint(uint64(v)))
	return appendVarint(append(b, kind.tag(protowire.VarintType)), uint64(v))
}

// AppendFloat appends a 32-bit float.
func (k Key) AppendFloat(b []byte, v float32) []byte {
	b = append(k.appendEntry(b, 5), FloatValue.tag(protowire.Fixed32Type))
	return protowire.AppendFixed32(b, math.Float32bits(v))
}

// AppendDouble appends a 64-bit float.
func (k Key) AppendDouble(b []byte, v float64) []byte {
	b = append(k.appendEntry(b, 9), DoubleValue.tag(protowire.Fixed64Type))
	return protowire.AppendFixed64(b, math.Float64bits(v))
}

// AppendBytes appends a value of the kind DecimalValue, BinaryValue, StringValue, JSONValue or
// XMLValue. All but binary must be valid UTF-8.
func (k Key) AppendBytes(b []byte, kind ValueKind, v []byte) []byte {
	if len(v) < 1<<7-2 {
		b = append(k.appendEntry(b, 2+len(v)), kind.tag(protowire.BytesType), byte(len(v)))
		return appendText(b, v)
	}
	b = k.appendEntry(b, 1+protowire.SizeBytes(len(v)))
	return protowire.AppendBytes(append(b, kind.tag(protowire.BytesType)), v)
}

// AppendTime appends a value of the kind NaiveDateValue, NaiveDatetimeValue or
// UTCDatetimeValue.
func (k Key) AppendTime(b []byte, kind ValueKind, v time.Time) []byte {
	seconds, nanos := v.Unix(), v.Nanosecond()
	size := 0
	if seconds != 0 {
		size += 1 + protowire.SizeVarint(uint64(seconds))
	}
	if nanos != 0 {
		size += 1 + protowire.SizeVarint(uint64(nanos))
	}
	b = append(k.appendEntry(b, 2+size), kind.tag(protowire.BytesType), byte(size))
	if seconds != 0 {
		b = appendVarint(append(b, 1<<3), uint64(seconds))
	}
	if nanos != 0 {
		b = appendVarint(append(b, 2<<3), uint64(nanos))
	}
	return b
}

// appendVarint appends v as a varint.
func appendVarint(b []byte, v uint64) []byte {
	for v >= 1<<7 {
		b = append(b, byte(v)|1<<7)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendText appends v. Most values are short, and a call that copies them would take longer
// than the copy.
func appendText(b, v []byte) []byte {
	n, size := len(b), len(v)
	if size > 16 || cap(b)-n < 16 {
		return append(b, v...)
	}
	to := b[n : n+16]
	switch {
	case size >= 8:
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(v))
		binary.LittleEndian.PutUint64(to[size-8:], binary.LittleEndian.Uint64(v[size-8:]))
	case size >= 4:
		binary.LittleEndian.PutUint32(to, binary.LittleEndian.Uint32(v))
		binary.LittleEndian.PutUint32(to[size-4:], binary.LittleEndian.Uint32(v[size-4:]))
	case size > 0: // the middle byte is also the first or the last one if there are fewer than three
		to[0], to[size/2], to[size-1] = v[0], v[size/2], v[size-1]
	}
	return b[:n+size]
}
