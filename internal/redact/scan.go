package redact

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// The functions of this file look at eight bytes at a time. For a byte c, each has terms with
// the top bit of a byte set if the byte is c, or less than c. Bits above the first one may be
// wrong.
const (
	everyByte = 0x0101010101010101
	topBits   = 0x8080808080808080
)

// escapeStart returns the index, from i on, of the first byte that may begin an escape, or
// the length of b.
func escapeStart(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		back, percent, ampersand := x^everyByte*'\\', x^everyByte*'%', x^everyByte*'&'
		if found := ((back-everyByte)&^back | (percent-everyByte)&^percent | (ampersand-everyByte)&^ampersand) & topBits; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '\\' && b[i] != '%' && b[i] != '&' {
		i++
	}
	return i
}

// ordinaryEnd returns the index, from i on, of the first byte that the normal form may not
// contain: one that isDropped, or a part of a character that is not ASCII.
func ordinaryEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		plus, del := x^everyByte*'+', x^everyByte*0x7f
		if found := (x | (x-everyByte*(' '+1))&^x | (plus-everyByte)&^plus | (del-everyByte)&^del) & topBits; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] < 0x80 && !isDropped(b[i]) {
		i++
	}
	return i
}

// isDropped reports whether c is an ASCII character that does not belong to the normal form.
func isDropped(c byte) bool { return c <= ' ' || c == '+' || c == 0x7f }

// isDroppedRune reports whether r does not belong to the normal form.
func isDroppedRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isDropped(byte(r))
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// isUnusual is 1 for the bytes that the normal form may not contain: those that isDropped, and
// the bytes of characters that are not ASCII. It is 0 for the others.
var isUnusual = func() (unusual [256]uint8) {
	for c := range unusual {
		if c >= utf8.RuneSelf || isDropped(byte(c)) {
			unusual[c] = 1
		}
	}
	return unusual
}()

// keptBefore returns the index of the last byte before the index i that the normal form
// contains, or -1. The index i may be within a character.
func keptBefore(text []byte, i int) int {
	if i > 0 && isUnusual[text[i-1]] == 0 {
		return i - 1
	}
	return keptFarBefore(text, i)
}

// keptFarBefore is keptBefore for any text. It is too large to be inlined.
func keptFarBefore(text []byte, i int) int {
	for i--; i >= 0; i-- {
		if isUnusual[text[i]] == 0 {
			return i
		}
		if text[i] < utf8.RuneSelf {
			continue
		}
		start := i
		for start > 0 && i-start < utf8.UTFMax-1 && !utf8.RuneStart(text[start]) {
			start--
		}
		if r, size := utf8.DecodeRune(text[start:]); start+size <= i || !isDroppedRune(r) {
			return i
		}
		i = start
	}
	return -1
}

// keptAfter returns the index of the first byte from the index i on that the normal form
// contains, or the length of the text.
func keptAfter(text []byte, i int) int {
	if i < len(text) && isUnusual[text[i]] == 0 {
		return i
	}
	return keptFarAfter(text, i)
}

// keptFarAfter is keptAfter for any text. It is too large to be inlined.
func keptFarAfter(text []byte, i int) int {
	for i < len(text) && isUnusual[text[i]] != 0 {
		size := 1
		if text[i] >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRune(text[i:]); !isDroppedRune(r) {
				break
			}
		}
		i += size
	}
	return i
}
