package format

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// csvBuffer is the initial size of the buffer of a csvReader.
	csvBuffer = 16 << 10
	// maxColumns limits the number of cells of a row, each of which takes more
	// memory than its text. A sheet of Excel has up to 16,384 columns.
	maxColumns = 100_000
)

// A csvReader reads the rows of CSV text, which is valid UTF-8. It follows encoding/csv,
// except that it does not change line breaks in cells, that it returns empty lines, and
// that lines may end with CR.
type csvReader struct {
	src   io.Reader
	limit int64 // bytes of a row

	comma, quote, escape, comment []byte // empty if there is none
	lazy, trim                    bool

	stops  [256]bool // the bytes that have a meaning in an unquoted cell
	within [256]bool // the bytes that have a meaning in a quoted cell

	buf      []byte // the text that was read, from the current row on
	pos, end int    // buf[pos:end] begins with the current row
	used     int    // the length of the current row, once it was read
	err      error  // of src; io.EOF at the end

	ends    lineEnds
	line    int    // the number of lines that have ended
	rowLine int    // the number of the line on which the current row begins
	cells   []cell // of the current row
	open    int    // the line on which a quoted cell begins that is not closed yet, or 0
}

// lineEnds is the way in which the lines of a text end. The first line determines it.
type lineEnds int

const (
	unknownEnds  lineEnds = iota
	lfEnds                // LF or CRLF; another CR is data
	crEnds                // CR, LF or CRLF
	doubledCREnd          // CR CR LF, which is CRLF written in text mode on Windows
)

func newCSVReader(r io.Reader, limit int64, f CSV) *csvReader {
	c := &csvReader{src: r, limit: limit, lazy: f.LazyQuotes, trim: f.TrimLeadingSpace, buf: make([]byte, csvBuffer)}
	c.comma, c.quote, c.escape, c.comment = bytesOf(f.comma()), bytesOf(f.quote()), bytesOf(f.Escape), bytesOf(f.Comment)
	if bytes.Equal(c.escape, c.quote) {
		c.escape = nil // a doubled quote is always understood
	}
	c.setStops()
	return c
}

func (c *csvReader) setStops() {
	c.stops, c.within = [256]bool{}, [256]bool{}
	for _, stop := range [][]byte{c.comma, c.quote, c.escape, {'\r'}, {'\n'}} {
		if len(stop) > 0 {
			c.stops[stop[0]] = true
		}
	}
	for _, stop := range [][]byte{c.quote, c.escape, {'\r'}, {'\n'}} {
		if len(stop) > 0 {
			c.within[stop[0]] = true
		}
	}
}

func bytesOf(r rune) []byte {
	if r <= 0 {
		return nil
	}
	return utf8.AppendRune(nil, r)
}

// text returns the text that was read, from the current row on.
func (c *csvReader) text() []byte { return c.buf[c.pos:c.end] }

// more reads more text. It reports false at the end of the text and after an error.
func (c *csvReader) more() bool {
	if c.err != nil {
		return false
	}
	if c.pos > 0 {
		c.end = copy(c.buf, c.buf[c.pos:c.end])
		c.pos = 0
	}
	if int64(c.end) > c.limit {
		c.err = c.tooLarge(fmt.Sprintf("more than %d bytes", c.limit))
		return false
	}
	if c.end == len(c.buf) {
		c.buf = growBuffer(c.buf, c.limit)
	}
	const maxEmptyReads = 100
	for range maxEmptyReads {
		n, err := c.src.Read(c.buf[c.end:])
		c.end += n
		c.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	c.err = io.ErrNoProgress
	return false
}

func (c *csvReader) tooLarge(what string) error {
	hint := ""
	if c.open > 0 {
		hint = fmt.Sprintf("; the quoted cell that begins on line %d is not closed", c.open)
	}
	return fmt.Errorf("line %d: record: %w: %s%s", c.rowLine, ErrTooLarge, what, hint)
}

// at returns a byte of the current row.
func (c *csvReader) at(i int) (byte, bool) {
	for i >= c.end-c.pos {
		if !c.more() {
			return 0, false
		}
	}
	return c.buf[c.pos+i], true
}

// has reports whether a character is at i.
func (c *csvReader) has(char []byte, i int) bool {
	if len(char) == 0 {
		return false
	}
	if len(char) == 1 && i < c.end-c.pos {
		return c.buf[c.pos+i] == char[0]
	}
	if _, ok := c.at(i + len(char) - 1); !ok {
		return false
	}
	return bytes.HasPrefix(c.text()[i:], char)
}

// failed returns the error that ended the reading before the end of the text, or nil.
func (c *csvReader) failed() error {
	if c.err == io.EOF {
		return nil
	}
	return c.err
}

// lineEnd returns the length of the line end at i, or 0 if there is none.
func (c *csvReader) lineEnd(i int) int {
	b, ok := c.at(i)
	switch {
	case !ok, b != '\n' && b != '\r':
		return 0
	case b == '\n':
		if c.ends == unknownEnds {
			c.ends = lfEnds
		}
		return 1
	}
	run := 1
	next, ok := c.at(i + run)
	for ok && next == '\r' && c.ends != crEnds && c.ends != lfEnds {
		run++
		next, ok = c.at(i + run)
	}
	if c.ends == unknownEnds {
		switch {
		case !ok || next != '\n':
			c.ends = crEnds
		case run == 1:
			c.ends = lfEnds
		default:
			c.ends = doubledCREnd
		}
	}
	switch {
	case ok && next == '\n':
		return run + 1
	case c.ends == crEnds, !ok && run == 1:
		return 1
	}
	return 0
}

// skipLine skips a line of any length. It reports false at the end of the text.
func (c *csvReader) skipLine() bool {
	c.pos, c.used = c.pos+c.used, 0
	for {
		t := c.text()
		i := bytes.IndexAny(t, "\r\n")
		if i < 0 {
			c.pos = c.end
			if !c.more() {
				return false
			}
			continue
		}
		c.pos += i
		if n := c.lineEnd(0); n > 0 {
			c.pos += n
			c.line++
			return true
		}
		c.pos++
	}
}

// read reads the next row. It returns io.EOF at the end of the text. A row without
// cells is an empty line.
func (c *csvReader) read() error {
	for {
		c.pos, c.used = c.pos+c.used, 0
		c.cells, c.rowLine = c.cells[:0], c.line+1
		if _, ok := c.at(0); !ok {
			return c.err
		}
		if !c.has(c.comment, 0) {
			break
		}
		c.skipLine()
	}
	if n := c.lineEnd(0); n > 0 {
		c.used = n
		c.line++
		return nil
	}
	i, last := 0, false
	for !last {
		var err error
		if i, last, err = c.cell(i); err != nil {
			return err
		}
		if len(c.cells) > maxColumns {
			return c.tooLarge(fmt.Sprintf("more than %d cells", maxColumns))
		}
	}
	c.used = i
	if int64(i) > c.limit {
		return c.tooLarge(fmt.Sprintf("more than %d bytes", c.limit))
	}
	return nil
}
