package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/schema"
)

// want checks that the given operations arrived in the given order. The types of
// columns are those of the tables.
func (c *check) want(a *answer, tables schema.Schema, want ...change) {
	got := a.changes()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			c.broken("%d operations arrived, want %d; the first missing operation: %v", len(got), len(want), want[i])
			return
		case i >= len(want):
			c.broken("%d operations arrived, want %d; the first operation that the connector did not deliver: %v", len(got), len(want), got[i])
			return
		}
		if why := differ(got[i], want[i], tables); why != "" {
			c.broken("operation %d: %s\n got: %v\nwant: %v", i+1, why, got[i], want[i])
			return
		}
	}
}

// differ returns how two operations differ, or "" if they are equal.
func differ(got, want change, tables schema.Schema) string {
	if got == want {
		return "" // a row may be megabytes long: do not decode it
	}
	if got.op != want.op || got.table != want.table {
		return "the operation or the table is wrong"
	}
	has, err := values(got.row)
	if err != nil {
		return err.Error()
	}
	should, err := values(want.row)
	if err != nil {
		return err.Error()
	}
	if want.op == host.OpUpsert {
		// In a whole row, an omitted column is null.
		for _, row := range []map[string]any{has, should} {
			maps.DeleteFunc(row, func(_ string, v any) bool { return v == nil })
		}
	}
	table, _ := tables.Table(want.table)
	for _, name := range slices.Sorted(maps.Keys(should)) {
		v, ok := has[name]
		if !ok {
			return fmt.Sprintf("column %s is missing", name)
		}
		if !same(v, should[name], table, name) {
			return fmt.Sprintf("column %s: got %s, want %s", name, shorten.Text(fmt.Sprintf("%#v", v), shown), shorten.Text(fmt.Sprintf("%#v", should[name]), shown))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if _, ok := should[name]; !ok {
			return fmt.Sprintf("column %s arrived, but the connector did not deliver it", name)
		}
	}
	return ""
}

// same reports whether two values of a column are equal. Numbers are compared digit
// by digit, except that floats are compared by value.
func same(got, want any, table *schema.Table, name string) bool {
	if number, ok := want.(json.Number); ok && table != nil {
		column, _ := table.Column(name)
		bits := map[schema.Type]int{schema.TypeFloat: 32, schema.TypeDouble: 64}[column.Type]
		if other, ok := got.(json.Number); ok && bits > 0 {
			a, err := strconv.ParseFloat(string(number), bits)
			b, err2 := strconv.ParseFloat(string(other), bits)
			return err == nil && err2 == nil && a == b
		}
	}
	return equal(got, want)
}

// equal reports whether two JSON values are equal.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	}
	return a == b
}

// values decodes a row and keeps every digit of numbers.
func values(row string) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(row)))
	dec.UseNumber()
	var all map[string]any
	if err := dec.Decode(&all); err != nil || all == nil {
		return nil, fmt.Errorf("the row is not a JSON object: %s", shorten.Text(row, shown))
	}
	return all, nil
}
