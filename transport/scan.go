package transport

import (
	"bytes"
	"fmt"
	"io"
)

// This file finds values in JSON text without decoding it. It checks the
// structure that it walks through, and passes over what lies inside of other
// values by their brackets and quotes alone: whatever is used in the end is
// decoded, and checked, by the decoder. Text that ends too early is always
// noticed, because that is what a lost connection leaves behind.

// errJSONCut is the end of the text within a value.
var errJSONCut = fmt.Errorf("%w within its JSON: %w", ErrCut, io.ErrUnexpectedEOF)

// A span is a part of a text.
type span struct{ start, end int }

func (s span) of(b []byte) []byte { return b[s.start:s.end:s.end] }

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) (int, error) {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b), errJSONCut
		}
		i += n
		// The quote is escaped if an odd number of backslashes precedes it.
		back := 0
		for b[i-1-back] == '\\' {
			back++
		}
		if back%2 == 0 {
			return i + 1, nil
		}
	}
}

// structural marks the bytes that matter when passing over a value.
var structural = [256]uint8{'"': 1, '{': 2, '[': 2, '}': 3, ']': 3}

// skipValue returns the index after the value that begins at i, which must not
// be a space.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, errJSONCut
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case c == '{' || c == '[':
		depth := 0
		for i < len(b) {
			switch structural[b[i]] {
			case 1:
				var err error
				if i, err = skipString(b, i); err != nil {
					return i, err
				}
				continue
			case 2:
				depth++
			case 3:
				if depth--; depth == 0 {
					return i + 1, nil
				}
			}
			i++
		}
		return i, errJSONCut
	case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
		for i < len(b) {
			switch c := b[i]; {
			case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c == '-', c == '+', c == '.', c == 'E':
				i++
				continue
			}
			break
		}
		return i, nil
	}
	return i, unexpected(b, i)
}

func unexpected(b []byte, i int) error {
	return fmt.Errorf("%w: unexpected %q at byte %d", ErrNotJSON, b[i], i)
}

// members calls visit for each member of the object that begins at i, until
// visit returns false, and returns the index after the object. name is the
// member's name, still quoted.
func members(b []byte, i int, visit func(name []byte, value span) bool) (int, error) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i = skipSpace(b, i); i >= len(b) {
			return i, errJSONCut
		}
		if b[i] != '"' {
			return i, unexpected(b, i)
		}
		end, err := skipString(b, i)
		if err != nil {
			return end, err
		}
		name := b[i:end]
		if i = skipSpace(b, end); i >= len(b) {
			return i, errJSONCut
		}
		if b[i] != ':' {
			return i, unexpected(b, i)
		}
		start := skipSpace(b, i+1)
		if end, err = skipValue(b, start); err != nil {
			return end, err
		}
		if !visit(name, span{start, end}) {
			return end, nil
		}
		var more bool
		if i, more, err = comma(b, end, '}'); !more || err != nil {
			return i, err
		}
	}
}

// elements is like members for the array that begins at i.
func elements(b []byte, i int, visit func(value span) bool) error {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return nil
	}
	for {
		start := skipSpace(b, i)
		end, err := skipValue(b, start)
		if err != nil || !visit(span{start, end}) {
			return err
		}
		var more bool
		if i, more, err = comma(b, end, ']'); !more || err != nil {
			return err
		}
	}
}

// comma reads what follows an element: a comma, or the closing bracket.
func comma(b []byte, i int, closing byte) (next int, more bool, err error) {
	if i = skipSpace(b, i); i >= len(b) {
		return i, false, errJSONCut
	}
	switch b[i] {
	case ',':
		return i + 1, true, nil
	case closing:
		return i + 1, false, nil
	}
	return i, false, unexpected(b, i)
}
