package format

import (
	"fmt"
)

// A cell is a part of the text of a row.
type cell struct {
	from, to int  // from the beginning of the row
	quoted   bool // or a character of it is escaped, so that it is not a mark for null
}

// add ends a cell of the current row.
func (c *csvReader) add(from, to int, quoted bool) {
	c.cells = append(c.cells, cell{from, to, quoted})
}

// cell reads the cell at i. It returns the position after its separator, and whether it
// is the last one of the row.
func (c *csvReader) cell(i int) (next int, last bool, err error) {
	if c.trim {
		for b, ok := c.at(i); ok && (b == ' ' || b == '\t') && !c.has(c.comma, i); b, ok = c.at(i) {
			i++
		}
	}
	if c.has(c.quote, i) {
		return c.quotedCell(i)
	}
	from := i
	for {
		t := c.text()
		for i < len(t) && !c.stops[t[i]] {
			i++
		}
		if i == len(t) {
			if c.more() {
				continue
			}
			c.add(from, i, false)
			c.line++
			return i, true, c.failed()
		}
		if c.has(c.comma, i) {
			c.add(from, i, false)
			return i + len(c.comma), false, nil
		}
		switch n := c.lineEnd(i); {
		case n > 0:
			c.add(from, i, false)
			c.line++
			return i + n, true, nil
		case c.has(c.escape, i):
			return c.escapedCell(from, i)
		case c.has(c.quote, i) && !c.lazy:
			return 0, false, fmt.Errorf("line %d: a quote within the unquoted cell %d: set LazyQuotes of format.CSV to accept it, TrimLeadingSpace if it follows a space, "+
				"or Quote to NoQuote if no cell is quoted", c.line+1, len(c.cells)+1)
		}
		i++
	}
}

// escaped returns the length of the character after an escape character if the escape
// makes it part of the cell, otherwise 0.
func (c *csvReader) escaped(i int) int {
	for _, char := range [][]byte{c.comma, c.quote, c.escape} {
		if c.has(char, i) {
			return len(char)
		}
	}
	b, ok := c.at(i)
	if !ok || b != '\r' && b != '\n' {
		return 0
	}
	if next, ok := c.at(i + 1); ok && b == '\r' && next == '\n' {
		c.line++
		return 2
	}
	if b == '\n' || c.ends == crEnds {
		c.line++
	}
	return 1
}

// escapedCell reads the rest of an unquoted cell, from its first escape character on. It
// moves the text of the cell over the escape characters.
func (c *csvReader) escapedCell(from, i int) (next int, last bool, err error) {
	to := i
	keep := func(n int) {
		t := c.text()
		to += copy(t[to:], t[i:i+n])
		i += n
	}
	escaped := false
	for {
		if _, ok := c.at(i); !ok {
			c.add(from, to, escaped)
			c.line++
			return i, true, c.failed()
		}
		if c.has(c.escape, i) {
			if n := c.escaped(i + len(c.escape)); n > 0 {
				i += len(c.escape)
				keep(n)
				escaped = true
				continue
			}
			keep(len(c.escape))
			continue
		}
		switch n := c.lineEnd(i); {
		case n > 0:
			c.add(from, to, escaped)
			c.line++
			return i + n, true, nil
		case c.has(c.comma, i):
			c.add(from, to, escaped)
			return i + len(c.comma), false, nil
		}
		keep(1)
	}
}

// quotedCell reads the quoted cell at i. It moves the text of the cell over the quotes
// and escape characters that are not part of it.
func (c *csvReader) quotedCell(i int) (next int, last bool, err error) {
	c.open = c.line + 1
	i += len(c.quote)
	from, to, kept := i, i, i // text[from:to] is done, text[kept:i] is to be moved to it
	keep := func(upTo int) {
		if t := c.text(); to != kept {
			copy(t[to:], t[kept:upTo])
		}
		to += upTo - kept
	}
	for {
		t := c.text()
		for i < len(t) && !c.within[t[i]] {
			i++
		}
		if i == len(t) {
			if c.more() {
				continue
			}
			if err := c.failed(); err != nil {
				return 0, false, err
			}
			return 0, false, fmt.Errorf("line %d: %w: the quoted cell %d, which begins on this line, is not closed", c.open, ErrCut, len(c.cells)+1)
		}
		switch {
		case c.has(c.escape, i):
			if n := c.escaped(i + len(c.escape)); n > 0 {
				keep(i)
				kept = i + len(c.escape)
				i = kept + n
				continue
			}
			i += len(c.escape)
			continue
		case !c.has(c.quote, i):
			c.countLine(i)
			i++
			continue
		}
		after := i + len(c.quote)
		if c.has(c.quote, after) {
			keep(after)
			kept = after + len(c.quote)
			i = kept
			continue
		}
		size, last, ok := c.separator(after)
		switch {
		case ok:
			keep(i)
			c.add(from, to, true)
			c.open = 0
			if last {
				c.line++
			}
			if size == 0 {
				err = c.failed()
			}
			return after + size, last, err
		case !c.lazy:
			return 0, false, fmt.Errorf("line %d: text follows the closing quote of cell %d, which begins on line %d: a quote within a quoted cell is doubled, or escaped if Escape of format.CSV is set; "+
				"LazyQuotes accepts it as it is%s", c.line+1, len(c.cells)+1, c.open, c.otherComma(after))
		}
		i = after
	}
}

// otherComma returns a clause about the character at i, if it usually separates cells.
func (c *csvReader) otherComma(i int) string {
	for _, comma := range []byte{',', ';', '\t', '|'} {
		if c.has([]byte{comma}, i) && string(c.comma) != string(comma) {
			return fmt.Sprintf("; if %[1]q separates the cells, set Comma of format.CSV to %[1]q", rune(comma))
		}
	}
	return ""
}

// separator returns the length of the end of a quoted cell at i: a comma, a line end or
// the end of the text. ok is false if none of them is there.
func (c *csvReader) separator(i int) (size int, last, ok bool) {
	if c.has(c.comma, i) {
		return len(c.comma), false, true
	}
	if n := c.lineEnd(i); n > 0 {
		return n, true, true
	}
	_, more := c.at(i)
	return 0, true, !more
}

// countLine counts the line end at i within a quoted cell.
func (c *csvReader) countLine(i int) {
	switch b, _ := c.at(i); b {
	case '\n':
		c.line++
	case '\r':
		if next, _ := c.at(i + 1); c.ends == crEnds && next != '\n' {
			c.line++
		}
	}
}
