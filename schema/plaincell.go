package schema

import (
	"math/bits"
	"slices"
)

// readInOrder reads the members at row[i:] that have the order of the table's columns and plain
// values, without white space between them, and adds cells for them. It stops at the first
// other member and returns its position, or the position after the brace that ends the row.
func (r *RowReader) readInOrder(row []byte, i int) (next int, ended bool) {
	s, cells, k := view(row), r.cells, r.next
	for ; !ended && k < len(r.columns); k++ {
		c := &r.columns[k]
		if c.seen == r.row || !c.begins(s, i) {
			break
		}
		start := i + len(c.member)
		kind, end, number := c.plainValue(s, start)
		if end <= 0 || end >= len(s) || s[end] != ',' && s[end] != '}' {
			break
		}
		c.seen = r.row
		n := len(cells)
		if n == cap(cells) {
			cells = slices.Grow(cells, 1)
		}
		cells = cells[:n+1]
		cell := &cells[n]
		cell.Name, cell.Column, cell.Type, cell.Kind = c.name, k, c.typ, kind
		cell.Bool, cell.Int, cell.Float = false, number, 0
		cell.Raw = row[start:end:end]
		switch kind {
		case CellText:
			cell.Bytes = row[start+1 : end-1 : end-1]
		case CellJSON:
			cell.Bytes = cell.Raw
		default:
			cell.Bytes = nil
		}
		i, ended = end+1, s[end] == '}'
	}
	r.cells, r.next = cells, k
	return i, ended
}

// plainValue returns the kind and the end of the value at i, and its number if it is an
// integer. It knows the forms that most values have. If the value has another one or does not
// fit the column, the end is not positive, and the value must be read again.
func (m *memberColumn) plainValue(s string, i int) (kind CellKind, end int, number int64) {
	if i >= len(s) || len(s) < wordSize {
		return CellMisfit, 0, 0
	}
	switch first := s[i]; {
	case first == '"':
		start := i + 1
		var x uint64
		if len(s)-start >= wordSize {
			x = word(s, start)
		} else {
			x = wordFrom(s, start)
		}
		special := specialBytes(x)
		if end = start + bits.TrailingZeros64(special)/8; special == 0 {
			end = plainEnd(s, end)
		}
		if end < len(s) && s[end] == '"' && m.allows(s[start:end], x) {
			return CellText, end + 1, 0
		}
	case isDigit(first):
		return m.plainInt(s, i)
	case m.typ == TypeJSON && (first == '{' || first == '['):
		end, _ = nestedEnd(s, i)
		return CellJSON, end, 0
	case first == 'n' && len(s)-i >= len("null") && s[i:i+len("null")] == "null":
		return CellNull, i + len("null"), 0
	}
	return CellMisfit, 0, 0
}

// allows reports whether the column allows the text, which is ASCII and whose first word is x.
// It may report false for text in an unusual form.
func (m *memberColumn) allows(text string, x uint64) bool {
	switch m.typ {
	case TypeString, TypeXML:
		return true
	case TypeDecimal:
		return (isShortDecimal(x, len(text)) || isDecimal(text)) && (m.column.Precision == 0 || m.column.decimalProblem(viewBytes(text)) == "")
	case TypeNaiveDate, TypeNaiveDatetime, TypeUTCDatetime:
		return isCanonicalTime(text, m.typ)
	}
	return false
}

// plainInt is like plainValue for digits, of which there are at most 18.
func (m *memberColumn) plainInt(s string, i int) (kind CellKind, end int, number int64) {
	var x uint64
	if len(s)-i >= wordSize {
		x = word(s, i)
	} else {
		x = wordFrom(s, i)
	}
	n, size := leadingDigits(x)
	if end = i + size; size == wordSize {
		for end < len(s) && isDigit(s[end]) && end-i < 18 {
			n = n*10 + int64(s[end]-'0')
			end++
		}
	}
	switch {
	case end < len(s) && (isDigit(s[end]) || s[end] == '.' || s[end]|0x20 == 'e'), s[i] == '0' && end-i > 1:
	case m.typ == TypeLong, m.typ == TypeInt && n == int64(int32(n)), m.typ == TypeShort && n == int64(int16(n)):
		return CellInt, end, n
	}
	return CellMisfit, 0, 0
}

// wordFrom is like word, but the word has zeros for bytes beyond the end of s, which has at
// least eight bytes.
func wordFrom(s string, i int) uint64 {
	if rest := len(s) - i; rest < wordSize {
		return word(s, len(s)-wordSize) >> (8 * (wordSize - rest))
	}
	return word(s, i)
}

// notDigits returns a word whose lowest bit that is set is the high bit of the first byte of x
// that is not a digit. If the bytes up to there are ASCII, the same is true of the next ones.
func notDigits(x uint64) uint64 {
	difference := x ^ '0'*ones
	return (difference | (difference + (0x7f-9)*ones)) & highBits
}

// leadingDigits returns the value and the number of the digits with which a word begins. There
// is at least one. It combines the digits to pairs, the pairs to halves and the halves, each
// step in one word.
func leadingDigits(x uint64) (n int64, size int) {
	size = bits.TrailingZeros64(notDigits(x)) / 8
	x = (x ^ '0'*ones) << (8 * (wordSize - size) & 63) // zeros come first
	x = x*10 + x>>8
	const pair = 0x000000ff_000000ff
	x = (x&pair*(100+1_000_000<<32) + x>>16&pair*(1+10_000<<32)) >> 32
	return int64(x), size
}

// isShortDecimal reports whether the first bytes of a word, which are ASCII, are digits with at
// most one decimal point. It reports false if there are more bytes than in a word.
func isShortDecimal(x uint64, size int) bool {
	if size > wordSize || size == 0 {
		return false
	}
	others := notDigits(x) & (1<<(8*size) - 1)
	if others == 0 {
		return true
	}
	point := bits.TrailingZeros64(others) &^ 7
	return others&(others-1) == 0 && byte(x>>point) == '.' && size > 1
}
