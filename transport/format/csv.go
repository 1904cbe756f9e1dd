package format

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/charset"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// CSV reads the rows of a table (RFC 4180). Each row is a record with one member
// per column, named by the header. A struct is decoded by its json names, with
// numbers and bools read from their text; the exact name of a field takes precedence
// over one in another case. A map[string]any receives strings. An
// empty cell is null, which sets a pointer to nil and any other field to its zero
// value. If that field is not a string, the loss of the null is reported. Columns
// without a field are ignored. Read decimal commas as strings, and parse them with
// value.ParseNumber.
//
// A row with more or fewer cells than the header is an error that names the
// line. Two columns with the same name are an error.
type CSV struct {
	// Comma separates the cells. Optional; the default is a comma.
	Comma rune

	// Header holds the names of the columns, for text without a header. Optional;
	// the default is to read the names from the first row.
	Header []string

	// Charset is the encoding of the text, by one of the names that package
	// charset lists. Optional; the default is UTF-8, or UTF-16 if the text begins
	// with its byte order mark.
	Charset string

	// Comment is the character that begins a comment. Lines that begin with it
	// are skipped. Optional; the default is no comments.
	Comment rune

	// SkipLines is the number of lines to skip before the header, or before the
	// first row if Header is set. Optional.
	SkipLines int

	// EmptyText decodes an empty cell as "" instead of null. Optional.
	EmptyText bool

	// LazyQuotes accepts a quote within an unquoted cell, and an unescaped quote
	// within a quoted cell. Optional.
	LazyQuotes bool
}

// Accept returns the media type of CSV.
func (CSV) Accept() string { return "text/csv, */*;q=0.5" }

// Read implements [Format].
func (f CSV) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f CSV) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	text, err := charset.NewReader(r, f.Charset)
	if err != nil {
		return err
	}
	limit := &recordLimit{r: text, limit: maxRecord}
	rows, err := f.rows(limit)
	if err != nil {
		return err
	}
	names, err := f.header(rows)
	if err != nil {
		return err
	}
	rows.FieldsPerRecord = len(names)
	var record []byte
	for {
		limit.n = 0
		cells, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return f.lineError(err)
		}
		line, _ := rows.FieldPos(0)
		line += f.SkipLines
		if record, err = f.appendRecord(record[:0], names, cells); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if !yield(func(v any) error {
			text, err := jsonvalue.DecodeCells(record, v)
			if err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			if c != nil {
				c.report.Check(c.ctx, c.cells, text)
			}
			return nil
		}) {
			return nil
		}
	}
}

// rows returns a reader of the lines after SkipLines.
func (f CSV) rows(r io.Reader) (*csv.Reader, error) {
	if f.SkipLines > 0 {
		buf := bufio.NewReader(r)
		if err := skipLines(buf, f.SkipLines); err != nil {
			return nil, err
		}
		r = buf
	}
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	rows.LazyQuotes = f.LazyQuotes
	rows.Comment = f.Comment
	if f.Comma != 0 {
		rows.Comma = f.Comma
	}
	return rows, nil
}

// skipLines reads the first n lines.
func skipLines(r *bufio.Reader, n int) error {
	for range n {
		for {
			_, err := r.ReadSlice('\n')
			if err == nil {
				break
			}
			if err == io.EOF {
				return nil
			}
			if err != bufio.ErrBufferFull {
				return err
			}
		}
	}
	return nil
}

// header returns the names of the columns as JSON strings.
func (f CSV) header(rows *csv.Reader) ([][]byte, error) {
	header := f.Header
	if len(header) == 0 {
		var err error
		header, err = rows.Read()
		if err == io.EOF {
			return nil, fmt.Errorf("%w: it is empty, without even a header", ErrCut)
		}
		if err != nil {
			return nil, f.lineError(err)
		}
	}
	names := make([][]byte, len(header))
	seen := make(map[string]bool, len(header))
	for i, name := range header {
		if seen[name] {
			return nil, fmt.Errorf("two columns have the name %q", name)
		}
		seen[name] = true
		var err error
		if names[i], err = jsontext.AppendQuote(nil, name); err != nil {
			return nil, fmt.Errorf("the header: %w", err)
		}
	}
	return names, nil
}

// appendRecord appends a row as a JSON object of strings and nulls.
func (f CSV) appendRecord(b []byte, names [][]byte, cells []string) ([]byte, error) {
	b = append(b, '{')
	for i, cell := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, names[i]...), ':')
		if cell == "" && !f.EmptyText {
			b = append(b, "null"...)
			continue
		}
		var err error
		if b, err = jsontext.AppendQuote(b, cell); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// lineError adds the skipped lines to the line numbers of an error.
func (f CSV) lineError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		moved := *parse
		moved.Line += f.SkipLines
		moved.StartLine += f.SkipLines
		return &moved
	}
	return err
}
