package schema

import (
	"math/bits"
	"unicode/utf8"
)

// stringEnd returns the end of the JSON string at i, or -1 if the string is not
// known to be valid or may have to be repaired. The byte at i is a quote.
func stringEnd(s string, i int) (end int, flags rawFlags) {
	for i++; i < len(s); {
		if len(s)-i >= wordSize {
			special := specialBytes(word(s, i))
			if special == 0 {
				i += wordSize
				continue
			}
			i += bits.TrailingZeros64(special) / 8
		} else if plain[s[i]] {
			i++
			continue
		}
		switch c := s[i]; {
		case c == '"':
			return i + 1, flags
		case c < ' ':
			return -1, 0
		}
		for i < len(s) && s[i] == '\\' {
			if i = escapeEnd(s, i); i < 0 {
				return -1, 0
			}
			flags = mayHaveEscapes
		}
		for i < len(s) && s[i] >= utf8.RuneSelf {
			c := s[i]
			if c-0xC2 <= 0xDF-0xC2 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 {
				i += 2
				continue
			}
			size := sequenceLength(s, i)
			if size == 0 || size == 3 && isSeparator(s, i) {
				return -1, 0
			}
			i += size
		}
	}
	return -1, 0
}

// escapeEnd returns the end of the escape at i, or of the pair of escapes if it is
// a surrogate. It returns -1 if the escape is not valid or is an unpaired surrogate.
func escapeEnd(s string, i int) int {
	if i+1 == len(s) {
		return -1
	}
	switch c := s[i+1]; {
	case isShortEscape[c]:
		return i + 2
	case c == 'u':
		unit := hexUnit(s, i)
		if unit>>11 != 0xD800>>11 { // not a surrogate
			if unit < 0 {
				return -1
			}
			return i + 6
		}
		if unit < 0xDC00 && hexUnit(s, i+6)>>10 == 0xDC00>>10 {
			return i + 12
		}
	}
	return -1
}

// hexUnit returns the UTF-16 code unit of an escape such as \u20ac at i, or -1 if
// there is none.
func hexUnit(s string, i int) rune {
	if len(s)-i < 6 || s[i] != '\\' || s[i+1] != 'u' {
		return -1
	}
	unit := rune(0)
	for _, c := range []byte(s[i+2 : i+6]) {
		switch {
		case isDigit(c):
			unit = unit<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			unit = unit<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return unit
}

// isShortEscape is true for the bytes that follow the backslash of an escape of two
// bytes.
var isShortEscape = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}
