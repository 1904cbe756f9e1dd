package format

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// CSV reads the rows of a table (RFC 4180). Each row is a record with one member
// per column, named by the header. A struct is decoded by its json names, with
// numbers and bools read from their text; the exact name of a field takes precedence
// over one in another case. A map[string]any receives strings. An
// empty cell is null, which sets a pointer to nil and any other field to its zero
// value. If that field is not a string, the loss of the null is reported. Columns
// without a field are ignored. If a struct has no field for any column, the user of the
// platform is warned, and if that is because Comma is wrong, it is an error. Read decimal
// commas as strings, and parse them with value.ParseNumber.
//
// # Rows
//
// Lines end with LF or CRLF, or with CR if the first line does. A cell may be quoted, and
// then contain line breaks, commas and doubled quotes. Cells are not changed: spaces and
// the line breaks in them stay as they are. A quoted cell that is not closed is an error
// that wraps [ErrCut] and names the line on which the cell begins.
//
// If there are several columns, empty lines are skipped. If there is one column, an
// empty line is a row whose cell is empty, except for an empty line at the end of the
// text and before the header. A first line of the form "sep=;", which Excel writes, with
// or without the quotes, sets Comma. If the text has one column whose name contains
// another separator, and no struct shows that Comma is wrong, the user of the platform is
// warned.
//
// A row with more or fewer cells than the header is an error that names the line, unless
// Ragged says otherwise. Two columns with the same name are an error. One column may
// have no name, which makes its name "". If several have none, they are left out, and a
// value in one of them is an error. Spaces around a column's name are part of it, but a
// struct's field that has the name without them receives the column.
//
// A header with markup or a NUL character is an error, because the text is a web page or a
// binary file.
type CSV struct {
	// Comma separates the cells. It is one character. Optional; the default is a
	// comma.
	Comma rune

	// Quote encloses cells that contain a comma, a quote or a line break. [NoQuote]
	// is for text without quoted cells, in which a quote has no meaning. Optional; the
	// default is the quotation mark.
	Quote rune

	// Escape, such as '\\', makes a comma, a quote, a line break or an escape character
	// after it a part of the cell. Before any other character, Escape itself is a part of
	// the cell, so \N of MySQL and PostgreSQL stays as it is. A doubled quote in a quoted
	// cell always means one quote. Optional; the default is no escape character.
	Escape rune

	// Header holds the names of the columns, for text without a header. Optional;
	// the default is to read the names from the first row.
	Header []string

	// Charset is the encoding of the text, by one of the names that package
	// charset lists. It takes precedence over the charset that a response declares,
	// but a byte order mark takes precedence over it. Optional; the default is the
	// charset that a response declares, otherwise UTF-8.
	Charset string

	// Comment is the character that begins a comment. Lines that begin with it
	// are skipped. Optional; the default is no comments.
	Comment rune

	// SkipLines is the number of lines to skip before the header, or before the
	// first row if Header is set. Optional.
	SkipLines int

	// SkipFooter is the number of rows to skip at the end, such as a row of totals.
	// Empty lines that are skipped do not count. That many rows are held in memory. If
	// the text has rows, but fewer than that, the user of the platform is warned.
	// Optional.
	SkipFooter int

	// EmptyText decodes an empty cell as "" instead of null. If Null contains "" as
	// well, this only applies to a cell that is quoted, as in files of PostgreSQL.
	// Optional.
	EmptyText bool

	// Null lists further texts that mean null in a cell that is not quoted, such as
	// `\N` (MySQL, PostgreSQL), "NULL" or "NA". A cell with a character that Escape gives
	// its literal meaning counts as quoted: with `\` as Escape, `\\N` is the text `\N`.
	// Optional.
	Null []string

	// TrimLeadingSpace removes spaces and tabs at the beginning of a cell, so that a
	// quote after them begins a quoted cell. Optional.
	TrimLeadingSpace bool

	// LazyQuotes accepts a quote within an unquoted cell, and an unescaped quote
	// within a quoted cell. Optional.
	LazyQuotes bool

	// Ragged determines how to handle a row that has more or fewer cells than the
	// header. Optional; the default is [RaggedError].
	Ragged Ragged
}

