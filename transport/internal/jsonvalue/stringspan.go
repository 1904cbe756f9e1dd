package jsonvalue

import (
	"encoding/binary"
	"math/bits"
)

// StringSpan returns the index, from i on, of the first byte that ends a string, begins an
// escape sequence or is a control character. high is 0 if all bytes before it are ASCII.
func StringSpan(b []byte, i int) (end int, high uint64) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		// Eight bytes at a time: each of the terms has the top bit of a byte set if the
		// byte is '"', '\\' or less than ' '. Bits above the first one may be wrong.
		x := binary.LittleEndian.Uint64(b[i:])
		quote, back := x^ones*'"', x^ones*'\\'
		if found := ((quote-ones)&^quote | (back-ones)&^back | (x-ones*' ')&^x) & tops; found != 0 {
			n := bits.TrailingZeros64(found) / 8
			return i + n, high | x&tops&(1<<(8*n)-1)
		}
		high |= x & tops
	}
	for ; i < len(b); i++ {
		c := b[i]
		if c == '"' || c == '\\' || c < ' ' {
			break
		}
		high |= uint64(c) & 0x80
	}
	return i, high
}
