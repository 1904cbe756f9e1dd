package schema

import (
	"math/bits"
	"strings"
	"time"
)

// plainMembers are the members at the beginning of a raw JSON row that need no lookup of
// a column, no repair and no note. Most rows consist of plain members. They are checked
// and written in one pass over the row, without a record of each member.
type plainMembers struct {
	n          int  // the number of members
	rest       int  // the end of the last member in the row
	written    bool // the output has a member, or will have one
	start, end int  // of members at the end that are still to be appended as they are
	flawed     bool // the next member has a value that only the decoder can read
}

// writePlain appends the plain members of a row, except those that flush has still to
// append. Their columns are declared and in the order of an earlier row. It has no
// effect beyond w.b and r.seen, so that a row whose rest is flawed can still be decoded.
func (r *rawReader) writePlain(w *rowWriter, s string) (p plainMembers) {
	i := skipSpace(s, 0)
	if i == len(s) || s[i] != '{' {
		return p
	}
	i = skipSpace(s, i+1)
	for _, c := range r.order {
		if c == nil || r.seen[c.position] == r.row || !strings.HasPrefix(s[i:], c.quoted) {
			return p
		}
		name, value := i, skipSpace(s, i+len(c.quoted))
		end, flags := -1, rawFlags(0)
		if !c.drop {
			end, flags = c.plain.valueEnd(s, value)
		}
		switch {
		case c.drop:
			end, _ = valueEnd(s, value)
		case flags&mayHaveFlaws != 0:
			p.flawed = true
			return p
		case end > 0 && flags == 0 && value == name+len(c.quoted):
			p.add(w, s, name, end)
		default:
			end = p.write(w, s, c, value, end, flags)
		}
		if end < 0 {
			return p
		}
		r.seen[c.position] = r.row
		p.n, p.rest = p.n+1, end
		if i = skipSpace(s, end); i == len(s) || s[i] != ',' {
			return p
		}
		i = skipSpace(s, i+1)
	}
	return p
}

// isWhole reports whether the row consists of its plain members.
func (p *plainMembers) isWhole(s string) bool {
	if p.n == 0 {
		return false
	}
	i := skipSpace(s, p.rest)
	return i < len(s) && s[i] == '}' && skipSpace(s, i+1) == len(s)
}

// add adds a member that is to be appended as it is in the row.
func (p *plainMembers) add(w *rowWriter, s string, name, end int) {
	if p.end > 0 && name == p.end+len(",") {
		p.end = end
		return
	}
	p.flush(w, s)
	p.comma(w)
	p.start, p.end = name, end
}

// flush appends the members that are to be appended as they are.
func (p *plainMembers) flush(w *rowWriter, s string) {
	w.b = append(w.b, s[p.start:p.end]...)
	p.start, p.end = 0, 0
}

// comma appends the comma before a member.
func (p *plainMembers) comma(w *rowWriter) {
	if p.written {
		w.b = append(w.b, ',')
	}
	p.written = true
}

// write appends a member of the column c and returns its end. The arguments end and flags
// are what plainValues.valueEnd returned. The result is -1, and nothing is appended, if
// there is more to say about the value than its canonical form.
func (p *plainMembers) write(w *rowWriter, s string, c *encoderColumn, value, end int, flags rawFlags) int {
	isPlain := end > 0 && flags == 0
	if end < 0 {
		if end, flags = valueEnd(s, value); end < 0 {
			return -1
		}
	}
	p.flush(w, s)
	before, written := len(w.b), p.written
	p.comma(w)
	w.b = append(w.b, c.quoted...)
	if isPlain {
		w.b = append(w.b, s[value:end]...)
		return end
	}
	start := len(w.b)
	err := w.validRaw(c.Type, viewBytes(s[value:end]), flags)
	if err == nil && w.notes == 0 && c.checked {
		err = c.check(w.b[start:], 0)
	}
	if err != nil || w.notes != 0 || c.PrimaryKey && string(w.b[start:]) == "null" {
		w.b, w.notes, w.nulled, p.written = w.b[:before], 0, nil, written
		return -1
	}
	return end
}

// valueEnd returns the end of the JSON value at i, or -1 if it is not known to be a value
// that fits the column. The value has its canonical form if there are no flags. The flag
// mayHaveFlaws says that the function valueEnd returns -1, too. The byte after the value is
// not examined.
func (p *plainValues) valueEnd(s string, i int) (end int, flags rawFlags) {
	if i == len(s) {
		return -1, 0
	}
	switch c := s[i]; {
	case c == '"':
		return p.stringEnd(s, i)
	case c == '-' || isDigit(c):
		return p.numberEnd(s, i), 0
	case c == '{' || c == '[':
		if p.json {
			if end, flags = nestedEnd(s, i); end < 0 {
				flags = mayHaveFlaws
			}
			return end, flags
		}
	case c == 't' || c == 'f':
		if p.bool {
			return literalEnd(s, i), 0
		}
	case p.null:
		return literalEnd(s, i), 0
	}
	return -1, 0
}

// stringEnd is like valueEnd for a string.
func (p *plainValues) stringEnd(s string, i int) (end int, flags rawFlags) {
	switch {
	case p.text:
		if end, _ = stringEnd(s, i); end < 0 {
			return end, mayHaveFlaws
		}
		return end, 0
	case p.decimal:
		if end = i + 1 + strings.IndexByte(s[i+1:], '"'); end == i || !isDecimal(s[i+1:end]) {
			return -1, 0
		}
		return end + 1, 0
	case p.time:
		at := s[i+1:]
		if end = dateTimeEnd(at); end == 0 || !isDate(at[:len(time.DateOnly)]) || !isTimeOfDay(at) || !strings.HasPrefix(at[end:], `Z"`) {
			return -1, 0
		}
		return i + 1 + end + len(`Z"`), 0
	}
	return -1, 0
}

// numberEnd is like valueEnd for a number. It accepts the numbers of a few digits that
// are in the range of the column whatever the digits are.
func (p *plainValues) numberEnd(s string, i int) int {
	start := i
	if s[i] == '-' {
		i++
	}
	first := i
	if i = plainDigits(s, i); i == first || s[first] == '0' && (i > first+1 || p.float < 0 && first > start) {
		return -1 // a zero at the begin, or a negative zero
	}
	if i < len(s) && s[i] == '.' && p.float >= 0 {
		fraction := i + 1
		if i = plainDigits(s, fraction); i == fraction {
			return -1
		}
	}
	if i-start > int(p.digits) || i < len(s) && (s[i] == '.' || s[i]|0x20 == 'e') {
		return -1
	}
	return i
}

// plainDigits returns the end of the digits at i.
func plainDigits(s string, i int) int {
	for len(s)-i >= wordSize {
		difference := word(s, i) ^ '0'*ones // at most 9 in the byte of a digit
		sum := difference + (0x7f-9)*ones
		if others := (difference | sum) & highBits; others != 0 {
			return i + bits.TrailingZeros64(others)/8
		}
		i += wordSize
	}
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}