// NoQuote is the value of [CSV].Quote for text without quoted cells.
const NoQuote rune = -1

// Ragged determines how [CSV] handles a row that has more or fewer cells than the header.
type Ragged int

// The ways to handle a ragged row. The zero Ragged is RaggedError.
const (
	// RaggedError makes the row an error.
	RaggedError Ragged = iota
	// RaggedPad reads missing cells at the end as null, and ignores empty surplus
	// cells, as in rows that end with a comma. A surplus cell with a value is an error.
	RaggedPad
	// RaggedSkip skips the row. The number of skipped rows is logged at level WARN, and
	// the user of the platform receives a warning.
	RaggedSkip
)

// Accept returns the media type of CSV.
func (CSV) Accept() string { return "text/csv, */*;q=0.5" }

// Read implements [Format].
func (f CSV) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f CSV) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	if err := f.check(); err != nil {
		return err
	}
	text, err := c.openCharset(bufio.NewReader(r), f.Charset)
	if err != nil {
		return err
	}
	rows := newCSVReader(text, maxRecord, f)
	if err := f.skip(rows); err != nil {
		return err
	}
	t := &csvTable{format: f, check: c, ctx: text.ctx, source: text.source, rows: rows, yield: yield}
	if err := t.readHeader(); err != nil {
		return err
	}
	defer func() { t.skipped.report(text.ctx, text.source) }()
	return t.readRows()
}

func (f CSV) comma() rune {
	if f.Comma == 0 {
		return ','
	}
	return f.Comma
}

func (f CSV) quote() rune {
	if f.Quote == 0 {
		return '"'
	}
	return f.Quote
}

// check returns an error if the fields contradict each other.
func (f CSV) check() error {
	chars := []struct {
		name string
		char rune
	}{{"Comma", f.comma()}, {"Quote", f.quote()}, {"Comment", f.Comment}, {"Escape", f.Escape}}
	for i, c := range chars {
		if c.char == 0 || c.name == "Quote" && c.char == NoQuote {
			continue
		}
		if !utf8.ValidRune(c.char) || c.char == utf8.RuneError || c.char == '\r' || c.char == '\n' {
			return fmt.Errorf("format.CSV: %s: not a valid character: %q", c.name, c.char)
		}
		for _, other := range chars[:i] {
			// An Escape that is the Quote means a doubled quote, which is the default.
			if c.char == other.char && (c.name != "Escape" || other.name != "Quote") {
				return fmt.Errorf("format.CSV: %s and %s are both %q", other.name, c.name, c.char)
			}
		}
	}
	switch {
	case f.SkipLines < 0:
		return fmt.Errorf("format.CSV: SkipLines is negative: %d", f.SkipLines)
	case f.SkipFooter < 0:
		return fmt.Errorf("format.CSV: SkipFooter is negative: %d", f.SkipFooter)
	case f.nullInQuotes() != "":
		return fmt.Errorf("format.CSV: no cell that is not quoted can be %q, so Null must not contain it", f.nullInQuotes())
	case f.Ragged < RaggedError || f.Ragged > RaggedSkip:
		return fmt.Errorf("format.CSV: Ragged is not one of its constants: %d", f.Ragged)
	}
	return nil
}

// nullInQuotes returns the first text of Null that only a quoted cell can have.
func (f CSV) nullInQuotes() string {
	for _, null := range f.Null {
		if strings.ContainsAny(null, "\r\n") || strings.ContainsRune(null, f.comma()) || f.Quote != NoQuote && strings.HasPrefix(null, string(f.quote())) {
			return null
		}
	}
	return ""
}

// skip skips the lines before the header.
func (f CSV) skip(rows *csvReader) error {
	for range f.SkipLines {
		if !rows.skipLine() {
			return rows.failed()
		}
	}
	if f.SkipLines > 0 {
		return nil
	}
	return f.skipSeparator(rows)
}

