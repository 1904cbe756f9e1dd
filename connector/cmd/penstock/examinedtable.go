package main

import (
	"fmt"
	"hash/maphash"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// sampledKeys is the maximum number of keys of a table that are remembered. If a table has
// more, a sample is remembered, chosen by the hashes of the keys.
const sampledKeys = 50_000

// An examinedTable collects what the explainer needs to know about a table.
type examinedTable struct {
	op       stdin.Op
	key, row maphash.Hash
	rows     map[uint64]uint64 // from the hash of a key to the hash of its row
	shift    uint              // only keys whose hash ends in shift zero bits are remembered
	repeated int
	columns  map[*warehouse.Column]*examinedColumn
	open     bool // a row has begun and not ended
	keyed    bool // that row has a value of a primary key
}

// close ends a row.
func (t *examinedTable) close() {
	if !t.open {
		return
	}
	t.open = false
	if t.op == stdin.Truncate {
		clear(t.rows) // the same keys may follow with other rows
		return
	}
	if !t.keyed {
		return // rows of a table without a primary key replace no other rows
	}
	key, row := t.key.Sum64(), t.row.Sum64()
	if key&(1<<t.shift-1) != 0 {
		return
	}
	if t.op != stdin.Upsert {
		delete(t.rows, key) // a later upsert may rightly differ
		return
	}
	if old, ok := t.rows[key]; ok && old != row {
		t.repeated++
	}
	t.rows[key] = row
	for len(t.rows) > sampledKeys {
		t.shift++
		for key := range t.rows {
			if key&(1<<t.shift-1) != 0 {
				delete(t.rows, key)
			}
		}
	}
}

// conclude reports what was found. The state is that of the last checkpoint.
func (t *examinedTable) conclude(table *warehouse.Table, state []byte, find func(string, ...any)) {
	if t.repeated > 0 {
		of := ""
		if t.shift > 0 {
			of = fmt.Sprintf(" in a sample of 1 in %d", 1<<t.shift)
		}
		find("%s: %s%s, a primary key was delivered again with a different row, which replaced the first: does the key lack a column?", table.Source, plural(t.repeated, "time"), of)
	}
	cursor := cursorOf(state, table)
	for _, c := range table.Columns {
		if examined := t.columns[c]; examined != nil {
			examined.conclude(c, table.Source+"."+c.Source, cursor, find)
		}
	}
}
