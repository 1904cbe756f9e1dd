package format

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// A csvTable turns the rows of CSV text into records.
type csvTable struct {
	format CSV
	check  *lossCheck // may be nil
	ctx    context.Context
	source bodytext.Source
	rows   *csvReader
	yield  func(decode func(v any) error) bool

	names   []string
	quoted  [][]byte        // names as JSON strings
	folded  map[string]bool // names in lower case; see hasColumn
	unnamed int             // how many columns have no name
	matched bool            // the names were compared with the type of the records

	record     []byte
	skipped    skippedRows
	footer     []csvRow // the last rows, which may be the footer
	footerSize int      // the bytes of their text
}

// A csvRow is a row whose text is kept.
type csvRow struct {
	line  int
	text  []byte
	cells []cell
}

// quoteNames sets quoted.
func (t *csvTable) quoteNames() error {
	t.quoted = make([][]byte, len(t.names))
	for i, name := range t.names {
		var err error
		if t.quoted[i], err = jsontext.AppendQuote(nil, name); err != nil {
			return fmt.Errorf("the header: %w", err)
		}
	}
	return nil
}

// emptyLine is the cells of an empty line, if there is one column.
var emptyLine = []cell{{}}

// readRows reads all rows.
func (t *csvTable) readRows() error {
	// The number of empty lines before the next row, and the line of the first of them.
	empty, firstEmpty := 0, 0
	for {
		err := t.rows.read()
		if err != nil && err != io.EOF {
			return err
		}
		if err == nil && len(t.rows.cells) == 0 {
			if len(t.names) != 1 {
				continue
			}
			if empty == 0 {
				firstEmpty = t.rows.rowLine
			}
			empty++
			continue
		}
		if err == io.EOF && empty > 0 {
			empty-- // the end of the text
		}
		for i := range empty {
			if more, err := t.row(csvRow{firstEmpty + i, nil, emptyLine}); !more {
				return err
			}
		}
		empty = 0
		if err == io.EOF {
			t.checkFooter()
			return nil
		}
		if more, err := t.row(csvRow{t.rows.rowLine, t.rows.text()[:t.rows.used], t.rows.cells}); !more {
			return err
		}
	}
}

// row yields a row, or the one before it that is not in the footer.
func (t *csvTable) row(row csvRow) (more bool, err error) {
	if t.format.SkipFooter == 0 {
		return t.yieldRow(row)
	}
	if t.footerSize += len(row.text); int64(t.footerSize)/2 > t.rows.limit {
		return false, fmt.Errorf("line %d: %w: the last %d rows, which SkipFooter of format.CSV holds, have more than twice %d bytes", row.line, ErrTooLarge, len(t.footer)+1, t.rows.limit)
	}
	t.footer = append(t.footer, csvRow{row.line, append([]byte(nil), row.text...), append([]cell(nil), row.cells...)})
	if len(t.footer) <= t.format.SkipFooter {
		return true, nil
	}
	first := t.footer[0]
	t.footer[0] = csvRow{}
	t.footer = t.footer[1:]
	t.footerSize -= len(first.text)
	return t.yieldRow(first)
}

// checkFooter warns if the text has ended with fewer rows than its footer should have.
func (t *csvTable) checkFooter() {
	if n := len(t.footer); n > 0 && n < t.format.SkipFooter {
		t.warn("rows of a footer", fmt.Sprintf("a CSV text has %s, all of which were skipped, because SkipFooter of format.CSV is %d: check whether they are data", count(n, "row"), t.format.SkipFooter))
	}
}

// yieldRow yields a row as a record.
func (t *csvTable) yieldRow(row csvRow) (more bool, err error) {
	if len(row.cells) != len(t.names) {
		if t.format.Ragged == RaggedSkip {
			t.skipped.add(row.line)
			return true, nil
		}
		if row.cells, err = t.pad(row); err != nil {
			return false, err
		}
	}
	if t.record, err = t.appendRecord(t.record[:0], row); err != nil {
		return false, fmt.Errorf("line %d: %w", row.line, err)
	}
	return t.yield(func(v any) error {
		if err := t.decode(v, row); err != nil {
			return fmt.Errorf("line %d: %w", row.line, err)
		}
		return nil
	}), nil
}

// pad returns the cells of a row that has more or fewer than the header.
func (t *csvTable) pad(row csvRow) ([]cell, error) {
	cells, n := row.cells, len(t.names)
	surplus := ""
	for i := n; i < len(cells); i++ {
		if c := cells[i]; c.from != c.to {
			surplus = fmt.Sprintf(", and cell %d has a value", i+1)
			break
		}
	}
	if t.format.Ragged == RaggedError || surplus != "" {
		hint := "set Ragged of format.CSV to skip such rows"
		if surplus == "" {
			hint = "set Ragged of format.CSV to pad or skip such rows"
		}
		return nil, fmt.Errorf("line %d: the row has %s, but the header has %s%s: %s", row.line, count(len(cells), "cell"), count(n, "column"), surplus, hint)
	}
	for len(cells) < n {
		cells = append(cells, cell{})
	}
	return cells[:n], nil
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// appendRecord appends a row as a JSON object of strings and nulls.
func (t *csvTable) appendRecord(b []byte, row csvRow) (_ []byte, err error) {
	b = append(b, '{')
	for i, c := range row.cells {
		if t.unnamed > 1 && t.names[i] == "" {
			if c.from != c.to {
				return b, fmt.Errorf("column %d has a value, but no name, and %d columns have none: name the columns with Header of format.CSV", i+1, t.unnamed)
			}
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(b, t.quoted[i]...), ':')
		if text := row.text[c.from:c.to]; t.isNull(text, c.quoted) {
			b = append(b, "null"...)
			continue
		} else if len(text) > largeCell {
			if err := t.checkQuoted(len(b), text); err != nil {
				return b, err
			}
			b = slices.Grow(b, quotedLength(text)+len("}"))
		}
		if b, err = jsontext.AppendQuote(b, row.text[c.from:c.to]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// largeCell is the number of bytes from which the length of a cell as JSON is calculated
// before it is appended.
const largeCell = 64 << 10

// checkQuoted returns an error if a record that has n bytes exceeds the limit with a cell.
// JSON writes a control character as six.
func (t *csvTable) checkQuoted(n int, text []byte) error {
	if int64(n+quotedLength(text))-largeCell > t.rows.limit {
		return fmt.Errorf("record: %w: more than %d bytes with the control characters of its cells as JSON", ErrTooLarge, t.rows.limit)
	}
	return nil
}

// quotedLength returns the largest length of a text as a JSON string.
func quotedLength(text []byte) int {
	n := len(text) + len(`""`)
	for _, c := range text {
		switch {
		case c < ' ':
			n += len(`u0000`)
		case c == '"' || c == '\\':
			n++
		}
	}
	return n
}

// isNull reports whether the text of a cell means null.
func (t *csvTable) isNull(text []byte, quoted bool) bool {
	switch {
	case len(text) == 0 && !t.format.EmptyText:
		return true
	case quoted:
		return false
	}
	for _, null := range t.format.Null {
		if string(text) == null {
			return true
		}
	}
	return false
}

// warn logs a warning and passes it to the user of the platform.
func (t *csvTable) warn(key, message string) {
	t.source.Report.Log().LogAttrs(t.ctx, slog.LevelWarn, message, slog.String("source", t.source.Report.Source))
	userwarning.Warn(t.ctx, key, message)
}
