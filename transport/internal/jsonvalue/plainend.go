package jsonvalue

import (
	"unicode/utf8"
)

// maxPlainDepth is the depth to which the pruner looks into values that it drops.
const maxPlainDepth = 8

// plainValueEnd returns the index after the value that begins at i. It returns -1 if the
// value is not valid, or is not one of the simple ones: it has escape sequences, exponents
// or deeply nested objects.
func plainValueEnd(b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; {
	case c == '"':
		end, ascii := plainStringEnd(b, i)
		if end < 0 || !ascii && !utf8.Valid(b[i:end]) {
			return -1
		}
		return end
	case c == '-' || c >= '0' && c <= '9':
		return plainNumberEnd(b, i)
	case c == 't':
		return literalEnd(b, i, "true")
	case c == 'f':
		return literalEnd(b, i, "false")
	case c == 'n':
		return literalEnd(b, i, "null")
	case depth > 0 && (c == '{' || c == '['):
		return plainListEnd(b, i, depth-1)
	}
	return -1
}

// plainListEnd is plainValueEnd for an object or an array.
func plainListEnd(b []byte, i, depth int) int {
	p := pruner{text: b, pos: i + 1}
	closing := b[i] + 2 // of { and [ in ASCII
	if p.next() == closing {
		return p.pos + 1
	}
	for {
		c := p.next()
		if closing == '}' {
			if c != '"' {
				return -1
			}
			if p.pos = plainValueEnd(b, p.pos, 0); p.pos < 0 || p.next() != ':' {
				return -1
			}
			p.pos++
			p.next()
		}
		if p.pos = plainValueEnd(b, p.pos, depth); p.pos < 0 {
			return -1
		}
		switch c = p.next(); c {
		case ',':
			p.pos++
		case closing:
			return p.pos + 1
		default:
			return -1
		}
	}
}

func literalEnd(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

// plainNumberEnd returns the index after a number without an exponent.
func plainNumberEnd(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	start := i
	if i = digitsEnd(b, i); i == start || b[start] == '0' && i > start+1 {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		start = i + 1
		if i = digitsEnd(b, start); i == start {
			return -1
		}
	}
	if i == len(b) || b[i]|0x20 == 'e' { // the text may continue
		return -1
	}
	return i
}

func digitsEnd(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

// plainStringEnd returns the index after the string that begins at i, and whether it
// contains ASCII characters only. It returns -1 if the string has an escape sequence, has
// a control character, or does not end.
func plainStringEnd(b []byte, i int) (end int, ascii bool) {
	end, high := StringSpan(b, i+1)
	if end == len(b) || b[end] != '"' {
		return -1, false
	}
	return end + 1, high == 0
}

// valueEnd returns the index after the value that begins at i. It finds it by brackets and
// quotes alone. It returns -1 if the text ends before, or may do so.
func valueEnd(b []byte, i int) int {
	if c := b[i]; c != '{' && c != '[' && c != '"' {
		start := i
		for i < len(b) && isScalar[b[i]] {
			i++
		}
		if i == start || i == len(b) {
			return -1
		}
		return i
	}
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			if i = stringEnd(b, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
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

// stringEnd returns the index after the string that begins at i, or -1.
func stringEnd(b []byte, i int) int {
	for i++; ; {
		i, _ = StringSpan(b, i)
		switch {
		case i >= len(b):
			return -1
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			i += 2
		default:
			return -1
		}
	}
}

// isScalar marks the bytes of numbers and literals.
var isScalar = func() (t [256]bool) {
	for _, c := range []byte("0123456789+-.eEtrufalsn") {
		t[c] = true
	}
	return t
}()
