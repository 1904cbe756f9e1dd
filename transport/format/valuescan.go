package format

import (
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// A valueScan looks for the end of a value.
type valueScan struct {
	scalar            bool // a number or a literal
	inString, escaped bool
	depth             int
}

// scan reads the next part of the text. It returns the number of bytes that belong to
// the value, and whether they end it.
func (s *valueScan) scan(b []byte) (n int, done bool) {
	if s.scalar {
		for n < len(b) && isScalarByte(b[n]) {
			n++
		}
		return n, n < len(b)
	}
	i := 0
	for i < len(b) {
		if s.inString {
			i += s.scanString(b[i:])
			if !s.inString && s.depth == 0 {
				return i, true
			}
			continue
		}
		switch structural[b[i]] {
		case isQuote:
			s.inString = true
		case isOpening:
			s.depth++
		case isClosing:
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return i, false
}

const (
	isQuote = iota + 1
	isOpening
	isClosing
)

// structural marks the bytes that matter to the search for the end of a value.
var structural = [256]uint8{'"': isQuote, '{': isOpening, '[': isOpening, '}': isClosing, ']': isClosing}

// scanString reads a part of a string, up to its end.
func (s *valueScan) scanString(b []byte) (n int) {
	for n < len(b) {
		if s.escaped {
			s.escaped = false
			n++
			continue
		}
		if n, _ = jsonvalue.StringSpan(b, n); n == len(b) {
			break
		}
		switch b[n] {
		case '"':
			s.inString = false
			return n + 1
		case '\\':
			s.escaped = true
		}
		n++
	}
	return n
}

func isScalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}
