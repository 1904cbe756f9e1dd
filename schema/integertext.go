package schema

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
)

// integerRoom is the room that appendUint needs: for two words of digits.
const integerRoom = 2 * wordSize

// appendInt appends the decimal digits of v. Package strconv takes twice as long.
func appendInt(b []byte, v int64) []byte {
	if v >= 0 {
		return appendUint(b, uint64(v))
	}
	return appendUint(append(b, '-'), -uint64(v))
}

// appendUint appends the decimal digits of v.
func appendUint(b []byte, v uint64) []byte {
	if v >= 1e16 {
		return strconv.AppendUint(b, v, 10)
	}
	b = slices.Grow(b, integerRoom)
	n := len(b)
	text := b[n : n+integerRoom]
	if v < 1e8 {
		return b[:n+putDigits(text, uint32(v))]
	}
	high := putDigits(text, uint32(v/1e8))
	binary.LittleEndian.PutUint64(text[high:], eightDigits(uint32(v%1e8)))
	return b[:n+high+wordSize]
}

// putDigits writes the digits of v, which has up to eight of them, at the beginning
// of text and returns their number. It overwrites eight bytes.
func putDigits(text []byte, v uint32) int {
	digits := eightDigits(v)
	zeros := bits.TrailingZeros64(digits^'0'*ones|1<<56) / 8 // the last digit counts even if it is 0
	binary.LittleEndian.PutUint64(text, digits>>(8*zeros))
	return wordSize - zeros
}

// eightDigits returns the eight decimal digits of v, which is less than 1e8, as a
// word whose lowest byte is the first digit. It divides the number into halves, the
// halves into pairs of digits and the pairs into digits, each step in one word.
func eightDigits(v uint32) uint64 {
	halves := uint64(v/1e4) | uint64(v%1e4)<<32
	hundreds := halves * 10486 >> 20 & 0x0000007f_0000007f // of each half, divided by 100
	pairs := hundreds | (halves-100*hundreds)<<16
	tens := pairs * 103 >> 10 & 0x000f_000f_000f_000f // of each pair, divided by 10
	return (tens | (pairs-10*tens)<<8) + '0'*ones
}
