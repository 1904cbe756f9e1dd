package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
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

// decode decodes the record of a row into v.
func (t *csvTable) decode(v any, row csvRow) (err error) {
	if !t.matched {
		t.matched = true
		renamed, err := t.matchFields(v)
		if err != nil {
			return err
		}
		if renamed {
			if t.record, err = t.appendRecord(t.record[:0], row); err != nil {
				return err
			}
		}
	}
	text, err := jsonvalue.DecodeCells(t.record, v)
	if err != nil {
		return explainCell(err)
	}
	if t.check != nil && t.check.cells != nil {
		t.check.report.Check(t.check.ctx, t.check.cells, text)
	}
	return nil
}

// matchFields compares the names of the columns with the fields of the struct that v
// points to. If a field has the name of a column without the spaces around it, the
// column gets that name.
func (t *csvTable) matchFields(v any) (renamed bool, err error) {
	typ := reflect.TypeOf(v).Elem()
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ.NumField() == 0 || decodesItself(typ) {
		if comma := t.otherComma(); comma != 0 {
			t.warn("the header of the CSV text", fmt.Sprintf("the header %q of a CSV text has one column: if the text has several columns, set Comma of format.CSV to %q, otherwise skip the header with SkipLines and name the column with Header",
				shorten.Line(t.names[0], 200), comma))
		}
		return false, nil
	}
	found := false
	for i, name := range t.names {
		if hasField(typ, t.quoted[i]) {
			found = true
			continue
		}
		trimmed := strings.TrimSpace(name)
		if trimmed == name || t.hasColumn(trimmed) {
			continue
		}
		if quoted, err := jsontext.AppendQuote(nil, trimmed); err == nil && hasField(typ, quoted) {
			found, renamed = true, true
			t.names[i] = trimmed
			t.quoted[i] = quoted
		}
	}
	if found {
		return renamed, nil
	}
	return false, t.noFields(typ)
}

// noFields reports that a struct has no field for any column, so that its fields stay
// zero. It returns an error if the text has another separator.
func (t *csvTable) noFields(typ reflect.Type) error {
	if comma := t.otherComma(); comma != 0 {
		return fmt.Errorf("the header %q has one column, which has no field in %s: set Comma of format.CSV to %q", shorten.Line(t.names[0], 200), typ, comma)
	}
	t.warn("no column of "+typ.String(), fmt.Sprintf("no column of the CSV text has a field in %s, so all fields are zero: the columns are %s: compare the names, and check Comma, Header and SkipLines of format.CSV",
		typ, t.columnNames()))
	return nil
}

// otherComma returns the separator that a text with one column seems to have instead of
// Comma, or 0.
func (t *csvTable) otherComma() rune {
	if len(t.names) != 1 || len(t.format.Header) > 0 {
		return 0
	}
	for _, comma := range ",;\t|" {
		if string(comma) != string(t.rows.comma) && strings.ContainsRune(t.names[0], comma) {
			return comma
		}
	}
	return 0
}

// warn logs a warning and passes it to the user of the platform.
func (t *csvTable) warn(key, message string) {
	t.source.Report.Log().LogAttrs(t.ctx, slog.LevelWarn, message, slog.String("source", t.source.Report.Source))
	userwarning.Warn(t.ctx, key, message)
}

// explainCell adds to the error of a cell how to read it.
func explainCell(err error) error {
	var semantic *jsonv2.SemanticError
	if !errors.As(err, &semantic) || semantic.GoType == nil {
		return err
	}
	typ := semantic.GoType
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch kind := typ.Kind(); {
	case kind >= reflect.Int && kind <= reflect.Float64:
		return fmt.Errorf("%w: decode such a cell into a string and parse it, for example with value.ParseNumber", err)
	case kind == reflect.Bool:
		return fmt.Errorf("%w: a bool is true, t, yes, y, 1 or the opposite: decode another text into a string", err)
	}
	return err
}

// hasColumn reports whether a column has a name, without regard to case.
func (t *csvTable) hasColumn(name string) bool {
	fold := func(s string) string { return strings.ToLower(strings.ToUpper(s)) }
	if t.folded == nil {
		t.folded = make(map[string]bool, len(t.names))
		for _, n := range t.names {
			t.folded[fold(n)] = true
		}
	}
	return t.folded[fold(name)]
}

// columnNames returns the names of the first columns.
func (t *csvTable) columnNames() string {
	const most = 12
	var names []string
	for i, name := range t.names {
		if i == most {
			names = append(names, "...")
			break
		}
		names = append(names, fmt.Sprintf("%q", shorten.Line(name, 60)))
	}
	return strings.Join(names, ", ")
}

// decodesItself reports whether a type decodes JSON with a method of its own.
func decodesItself(typ reflect.Type) bool {
	switch reflect.New(typ).Interface().(type) {
	case jsonv2.Unmarshaler, jsonv2.UnmarshalerFrom:
		return true
	}
	return false
}

// hasField reports whether a struct has a field for a member, whose name is given as a
// JSON string.
func hasField(typ reflect.Type, quotedName []byte) bool {
	object := append(append([]byte{'{'}, quotedName...), ":null}"...)
	err := jsonv2.Unmarshal(object, reflect.New(typ).Interface(),
		jsonv2.MatchCaseInsensitiveNames(true), jsonv1.MatchCaseSensitiveDelimiter(true), jsonv2.RejectUnknownMembers(true))
	return !errors.Is(err, jsonv2.ErrUnknownName)
}

// skippedRows counts the rows that RaggedSkip has skipped.
type skippedRows struct {
	n     int
	first int // the line of the first one
}

// add counts a row.
func (s *skippedRows) add(line int) {
	if s.n == 0 {
		s.first = line
	}
	s.n++
}

// report warns the user of the platform of the rows that were skipped, and logs their
// number.
func (s *skippedRows) report(ctx context.Context, source bodytext.Source) {
	if s.n > 0 {
		userwarning.WarnTimes(ctx, "ragged rows", fmt.Sprintf("a row of a CSV text was skipped, because it has more or fewer cells than the header (line %d)", s.first), s.n)
		source.Report.Log().LogAttrs(ctx, slog.LevelWarn, "skipped rows with more or fewer cells than the header",
			slog.String("source", source.Report.Source), slog.Int("rows", s.n), slog.Int("first_line", s.first))
	}
}
