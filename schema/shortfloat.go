package schema

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// appendShortFloat appends the shortest digits that parse as v, if it has up to nine
// digits after the decimal point and is less than a million, or if it is an integer.
// It reports false for other numbers, which package strconv must format.
//
// The digits are those of strconv, because of two facts about a float64. The quotient
// of two integers that it represents is the float64 nearest to the quotient, so v is
// what n/1e9 parses as if the division gives v. And no two decimal numbers of up to 15
// digits parse as the same float64, so that there are no shorter digits.
func appendShortFloat(b []byte, v float64) (_ []byte, ok bool) {
	abs := math.Abs(v)
	switch {
	case abs >= 1e6 && abs < 1e15 && abs == math.Trunc(abs):
		return appendInt(b, int64(v)), true
	case !(abs >= 1e-6 && abs < 1e6):
		return b, false
	}
	n := uint64(abs*1e9 + 0.5)
	if float64(n)/1e9 != abs {
		return b, false
	}
	if v < 0 {
		b = append(b, '-')
	}
	b = appendUint(b, n/1e9)
	fraction := uint32(n % 1e9)
	if fraction == 0 {
		return b, true
	}
	b = slices.Grow(b, len(".000000000"))
	start := len(b)
	end := start + putFraction(b[start:start+len(".000000000")], fraction)
	return b[:end], true
}

// putFraction writes a point and the digits of n billionths, without the zeros at the
// end, and returns their length. The argument n is not 0.
func putFraction(text []byte, n uint32) int {
	_ = text[len(".000000000")-1]
	digits := eightDigits(n / 10)
	text[0] = '.'
	binary.LittleEndian.PutUint64(text[1:], digits)
	if last := n % 10; last != 0 {
		text[9] = byte('0' + last)
		return len(".000000000")
	}
	zeros := bits.LeadingZeros64(digits^'0'*ones) / 8
	return len(".00000000") - zeros
}
