package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

const null = "null"

// columns are the values of a row, each as JSON in a canonical form, so that equal
// values have equal text: the members of nested objects are sorted by name, and
// numbers keep their digits.
type columns map[string]string

// parseRow reads a row's JSON object.
func parseRow(row []byte) (columns, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(row, &members); err != nil {
		return nil, err
	}
	c := make(columns, len(members))
	for name, raw := range members {
		if raw[0] != '{' && raw[0] != '[' {
			c[name] = string(raw)
			continue
		}
		text, err := canonical(raw)
		if err != nil {
			return nil, err
		}
		c[name] = text
	}
	return c, nil
}

// canonical returns a JSON value in the canonical form.
func canonical(raw []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", err
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// key returns the primary key of the row for reports: "id=1, line=2".
func (c columns) key(names []string) (string, error) {
	var b strings.Builder
	for i, name := range names {
		value, ok := c[name]
		if !ok || value == null {
			return "", fmt.Errorf("the row has no value in column %s of the primary key", name)
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name + "=" + value)
	}
	return b.String(), nil
}

// merge returns the row after an update.
func (c columns) merge(update columns) columns {
	merged := maps.Clone(c)
	maps.Copy(merged, update)
	return merged.withoutNulls()
}

// withoutNulls returns the row without null columns. An omitted column also counts
// as null.
func (c columns) withoutNulls() columns {
	for _, value := range c {
		if value == null {
			clean := maps.Clone(c)
			maps.DeleteFunc(clean, func(_, value string) bool { return value == null })
			return clean
		}
	}
	return c
}

// without returns the row without the named columns.
func (c columns) without(names map[string]bool) columns {
	if len(names) == 0 {
		return c
	}
	clean := maps.Clone(c)
	maps.DeleteFunc(clean, func(name, _ string) bool { return names[name] })
	return clean
}

// value returns the value of a column, or null if the row does not have it.
func (c columns) value(name string) string {
	if value, ok := c[name]; ok {
		return value
	}
	return null
}

// json returns the row as a JSON object. Declared columns come first, in the order
// of the table. The other columns follow, sorted by name.
func (c columns) json(table *schema.Table) json.RawMessage {
	var b []byte
	var names []string
	if table != nil {
		for _, column := range table.Columns {
			if _, ok := c[column.Name]; ok {
				names = append(names, column.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if table == nil || !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		quoted, _ := json.Marshal(name) // a string can always be marshaled
		b = append(append(append(b, quoted...), ':'), c[name]...)
	}
	return append(b, '}')
}

// text returns the row in the canonical form.
func (c columns) text() string { return string(c.json(nil)) }
