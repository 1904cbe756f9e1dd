package schema

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// Text is read in words of eight bytes, because most text has long runs of bytes
// that need no attention.
const (
	wordSize = 8
	ones     = 0x0101010101010101 // a 1 in each byte of a word
	highBits = 0x80 * ones
)

// word returns the bytes of s at i as a word whose lowest byte is the first.
func word(s string, i int) uint64 {
	s = s[i : i+wordSize]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// lastWord returns the last bytes of s, from one up to seven of them, as a word. The
// word ends in spaces.
func lastWord(s string, size int) uint64 {
	var x uint64
	switch end := len(s); {
	case end >= wordSize:
		x = word(s, end-wordSize) >> (8 * (wordSize - size) & 63)
	case size >= 4:
		first, last := s[end-size:end-size+4], s[end-4:end]
		x = uint64(first[0]) | uint64(first[1])<<8 | uint64(first[2])<<16 | uint64(first[3])<<24 |
			(uint64(last[0])|uint64(last[1])<<8|uint64(last[2])<<16|uint64(last[3])<<24)<<(8*(size-4)&63)
	default: // the middle byte is also the first or the last one if there are fewer than three
		x = uint64(s[end-size]) | uint64(s[end-size+size/2])<<(8*(size/2)&63) | uint64(s[end-1])<<(8*(size-1)&63)
	}
	return x | ' '*ones<<(8*size&63)
}

// specialBytes returns a word whose lowest bit that is set is the high bit of the
// first byte of x for which plain is false. It returns 0 if there is none.
func specialBytes(x uint64) uint64 {
	// The high bit of a byte in the sum is set if the byte is not ASCII, a control
	// character, a quote or a backslash. A borrow also sets the bit of bytes above
	// such a byte, which do not count.
	return (x | (x - ' '*ones) | ((x ^ '"'*ones) - ones) | ((x ^ '\\'*ones) - ones)) & highBits
}

// plain is true for the ASCII bytes that need no escape in a JSON string.
var plain = func() (ok [256]bool) {
	for c := range ok {
		ok[c] = c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
	}
	return ok
}()

const hexDigits = "0123456789abcdef"

// escapes has the escape of each ASCII byte that needs one in the low bytes of a
// word, and the length of the escape in the highest byte. It has 0 for other bytes.
var escapes = func() (words [256]uint64) {
	for c := range words {
		var escape string
		switch {
		case c == '"' || c == '\\':
			escape = `\` + string(rune(c))
		case c == '\n':
			escape = `\n`
		case c == '\r':
			escape = `\r`
		case c == '\t':
			escape = `\t`
		case c < ' ':
			escape = `\u00` + hexDigits[c>>4:c>>4+1] + hexDigits[c&15:c&15+1]
		default:
			continue
		}
		var w [wordSize]byte
		copy(w[:], escape)
		w[wordSize-1] = byte(len(escape))
		words[c] = binary.LittleEndian.Uint64(w[:])
	}
	return words
}()

// stringRoom is the room that appendString keeps behind what it has still to
// append: for a word that it stores although only some of its bytes count, and for
// the closing quote.
const stringRoom = 2 * wordSize

// appendString appends s as a JSON string. Each byte that is not UTF-8 becomes
// U+FFFD. It reports whether there were any. The separators U+2028 and U+2029, which
// some programs treat as the end of a line, are escaped.
func appendString(b []byte, s string) (_ []byte, replaced bool) {
	b = slices.Grow(b, 1+len(s)+stringRoom)
	n := len(b) // the bytes of b that count
	b = b[:cap(b)]
	b[n] = '"'
	n++
	for i := 0; i < len(s); {
		var special uint64
		if rest := len(s) - i; rest >= wordSize {
			x := word(s, i)
			binary.LittleEndian.PutUint64(b[n:], x)
			if special = specialBytes(x); special == 0 {
				i, n = i+wordSize, n+wordSize
				continue
			}
		} else {
			x := lastWord(s, rest)
			binary.LittleEndian.PutUint64(b[n:], x)
			if special = specialBytes(x); special == 0 {
				n += rest
				break
			}
		}
		k := bits.TrailingZeros64(special) / 8
		i, n = i+k, n+k
		for i < len(s) && escapes[s[i]] != 0 {
			escape := escapes[s[i]]
			binary.LittleEndian.PutUint64(b[n:], escape)
			n += int(escape >> 56)
			i++
			b = withRoom(b, n, len(s)-i)
		}
		for i < len(s) && s[i] >= utf8.RuneSelf {
			c := s[i]
			if c-0xC2 <= 0xDF-0xC2 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
				b[n], b[n+1] = c, s[i+1]
				i, n = i+2, n+2
				continue
			}
			if c-0xE1 <= 0xEC-0xE1 && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 && !isSeparator(s, i) {
				b[n], b[n+1], b[n+2] = c, s[i+1], s[i+2]
				i, n = i+3, n+3
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case size == 1:
				n += copy(b[n:], "\uFFFD")
				replaced = true
			case r == '\u2028' || r == '\u2029':
				n += copy(b[n:], `\u202`)
				b[n] = hexDigits[r&15]
				n++
			default:
				n += copy(b[n:], s[i:i+size])
			}
			i += size
			b = withRoom(b, n, len(s)-i)
		}
	}
	b[n] = '"'
	return b[:n+1], replaced
}

// withRoom returns b with room behind its first n bytes for more bytes and
// stringRoom. All of its capacity is in use.
func withRoom(b []byte, n, more int) []byte {
	if len(b)-n < more+stringRoom {
		b = slices.Grow(b[:n], more+more/4+2*stringRoom)
		b = b[:cap(b)]
	}
	return b
}

// sequenceLength returns the length of the UTF-8 sequence at i, which does not begin
// with an ASCII byte, or 0 if it is not valid.
func sequenceLength(s string, i int) int {
	c := s[i]
	if c-0xC2 <= 0xDF-0xC2 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
		return 2
	}
	if c-0xE1 <= 0xEC-0xE1 && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 {
		return 3
	}
	if _, size := utf8.DecodeRuneInString(s[i:]); size > 1 {
		return size
	}
	return 0
}

// isSeparator reports whether the valid sequence of three bytes at i is U+2028 or
// U+2029.
func isSeparator(s string, i int) bool {
	return s[i] == 0xE2 && s[i+1] == 0x80 && s[i+2]|1 == 0xA9
}
