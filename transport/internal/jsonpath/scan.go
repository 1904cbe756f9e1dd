package jsonpath

import (
	"bytes"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// This file finds values in JSON text without decoding it. It checks the
// structure of the objects and arrays on its way, and skips other values by
// their brackets and quotes alone. The values that are used in the end are
// decoded, and thereby checked. Truncated text is always noticed, because a
// lost connection leaves it behind.

// errJSONCut reports that the text ends within a value.
var errJSONCut = fmt.Errorf("%w within its JSON: %w", sentinel.ErrCut, io.ErrUnexpectedEOF)

// A Span is a part of a text, from Start, inclusive, to End, exclusive.
type Span struct{ Start, End int }

// Of returns the part of b. Appending to the result does not change b.
func (s Span) Of(b []byte) []byte { return b[s.Start:s.End:s.End] }

// SkipSpace returns the index of the first byte from i on that is not white
// space.
func SkipSpace(b []byte, i int) int {
	// The first comparison is enough for most bytes.
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
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

// structural marks the bytes that matter when a value is skipped.
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
	return fmt.Errorf("%w: unexpected %q at byte %d", sentinel.ErrNotJSON, b[i], i)
}

// members calls visit for each member of the object that begins at i, until
// visit returns false, and returns the index after the object. name is the
// member's name, still quoted.
func members(b []byte, i int, visit func(name []byte, value Span) bool) (int, error) {
	return membersBy(func(_ []byte, start int) (int, error) { return skipValue(b, start) }, b, i, visit)
}

// membersBy is members with a function that returns the index after the value of a member.
func membersBy(skip func(name []byte, start int) (int, error), b []byte, i int, visit func(name []byte, value Span) bool) (int, error) {
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i = SkipSpace(b, i); i >= len(b) {
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
		if i = SkipSpace(b, end); i >= len(b) {
			return i, errJSONCut
		}
		if b[i] != ':' {
			return i, unexpected(b, i)
		}
		start := SkipSpace(b, i+1)
		if end, err = skip(name, start); err != nil {
			return end, err
		}
		if !visit(name, Span{start, end}) {
			return end, nil
		}
		var more bool
		if i, more, err = comma(b, end, '}'); !more || err != nil {
			return i, err
		}
	}
}

// elements is like members for the array that begins at i.
func elements(b []byte, i int, visit func(value Span) bool) (int, error) {
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		start := SkipSpace(b, i)
		end, err := skipValue(b, start)
		if err != nil || !visit(Span{start, end}) {
			return end, err
		}
		var more bool
		if i, more, err = comma(b, end, ']'); !more || err != nil {
			return i, err
		}
	}
}

// comma reads what follows an element: a comma, or the closing bracket.
func comma(b []byte, i int, closing byte) (next int, more bool, err error) {
	if i = SkipSpace(b, i); i >= len(b) {
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
