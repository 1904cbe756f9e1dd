package fakeapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// csvOf returns some rows of a table as CSV, with a header.
func csvOf(t *table, rows []int) []byte {
	if len(t.csvColumns) == 0 {
		return nil
	}
	var b bytes.Buffer
	writeLine := func(cells []string) {
		b.WriteString(strings.Join(cells, ","))
		b.WriteString("\r\n")
	}
	cells := make([]string, len(t.csvColumns))
	for i, column := range t.csvColumns {
		cells[i] = quoteCell(column)
	}
	writeLine(cells)
	for _, row := range rows {
		for i, column := range t.csvColumns {
			cells[i] = csvCell(fieldOf(t.rows[row], column))
		}
		if len(cells) == 1 && cells[0] == "" {
			cells[0] = `""` // many readers skip empty lines
		}
		writeLine(cells)
	}
	return b.Bytes()
}

// csvCell returns the cell of a value, which is nil for a missing field.
func csvCell(raw json.RawMessage) string {
	if len(raw) == 0 || raw[0] == 'n' {
		return ""
	}
	return quoteCell(textOf(raw))
}

// quoteCell quotes a text if RFC 4180 §2 demands it, if the text is empty, which
// distinguishes it from null, and if a reader might trim it.
func quoteCell(text string) string {
	if text != "" && !strings.ContainsAny(text, "\",\r\n") && strings.TrimSpace(text) == text {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// csvColumns returns the names of all fields of the rows, in the order of their first
// appearance.
func csvColumns(rows []json.RawMessage) (names []string, err error) {
	seen := map[string]bool{}
	for i, row := range rows {
		fields, err := namesOf(row)
		if err != nil {
			return nil, fmt.Errorf("row %d cannot be a line of CSV: %w", i, err)
		}
		for _, name := range fields {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// namesOf returns the names of the members of a JSON object, in their order.
func namesOf(object json.RawMessage) (names []string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if start, _ := decoder.Token(); start != json.Delim('{') {
		return nil, errors.New("it is not an object")
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		names = append(names, name.(string)) // the names of valid JSON are strings
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
	}
	return names, nil
}
