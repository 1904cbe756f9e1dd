package format

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

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
