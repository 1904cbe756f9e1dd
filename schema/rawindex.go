package schema

import (
	"math/bits"
	"strings"
)

// A rawIndex holds the positions of the members of a raw JSON row. It is made in one pass
// over the row, which also proves that the row is valid JSON and needs no repair. A row
// that is not known to be such a row has no index and must be decoded.
type rawIndex struct {
	members []rawMember
}

// keptMembers limits the number of members of a row that has an index, for which memory is
// kept from one row to the next.
const keptMembers = 16 << 10

// A rawMember is a member of a raw JSON row. The positions are those of bytes in the
// row.
type rawMember struct {
	column          *encoderColumn // of the name, or nil if the name must be looked up
	name, nameEnd   int            // of the name, with its quotes
	value, valueEnd int
	escapedName     bool
	flags           rawFlags // of the value
}

// The rawFlags of a JSON value say what it may have. A value without flags can be
// appended as it is.
type rawFlags uint8

const (
	mayHaveFlaws   rawFlags = 1 << iota // text that must be repaired
	mayHaveEscapes                      // if it is a string
	mayHaveLines                        // line breaks between the tokens of an object or array
)

// read reads a row. It reports whether the row has an index. The argument order has
// the columns that the members probably have, or nil. The index begins after the plain
// members.
func (x *rawIndex) read(s string, order []*encoderColumn, plain plainMembers) bool {
	x.members = x.members[:0]
	i := skipSpace(s, plain.rest)
	if i == len(s) {
		return false
	}
	if plain.n == 0 {
		if s[i] != '{' {
			return false
		}
		if i = skipSpace(s, i+1); i < len(s) && s[i] == '}' {
			return skipSpace(s, i+1) == len(s)
		}
	} else if s[i] == ',' {
		i = skipSpace(s, i+1)
	} else {
		return s[i] == '}' && skipSpace(s, i+1) == len(s)
	}
	for n := plain.n; ; n++ {
		if i == len(s) || n == keptMembers {
			return false // the decoder needs no memory for each member
		}
		m := x.add(i)
		if n < len(order) && order[n] != nil && strings.HasPrefix(s[i:], order[n].quoted) {
			m.column = order[n]
			m.value = skipSpace(s, i+len(m.column.quoted))
		} else if !m.readName(s) {
			return false
		}
		if m.valueEnd, m.flags = valueEnd(s, m.value); m.valueEnd < 0 {
			return false
		}
		if i = skipSpace(s, m.valueEnd); i == len(s) {
			return false
		}
		if s[i] == '}' {
			return skipSpace(s, i+1) == len(s)
		}
		if s[i] != ',' {
			return false
		}
		i = skipSpace(s, i+1)
	}
}

// add adds a member whose name is at i.
func (x *rawIndex) add(i int) *rawMember {
	x.members = append(x.members, rawMember{})
	m := &x.members[len(x.members)-1]
	m.name = i
	return m
}

// readName reads the name at m.name and the colon. It reports false if there is none.
func (m *rawMember) readName(s string) bool {
	if s[m.name] != '"' {
		return false
	}
	var flags rawFlags
	if m.nameEnd, flags = stringEnd(s, m.name); m.nameEnd < 0 {
		return false
	}
	m.escapedName = flags != 0
	m.value = afterColon(s, m.nameEnd)
	return m.value > 0
}

// locateValue returns the position of the only JSON value in s. It reports false
// if s is not known to be one valid value that needs no repair.
func locateValue(s string) (start, end int, flags rawFlags, ok bool) {
	start = skipSpace(s, 0)
	end, flags = valueEnd(s, start)
	return start, end, flags, end > 0 && skipSpace(s, end) == len(s)
}

// skipSpace returns the position of the first byte at or after i that is not
// white space.
func skipSpace(s string, i int) int {
	for i < len(s) && s[i] <= ' ' && isSpace(s[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// afterColon returns the position of the value after a name that ends at i, or -1
// if there is no colon.
func afterColon(s string, i int) int {
	if i = skipSpace(s, i); i == len(s) || s[i] != ':' {
		return -1
	}
	return skipSpace(s, i+1)
}

// valueEnd returns the end of the JSON value at i, or -1 if the value is not known to
// be valid or may have to be repaired.
func valueEnd(s string, i int) (end int, flags rawFlags) {
	if i == len(s) {
		return -1, 0
	}
	switch c := s[i]; {
	case c == '"':
		return stringEnd(s, i)
	case c == '{' || c == '[':
		return nestedEnd(s, i)
	case c == '-' || isDigit(c):
		return scanNumber(s, i), 0
	}
	return literalEnd(s, i), 0
}

// literalEnd returns the end of null, true or false at i, or -1.
func literalEnd(s string, i int) int {
	literal := "null"
	switch s[i] {
	case 't':
		literal = "true"
	case 'f':
		literal = "false"
	}
	if !strings.HasPrefix(s[i:], literal) {
		return -1
	}
	return i + len(literal)
}

// maxIndexDepth limits the depth of objects and arrays to the bits of a word.
const maxIndexDepth = 64

// nestedEnd is like valueEnd for the object or array at i.
func nestedEnd(s string, i int) (end int, flags rawFlags) {
	objects, depth := uint64(0), 0 // a bit for each level, the lowest for the innermost
	isName := false                // a name must follow, not a value
	for {
		if i == len(s) {
			return -1, 0
		}
		switch c := s[i]; {
		case c == '"':
			// Most strings of nested JSON are short, so that a call would take as long as
			// the string.
			start := i
			if len(s)-i > wordSize {
				x := word(s, i+1)
				special := specialBytes(x)
				if k := bits.TrailingZeros64(special) &^ 7; special != 0 && byte(x>>k) == '"' {
					i += k/8 + 2
				}
			}
			if i == start {
				if i, _ = stringEnd(s, i); i < 0 {
					return -1, 0
				}
			}
			if !isName {
				break
			}
			if i, flags = skipLines(s, i, flags); i == len(s) || s[i] != ':' {
				return -1, 0
			}
			i, flags = skipLines(s, i+1, flags)
			isName = false
			continue
		case isName:
			return -1, 0
		case c == '{' || c == '[':
			if depth++; depth > maxIndexDepth {
				return -1, 0
			}
			objects <<= 1
			if i, flags = skipLines(s, i+1, flags); i == len(s) {
				return -1, 0
			}
			if c == '{' {
				objects |= 1
			}
			if s[i] != c+2 { // the closing bracket
				isName = c == '{'
				continue
			}
		case c == '-' || isDigit(c):
			if i = scanNumber(s, i); i < 0 {
				return -1, 0
			}
		default:
			if i = literalEnd(s, i); i < 0 {
				return -1, 0
			}
		}
		// After a value: the end of any number of levels, then a comma.
		for {
			if i, flags = skipLines(s, i, flags); i == len(s) {
				return -1, 0
			}
			inObject := objects&1 != 0
			if c := s[i]; c == '}' && inObject || c == ']' && !inObject {
				objects >>= 1
				i++
				if depth--; depth == 0 {
					return i, flags
				}
				continue
			}
			if s[i] != ',' {
				return -1, 0
			}
			i, flags = skipLines(s, i+1, flags)
			isName = inObject
			break
		}
	}
}

// skipLines is like skipSpace. It sets mayHaveLines if it skips a line break.
func skipLines(s string, i int, flags rawFlags) (int, rawFlags) {
	for i < len(s) && s[i] <= ' ' && isSpace(s[i]) {
		if s[i] == '\n' || s[i] == '\r' {
			flags |= mayHaveLines
		}
		i++
	}
	return i, flags
}
