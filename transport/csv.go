package transport

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CSV reads the rows of a table in text form (RFC 4180). Each row is a record
// whose members are named by the header: a struct takes them by its json names,
// numbers and bools are read from their text, and a map[string]any gets
// strings. An empty cell is null.
//
// A row with more or fewer cells than the header is an error that names its
// line, and so are two columns with the same name.
type CSV struct {
	// Comma separates the cells. Optional; the default is a comma.
	Comma rune

	// Header names the columns of a text that has no header of its own.
	// Optional; the default is to read the names from the first row.
	Header []string

	// Charset is the text's encoding: utf-8, utf-16, utf-16le, utf-16be,
	// iso-8859-1, iso-8859-15, windows-1250, windows-1251 or windows-1252.
	// Optional; the default is UTF-8, or UTF-16 where a byte order mark says
	// so.
	Charset string

	// Comment begins lines to leave out. Optional.
	Comment rune

	// SkipLines is how many lines before the header or the first row are left
	// out. Optional.
	SkipLines int

	// EmptyText says that an empty cell is an empty text instead of null.
	// Optional.
	EmptyText bool

	// LazyQuotes allows quotes where the standard doesn't. Optional.
	LazyQuotes bool
}

func (CSV) accept() string { return "text/csv, */*;q=0.5" }
func (CSV) markup() bool   { return false }

// cellOptions read values from their text.
var cellOptions = jsonv2.JoinOptions(decodeOptions, jsonv2.StringifyNumbers(true), jsonv2.WithUnmarshalers(jsonv2.JoinUnmarshalers(
	jsonv2.UnmarshalFromFunc(decodeNumber),
	jsonv2.UnmarshalFromFunc(decodeAny),
	jsonv2.UnmarshalFromFunc(decodeMap),
	jsonv2.UnmarshalFromFunc(decodeRaw),
	jsonv2.UnmarshalFromFunc(decodeBoolText),
)))

func decodeBoolText(d *jsontext.Decoder, b *bool) error {
	tok, err := d.ReadToken()
	if err != nil {
		return err
	}
	if tok.Kind() == 'n' {
		*b = false
		return nil
	}
	switch strings.ToLower(tok.String()) {
	case "true", "t", "yes", "y", "1":
		*b = true
	case "false", "f", "no", "n", "0":
		*b = false
	default:
		return errors.New("neither true nor false")
	}
	return nil
}

func (f CSV) read(r io.Reader, limit int64, yield func(func(any) error) bool) error {
	text, err := toUTF8(r, f.Charset)
	if err != nil {
		return err
	}
	g := &recordGuard{r: text, limit: limit}
	lines := 0
	var in io.Reader = g
	if f.SkipLines > 0 {
		if in, err = skipLines(g, f.SkipLines); err != nil {
			return err
		}
		lines = f.SkipLines
	}
	cr := csv.NewReader(in)
	cr.ReuseRecord = true
	cr.LazyQuotes = f.LazyQuotes
	cr.Comment = f.Comment
	if f.Comma != 0 {
		cr.Comma = f.Comma
	}
	header := f.Header
	if len(header) == 0 {
		row, err := cr.Read()
		if err == io.EOF {
			return fmt.Errorf("%w: it is empty, not even a header", ErrCut)
		}
		if err != nil {
			return csvError(err, lines)
		}
		header = append([]string(nil), row...)
	}
	names := make([][]byte, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		if seen[name] {
			return fmt.Errorf("two columns have the name %q", name)
		}
		seen[name] = true
		if names[i], err = jsontext.AppendQuote(nil, name); err != nil {
			return fmt.Errorf("the header: %w", err)
		}
	}
	cr.FieldsPerRecord = len(header)
	var row []byte
	for {
		g.n = 0
		cells, err := cr.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return csvError(err, lines)
		}
		line, _ := cr.FieldPos(0)
		row = append(row[:0], '{')
		for i, cell := range cells {
			if i > 0 {
				row = append(row, ',')
			}
			row = append(append(row, names[i]...), ':')
			if cell == "" && !f.EmptyText {
				row = append(row, "null"...)
				continue
			}
			if row, err = jsontext.AppendQuote(row, cell); err != nil {
				return fmt.Errorf("line %d: %w", line+lines, err)
			}
		}
		row = append(row, '}')
		if !yield(func(v any) error {
			if err := jsonv2.Unmarshal(row, v, cellOptions); err != nil {
				return fmt.Errorf("line %d: %w", line+lines, err)
			}
			return nil
		}) {
			return nil
		}
	}
}

// csvError counts the lines that were left out into an error.
func csvError(err error, skipped int) error {
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		moved := *pe
		moved.Line += skipped
		moved.StartLine += skipped
		return &moved
	}
	return err
}
