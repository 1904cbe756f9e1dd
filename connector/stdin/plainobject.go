package stdin

import "unicode/utf8"

// isPlainObject reports whether text is one JSON object, as the decoder would find, in less
// time. It returns false for the rare valid objects that it does not understand: those that
// are nested deeply or spell a character as a pair of surrogates, and those with white
// space around them.
func isPlainObject(text []byte) bool {
	return len(text) > 0 && text[0] == '{' && skipNested(text, 0, 0) == len(text)
}

// deepest is the number of nested objects and arrays that skipNested enters.
const deepest = 32

// skipNested returns the end of the object or array that begins at i, or -1 if it is not
// plain.
func skipNested(b []byte, i, depth int) int {
	if depth == deepest {
		return -1
	}
	object := b[i] == '{'
	closing := byte(']')
	if object {
		closing = '}'
	}
	i = skipBlank(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1
	}
	for i < len(b) {
		if object {
			if b[i] != '"' {
				return -1
			}
			if i = skipString(b, i); i < 0 {
				return -1
			}
			if i = skipBlank(b, i); i >= len(b) || b[i] != ':' {
				return -1
			}
			if i = skipBlank(b, i+1); i >= len(b) {
				return -1
			}
		}
		switch c := b[i]; {
		case c == '"':
			i = skipString(b, i)
		case c == '{' || c == '[':
			i = skipNested(b, i, depth+1)
		case c == '-' || isDigit(c):
			i = skipNumber(b, i)
		default:
			i = skipLiteral(b, i)
		}
		if i < 0 {
			return -1
		}
		if i = skipBlank(b, i); i >= len(b) {
			return -1
		}
		if b[i] == closing {
			return i + 1
		}
		if b[i] != ',' {
			return -1
		}
		i = skipBlank(b, i+1)
	}
	return -1
}

// skipBlank returns the position of the first byte at or after i that is not white space.
func skipBlank(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the end of the string that begins at i, or -1 if it is not plain.
func skipString(b []byte, i int) int {
	begin, ascii := i+1, true
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case ordinary[c]:
		case c == '"':
			if !ascii && !utf8.Valid(b[begin:i]) {
				return -1
			}
			return i + 1
		case c == '\\':
			if i = skipEscape(b, i); i < 0 {
				return -1
			}
		case c < ' ':
			return -1
		default:
			ascii = false
		}
	}
	return -1
}

// ordinary holds the ASCII characters that stand for themselves in a string.
var ordinary = func() (set [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// skipEscape returns the last byte of the escape sequence that begins at i, or -1 if it is
// not plain.
func skipEscape(b []byte, i int) int {
	if i+1 >= len(b) {
		return -1
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		if i+5 >= len(b) || (b[i+2]|' ') == 'd' && b[i+3] > '7' { // cut, or a surrogate
			return -1
		}
		for _, c := range b[i+2 : i+6] {
			if lower := c | ' '; !isDigit(c) && (lower < 'a' || lower > 'f') {
				return -1
			}
		}
		return i + 5
	}
	return -1
}

// skipNumber returns the end of the number that begins at i, or -1 if it is not valid.
func skipNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	switch whole := skipDigits(b, i); {
	case whole == i || b[i] == '0' && whole > i+1:
		return -1
	default:
		i = whole
	}
	if i < len(b) && b[i] == '.' {
		fraction := skipDigits(b, i+1)
		if fraction == i+1 {
			return -1
		}
		i = fraction
	}
	if i < len(b) && b[i]|' ' == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		exponent := skipDigits(b, i)
		if exponent == i {
			return -1
		}
		i = exponent
	}
	return i
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// skipLiteral returns the end of null, true or false at i, or -1 for anything else.
func skipLiteral(b []byte, i int) int {
	for _, literal := range [...]string{"null", "true", "false"} {
		if end := i + len(literal); end <= len(b) && string(b[i:end]) == literal {
			return end
		}
	}
	return -1
}
