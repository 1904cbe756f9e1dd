package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A TextConverter converts records whose values are text, such as the rows of a
// CSV file or the elements of an XML document, to rows of a table. An [Encoder]
// refuses text for a number, a bool and most times. The TextConverter parses the
// text by the type of its column:
//
//	BOOLEAN              true, t, yes, y, 1 or false, f, no, n, 0, in any case
//	SHORT, INT, LONG,    digits with an optional sign, decimal point and exponent,
//	FLOAT, DOUBLE,       such as 5, +5, 007, .5 and 1e3; an integer column refuses
//	DECIMAL              an exponent, because spreadsheets write one for numbers
//	                     whose last digits they drop
//	UTC_DATETIME         the format of RFC 3339, with an offset or Z
//	NAIVE_DATETIME       2006-01-02T15:04:05, with a space or a T, with or without
//	                     a fraction
//	NAIVE_DATE           2006-01-02
//	BINARY               standard base64 with padding
//	JSON                 JSON text; it is delivered as a nested value
//	STRING, XML          the text itself
//
// Other formats need a function or a list, which the fields of the TextConverter
// hold. Nothing is guessed: 1,234 and 0x10 are not numbers, 01/02/2026 is not a
// date, and a date is not a UTC_DATETIME.
//
// Spaces around the text are ignored, except in a STRING, an XML or an undeclared
// column. An empty text is null, except in a STRING or an undeclared column.
//
// Text is a string, a defined type such as "type T string", a pointer to one, a
// sql.NullString, or a []byte in a column other than a BINARY. Other values, such as
// the maps and lists that XML elements with children become, are not converted. They
// must fit the column as they are.
//
// Set the fields before the first call of Convert. A TextConverter is then safe for
// concurrent use.
type TextConverter struct {
	// ParseTime parses the text of UTC_DATETIME, NAIVE_DATETIME and NAIVE_DATE
	// columns instead of the formats above. A naive column has the date and time of
	// day of the result in its own zone. A result with a time of day does not fit a
	// NAIVE_DATE. Function ParseTime of package transport/value parses the usual
	// formats. Optional.
	ParseTime func(text string) (time.Time, error)

	// ParseNumber parses the text of numbers instead of the format above, for
	// example with function ParseNumber of package transport/value, which accepts
	// a decimal comma and grouped digits. A number with an exponent that it returns
	// fits an integer column if its value is an integer. Optional.
	ParseNumber func(text string) (json.Number, error)

	// True and False are the words for the values of a BOOLEAN, such as "ja" and
	// "nein". Case is ignored. Optional; by default, they are the words above.
	True, False []string

	// Null are the texts that are null in every column, also in a STRING and in an
	// undeclared column, such as "NULL" or "". They must match exactly. Optional.
	Null []string

	// JSONStrings delivers the text of a JSON column as a JSON string, for sources
	// whose nested values are maps and lists already, such as XML. Optional; by
	// default, the text must be JSON.
	JSONStrings bool

	table   *Table
	byName  map[string]*Column
	folded  map[string]string // the names of columns by foldedKey
	writers sync.Pool
}

// NewTextConverter returns a converter for records of the table t. The caller must
// not modify t afterwards.
func NewTextConverter(t *Table) *TextConverter {
	c := &TextConverter{
		True: []string{"true", "t", "yes", "y", "1"}, False: []string{"false", "f", "no", "n", "0"},
		table: t, byName: make(map[string]*Column, len(t.Columns)), folded: make(map[string]string, len(t.Columns)),
	}
	for i := range t.Columns {
		column := &t.Columns[i]
		c.byName[column.Name] = column
		c.folded[foldedKey(column.Name)] = column.Name
	}
	c.writers.New = func() any { return new(rowWriter) }
	return c
}

// foldedKey returns the name in the form in which a column is recognized although
// it is spelled differently.
func foldedKey(name string) string {
	return foldName(strings.TrimFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == byteOrderMark }))
}

const byteOrderMark = '\ufeff'

// Convert returns a record as a row of the table. The record must be a map with
// string keys, such as a map[string]string or a map[string]any. Convert does not
// modify it. The row is a new map with the same keys. The empty key is left out if
// its text is empty, because the lines of a CSV text may end with a comma.
//
// The row still has to pass the [Encoder], which checks what depends on more than
// the type of a column, such as the precision of a DECIMAL.
//
// The error is a [*RowError]. It names the column and quotes the beginning of a text
// that cannot be parsed. A key that differs from the name of a column only in case,
// or in spaces or a byte order mark around it, is an error. So is a key that consists
// of the names of several columns, as in the header of a CSV text that was read with
// another separator. Other keys that the table does not declare are undeclared columns:
// their text is not converted.
func (c *TextConverter) Convert(record any) (map[string]any, error) {
	if c.table == nil {
		return nil, errors.New("schema: a TextConverter without a table: make it with NewTextConverter")
	}
	switch record := record.(type) {
	case map[string]any:
		return convertRecord(c, len(record), maps.All(record))
	case map[string]string:
		return convertRecord(c, len(record), maps.All(record))
	}
	v := reflect.ValueOf(record)
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String {
		return nil, &RowError{Table: c.table.String(), Got: fmt.Sprintf("%T", record), Problem: "a record of text must be a map with string keys"}
	}
	return convertRecord(c, v.Len(), func(yield func(string, any) bool) {
		for key, value := range v.Seq2() {
			if !yield(key.String(), value.Interface()) {
				return
			}
		}
	})
}

