package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// want reports operations that did not arrive as they were delivered, or not in
// that order. The types of columns come from the tables.
func (c *check) want(a *answer, tables schema.Schema, want ...change) {
	got := a.changes()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			c.broken("%d operations arrived, want %d; the first that is missing: %v", len(got), len(want), want[i])
			return
		case i >= len(want):
			c.broken("%d operations arrived, want %d; the first that was not delivered: %v", len(got), len(want), got[i])
			return
		}
		if why := differ(got[i], want[i], tables); why != "" {
			c.broken("operation %d: %s\n got: %v\nwant: %v", i+1, why, got[i], want[i])
			return
		}
	}
}

// differ says in what two operations differ, or "".
func differ(got, want change, tables schema.Schema) string {
	if got.op != want.op || got.table != want.table {
		return "it is another operation, or another table's"
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
		// A whole row: what it leaves out is null.
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
			return fmt.Sprintf("column %s: got %s, want %s", name, shorten(fmt.Sprintf("%#v", v)), shorten(fmt.Sprintf("%#v", should[name])))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if _, ok := should[name]; !ok {
			return fmt.Sprintf("column %s was not delivered", name)
		}
	}
	return ""
}

// same compares two values of a column: numbers digit by digit, and those of
// columns that are floats by value.
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

// values decodes a row without touching a digit.
func values(row string) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(row)))
	dec.UseNumber()
	var all map[string]any
	if err := dec.Decode(&all); err != nil || all == nil {
		return nil, fmt.Errorf("the row is not a JSON object: %s", shorten(row))
	}
	return all, nil
}
