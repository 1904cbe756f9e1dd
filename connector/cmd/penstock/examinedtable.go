package main

import (
	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// An examinedTable collects what the explainer needs to know about a table.
type examinedTable struct {
	op      stdin.Op
	columns map[*warehouse.Column]*examinedColumn
}

// conclude reports what was found. The state is that of the last checkpoint.
func (t *examinedTable) conclude(table *warehouse.Table, state []byte, find func(string, ...any)) {
	if r := &table.Repeats; r.Replaced > 0 {
		about := ""
		if r.Estimated() {
			about = "about "
		}
		find("%s: %s%s, a primary key was delivered again with a different row, which replaced the first: does the key lack a column?", table.Source, about, plural(int(r.Replaced), "time"))
	}
	cursor := cursorOf(state, table)
	for _, c := range table.Columns {
		if examined := t.columns[c]; examined != nil {
			examined.conclude(c, table.Source+"."+c.Source, cursor, find)
		}
	}
}
