package protocol

import (
	"cmp"
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one field of an encoded message.
type field struct {
	number protowire.Number
	typ    protowire.Type
	bytes  []byte // of a field of the type BytesType
	bits   uint64 // of a varint or of a fixed-size field
	err    error  // that the value is not one of its type
}

// isBytes reports whether the field is a string, bytes or a message.
func (f *field) isBytes() bool { return f.typ == protowire.BytesType }

// isVarint reports whether the field is an integer, a bool or an enum.
func (f *field) isVarint() bool { return f.typ == protowire.VarintType }

// bool returns the value of a bool.
func (f *field) bool() bool { return f.isVarint() && protowire.DecodeBool(f.bits) }

var errNotUTF8 = errors.New("a string is not valid UTF-8")

// string returns a copy of the text. The message is not valid if the text is not, as the
// specification of protocol buffers says: a string is UTF-8.
func (f *field) string() string {
	if !utf8.Valid(f.bytes) {
		f.err = errNotUTF8
	}
	return string(f.bytes)
}

// fields calls visit for each field of an encoded message, in order. A field whose type is
// deprecated, a group, is skipped.
func fields(message []byte, visit func(f *field) error) error {
	for len(message) > 0 {
		var f field
		var n int
		if f.number, f.typ, n = protowire.ConsumeTag(message); n < 0 {
			return malformed(n)
		}
		message = message[n:]
		switch f.typ {
		case protowire.VarintType:
			f.bits, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(message)
			f.bits = uint64(bits)
		case protowire.Fixed64Type:
			f.bits, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(message)
		default:
			if n = protowire.ConsumeFieldValue(f.number, f.typ, message); n < 0 {
				return malformed(n)
			}
			message = message[n:]
			continue
		}
		if n < 0 {
			return malformed(n)
		}
		message = message[n:]
		if err := cmp.Or(visit(&f), f.err); err != nil {
			return err
		}
	}
	return nil
}

func malformed(n int) error {
	return fmt.Errorf("malformed protocol buffer: %w", protowire.ParseError(n))
}

// appendString appends a string that is not empty.
func appendString(b []byte, number protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendOptionalString(b, number, s)
}

// appendOptionalString appends a string that is set even if it is empty.
func appendOptionalString(b []byte, number protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, number, protowire.BytesType), s)
}

// appendInt appends an integer or an enum that is not 0.
func appendInt[T ~int32 | ~uint32 | ~uint8](b []byte, number protowire.Number, v T) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), uint64(v))
}

// appendBool appends true.
func appendBool(b []byte, number protowire.Number, v bool) []byte {
	if !v {
		return b
	}
	return appendOptionalBool(b, number, v)
}

// appendOptionalBool appends a bool that is set even if it is false.
func appendOptionalBool(b []byte, number protowire.Number, v bool) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), protowire.EncodeBool(v))
}

// A message appends its encoding to a slice.
type message interface{ Append(b []byte) []byte }

// appendMessage appends a message as a field.
func appendMessage(b []byte, number protowire.Number, m message) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), m.Append(nil))
}

// appendEnum appends an enum that is set even if it is 0.
func appendEnum[T ~int32 | ~uint8](b []byte, number protowire.Number, v T) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), uint64(v))
}
