package schema

import (
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// skipBlank returns the position of the first byte at or after i that is not
// white space.
func skipBlank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// scanString returns the end of the JSON string at i, or -1 if there is none.
// If clean is set, the string is valid and the bytes between the quotes are its
// text. Otherwise, the string has escapes or may not be valid.
func scanString(b []byte, i int) (end int, clean bool) {
	if i >= len(b) || b[i] != '"' {
		return -1, false
	}
	start := i + 1
	escapes, ascii := false, true
	for i++; ; i++ {
		i = plainEnd(view(b), i)
		if i >= len(b) {
			return -1, false
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, !escapes && (ascii || utf8.Valid(b[start:i]))
		case c == '\\':
			escapes = true
			i++
		case c < ' ':
			return -1, false
		default:
			ascii = false
		}
	}
}

// plainEnd returns the index of the first byte at or after i for which plain is false, or the
// length of s.
func plainEnd(s string, i int) int {
	for len(s)-i >= wordSize {
		special := specialBytes(word(s, i))
		if special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
		i += wordSize
	}
	for i < len(s) && plain[s[i]] {
		i++
	}
	return i
}

// scanValue returns the end of the JSON value at i, or -1 if there is no valid
// value. For a string, clean has the same meaning as in scanString.
func scanValue(b []byte, i int) (end int, clean bool) {
	if i >= len(b) {
		return -1, false
	}
	switch c := b[i]; {
	case c == '"':
		return scanString(b, i)
	case c == '{' || c == '[':
		if end, _ := nestedEnd(view(b), i); end > 0 {
			return end, true
		}
		end := scanNested(b, i)
		if end < 0 || !jsontext.Value(b[i:end]).IsValid(nestedOptions...) {
			return -1, false
		}
		return end, true
	case c == '-' || isDigit(c):
		return scanNumber(b, i), true
	}
	for _, literal := range [...]string{"null", "true", "false"} {
		if end := i + len(literal); end <= len(b) && string(b[i:end]) == literal {
			return end, true
		}
	}
	return -1, false
}

// nestedOptions accept nested values in their canonical form.
var nestedOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true)}

// scanNested returns the end of the object or array that begins at i, or -1 if
// it does not end. It does not check what is between the brackets.
func scanNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}

// scanNumber returns the end of the JSON number at i, or -1 if there is none. The
// byte at i is a digit or a minus sign.
func scanNumber[T string | []byte](b T, i int) int {
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i = scanDigits(b, i); i < 0 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i = scanDigits(b, i+1); i < 0 {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return scanDigits(b, i)
	}
	return i
}

// scanDigits returns the end of the digits at i, or -1 if there are none.
func scanDigits[T string | []byte](b T, i int) int {
	start := i
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	if i == start {
		return -1
	}
	return i
}
