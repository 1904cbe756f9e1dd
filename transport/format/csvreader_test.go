package format

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// readAllCSV returns the cells of all rows, without the empty lines.
func readAllCSV(r io.Reader, f CSV) (rows [][]string, err error) {
	c := newCSVReader(r, 1<<20, f)
	for {
		if err := c.read(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return rows, err
		}
		if len(c.cells) == 0 {
			continue
		}
		var row []string
		for _, cell := range c.cells {
			row = append(row, string(c.text()[cell.from:cell.to]))
		}
		rows = append(rows, row)
	}
}

// FuzzCSVReader reads any CSV text. However it arrives, its rows are the same. Where
// encoding/csv does not change cells, both return the same rows, or both an error.
func FuzzCSVReader(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", "a,\"b\r\nc\"\r\n", "\"a\"\"b\",c", "a\r\rb\r", "a\r\r\nb\r\r\n", "\"", "\"a\" ,b", " \"a\"", "a\"b,c", "#x\na\n", "\n\n", ",,\n", "a\\,b,\\N\n", "\"a\\\"b\"\n", "é§b\n", "\"a\"b\",c\n", "\"\"", "a,\"\"\n",
	} {
		for options := range byte(16) {
			f.Add(text, options)
		}
	}
	f.Fuzz(func(t *testing.T, text string, options byte) {
		if !utf8.ValidString(text) {
			return
		}
		format := CSV{LazyQuotes: options&1 != 0}
		if options&2 != 0 {
			format.Comma = '§'
		}
		if options&4 != 0 {
			format.Comment = '#'
		}
		if options&8 != 0 {
			format.Escape = '\\'
		}
		rows, err := readAllCSV(strings.NewReader(text), format)
		for _, src := range []io.Reader{iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			again, errAgain := readAllCSV(src, format)
			if (err == nil) != (errAgain == nil) || !slices.EqualFunc(rows, again, slices.Equal) {
				t.Fatalf("%q: %q %v, then %q %v", text, rows, err, again, errAgain)
			}
		}
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") || format.Escape != 0 {
			return // encoding/csv knows neither CR as a line end nor escapes
		}
		standard := csv.NewReader(strings.NewReader(text))
		standard.Comma, standard.Comment, standard.LazyQuotes, standard.FieldsPerRecord = format.comma(), format.Comment, format.LazyQuotes, -1
		want, wantErr := standard.ReadAll()
		if format.LazyQuotes && errors.Is(err, ErrCut) {
			return // encoding/csv takes the rest of the text as one cell
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, encoding/csv: %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		for _, row := range rows {
			for i, cell := range row {
				row[i] = strings.ReplaceAll(cell, "\r\n", "\n")
			}
		}
		if !slices.EqualFunc(rows, want, slices.Equal) {
			t.Fatalf("%q: %q, encoding/csv: %q", text, rows, want)
		}
	})
}