// convertRecord converts the n members of a record.
func convertRecord[V any](c *TextConverter, n int, members func(yield func(string, V) bool)) (map[string]any, error) {
	row := make(map[string]any, n)
	var failed *RowError
	for name, v := range members {
		if text, null, ok := textOf(v, 0); name == "" && ok && (null || text == "") {
			continue
		}
		converted, err := c.member(name, v)
		switch {
		case err == nil:
			row[name] = converted
		case failed == nil || err.Column < failed.Column:
			failed = err // the order of a map is random, but the error must not be
		}
	}
	if failed != nil {
		return nil, failed
	}
	return row, nil
}

// member converts the value of one column.
func (c *TextConverter) member(name string, v any) (any, *RowError) {
	column := c.byName[name]
	if column == nil {
		if declared, ok := c.folded[foldedKey(name)]; ok {
			return nil, &RowError{Table: c.table.String(), Column: name, Got: "text", Problem: fmt.Sprintf("the table declares the column as %q", declared)}
		}
		if separator := c.joined(name); separator != 0 {
			return nil, &RowError{Table: c.table.String(), Column: shorten.Line(name, 200), Got: "text", Problem: fmt.Sprintf(
				"the name consists of several columns of the table: the separator of the text is %q, such as Comma of format.CSV", separator)}
		}
		if text, null, ok := textOf(v, 0); ok && !null && slices.Contains(c.Null, text) {
			return nil, nil
		}
		return v, nil
	}
	text, null, ok := textOf(v, column.Type)
	switch {
	case !ok:
		return v, c.check(column, v, "")
	case null, slices.Contains(c.Null, text):
		return nil, nil
	}
	if column.Type == TypeString {
		return text, nil // every string fits
	}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return nil, nil
	}
	if column.Type == TypeXML {
		return text, nil
	}
	parsed, err := c.parse(column.Type, trimmed)
	if err != nil {
		return nil, c.textError(column, text, err.Error(), err)
	}
	return parsed, c.check(column, parsed, text)
}

// joined returns the separator of an undeclared name that consists of the names of two or
// more columns of the table, or 0. It is the header of a text that was read with another
// separator.
func (c *TextConverter) joined(name string) rune {
	const separators = ",;\t|"
	if !strings.ContainsAny(name, separators) {
		return 0
	}
	for _, separator := range separators {
		found := 0
		for part := range strings.SplitSeq(name, string(separator)) {
			if _, ok := c.folded[foldedKey(strings.Trim(part, `"'`))]; ok {
				found++
			}
		}
		if found >= 2 {
			return separator
		}
	}
	return 0
}

// textOf returns the text in a value for a column of type t, or reports that it is
// a null. It returns false if the value is not of a type for text.
func textOf(v any, t Type) (text string, null, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", true, true
	case string:
		return v, false, true
	case []byte:
		return string(v), v == nil, v == nil || t != TypeBinary && t != 0
	}
	rv := reflect.ValueOf(v)
	if !isPlainText(rv.Type()) {
		return "", false, false
	}
	for rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return "", true, true
		}
		rv = rv.Elem()
	}
	if _, nullable := sqlNull(rv.Type()); nullable {
		return rv.Field(0).String(), !rv.Field(1).Bool(), true
	}
	return rv.String(), false, true
}

// check returns an error if a value does not fit its column. The text is what it
// was parsed from, or "".
func (c *TextConverter) check(column *Column, v any, text string) *RowError {
	w := c.writers.Get().(*rowWriter)
	defer c.writers.Put(w)
	if cap(w.b) > keptBytes {
		w.b = nil
	}
	w.reset(w.b[:0], c.table.Unfit)
	err := w.value(column.Type, v)
	if err == nil {
		return nil
	}
	misfit, ok := err.(*valueError)
	if !ok {
		misfit = &valueError{got: fmt.Sprintf("%T", v), why: err.Error()}
	}
	if text != "" {
		why := misfit.why
		if c.ParseTime == nil && takesTime(column.Type) {
			why += "; set ParseTime for other formats"
		}
		return c.textError(column, text, why, misfit.err)
	}
	return &RowError{Table: c.table.String(), Column: column.Name, Want: column.Type, Got: misfit.got, Problem: misfit.why, err: misfit.err}
}

// textError returns the error for a text that is not a value of its column.
func (c *TextConverter) textError(column *Column, text, why string, err error) *RowError {
	problem := "cannot use " + shorten.Quote(text, 40)
	if why != "" {
		problem += ": " + why
	}
	return &RowError{Table: c.table.String(), Column: column.Name, Want: column.Type, Got: "text", Problem: problem, err: err}
}