// skipSeparator skips a first line such as "sep=;", which Excel writes and obeys. Some
// libraries write it in quotes.
func (f CSV) skipSeparator(rows *csvReader) error {
	comma, ok := separatorLine(rows)
	if !ok {
		return nil
	}
	if f.Comma != 0 && f.Comma != comma {
		return fmt.Errorf("the text begins with \"sep=%c\", but Comma of format.CSV is %q", comma, f.Comma)
	}
	f.Comma = comma
	if err := f.check(); err != nil {
		return fmt.Errorf("the text begins with \"sep=%c\": %w", comma, err)
	}
	rows.skipLine()
	rows.comma = bytesOf(comma)
	rows.setStops()
	return nil
}

// separatorLine returns the separator that the first line names. It reports false if the
// line names none.
func separatorLine(rows *csvReader) (comma rune, ok bool) {
	const mark = "sep="
	start := 0
	if b, ok := rows.at(0); ok && b == '"' {
		start = 1
	}
	end := start + len(mark)
	for i := range mark {
		if b, ok := rows.at(start + i); !ok || b|0x20 != mark[i]|0x20 {
			return 0, false
		}
	}
	for n := end; n == end || !utf8.FullRune(rows.text()[end:]); n++ {
		if _, ok := rows.at(n); !ok {
			return 0, false
		}
	}
	comma, size := utf8.DecodeRune(rows.text()[end:])
	if end += size; start > 0 {
		if b, ok := rows.at(end); !ok || b != '"' {
			return 0, false
		}
		end++
	}
	if _, more := rows.at(end); comma == '\r' || comma == '\n' || more && rows.lineEnd(end) == 0 {
		return 0, false
	}
	return comma, true
}

// maxHeader is the largest number of bytes of a header, which each record repeats.
const maxHeader = 4 << 20

// errEmptyCSV reports text without a header.
var errEmptyCSV = fmt.Errorf("%w: it is empty, without even a header", ErrCut)

// readHeader reads the names of the columns.
func (t *csvTable) readHeader() error {
	header := t.format.Header
	if len(header) == 0 {
		for len(t.rows.cells) == 0 {
			err := t.rows.read()
			if err == io.EOF {
				return errEmptyCSV
			}
			if err != nil {
				return err
			}
		}
		text := t.rows.text()
		if t.rows.used > maxHeader {
			return fmt.Errorf("line %d: header: %w: more than %d bytes: check Comma and Quote of format.CSV", t.rows.rowLine, ErrTooLarge, maxHeader)
		}
		for _, c := range t.rows.cells {
			header = append(header, string(text[c.from:c.to]))
		}
		if err := checkHeader(text[:t.rows.used]); err != nil {
			return err
		}
	}
	t.names = make([]string, len(header))
	at := make(map[string]int, len(header))
	for i, name := range header {
		if first, twice := at[name]; twice && name != "" {
			return fmt.Errorf("two columns have the name %q, columns %d and %d: name the columns with Header of format.CSV", shorten.Line(name, 60), first+1, i+1)
		}
		if name == "" {
			t.unnamed++
		}
		at[name] = i
		t.names[i] = name
	}
	return t.quoteNames()
}

// checkHeader returns an error if the first line is not the header of a table. A text with
// a single line would otherwise be a table without rows.
func checkHeader(line []byte) error {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return fmt.Errorf("the header has a NUL character, at byte %d: the text is a binary file, or it is in UTF-16 and Charset of format.CSV is not", i)
	}
	start := strings.ToLower(string(bytes.TrimSpace(line[:min(len(line), 100)])))
	for _, markup := range []string{"<?xml", "<!doctype", "<html"} {
		if strings.HasPrefix(start, markup) {
			return markupError(line)
		}
	}
	if strings.HasPrefix(start, "<") && bytes.Contains(line, []byte("</")) {
		return markupError(line)
	}
	return nil
}

func markupError(line []byte) error {
	return fmt.Errorf("the text is not CSV, but markup: it begins with %q", shorten.Line(string(line), 100))
}
