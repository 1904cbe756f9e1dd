package connectortest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// tableHistories record what a sync does to each table.
type tableHistories struct {
	suite    *suite
	baseline *delivery
	tables   map[string]*tableHistory
}

func (h *tableHistories) add(op *appliedOperation) {
	if op.table == nil {
		return
	}
	name := op.table.String()
	t := h.tables[name]
	if t == nil {
		t = &tableHistory{rows: map[string]columns{}, set: map[string]bool{}, present: map[string]bool{}, truncated: map[string]bool{}}
		h.tables[name] = t
	}
	for column := range op.row {
		t.set[column] = true
	}
	isKeyed := len(op.table.PrimaryKey()) > 0
	t.keepTruncated(op, isKeyed)
	switch op.kind {
	case host.OpUpsert:
		t.upserts++
		if !isKeyed {
			return
		}
		ignored := h.suite.compareResumed().ignored(&tableRows{table: op.table})
		row := op.row.withoutNulls().without(ignored)
		if old, ok := t.rows[op.key]; ok && !maps.Equal(old, row) {
			t.repeated = append(t.repeated, fmt.Sprintf("%s:\n        %s\n        %s", op.key, old.json(op.table), row.json(op.table)))
		}
		t.rows[op.key] = row
	case host.OpUpdate:
		if old, ok := t.rows[op.key]; ok {
			t.rows[op.key] = old.merge(op.row)
		} else {
			t.updates++
		}
	case host.OpDelete:
		delete(t.rows, op.key)
	case host.OpTruncate:
		clear(t.rows)
	}
}

func (h *tableHistories) report(c *check, declared map[string]*schema.Table) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		table, t := declared[name], h.tables[name]
		if t == nil {
			h.reportWithoutRows(c, name)
			continue
		}
		repeats := h.suite.repeats[name] || h.suite.repeats[table.Name]
		if n := len(t.repeated); n > 0 && !repeats {
			c.failWithf(fixRepeated, "table %s: %d times, two different rows had the same primary key; the first:\n    %s", name, n, t.repeated[0])
		}
		if n := len(t.truncated); n > 0 && !repeats {
			c.failWithf(fixTruncated, "table %s: the sync delivered %d rows, then truncated the table and did not deliver them again; one of them:\n    %s", name, n, slices.Min(slices.Collect(maps.Keys(t.truncated))))
		}
		if t.updates > 0 && t.upserts == 0 {
			c.failWithf(fixUpdates, "table %s: the sync delivered %d updates and no upsert, so a platform without rows stays empty", name, t.updates)
		}
		var unset []string
		for _, column := range table.Columns {
			if !t.set[column.Name] {
				unset = append(unset, column.Name)
			}
		}
		if len(unset) > 0 {
			c.Logf("table %s: no row has a value in these columns, so they are not tested: %s", name, strings.Join(unset, ", "))
		}
	}
}

// reportWithoutRows reports a declared table without rows. Either the source has none, or
// the connector does not read the table.
func (h *tableHistories) reportWithoutRows(c *check, name string) {
	use, known := h.baseline.use.Tables[name]
	switch {
	case !known || use.Named:
		c.Logf("table %s: the source has no rows, so nothing about the table is tested", name)
	case h.baseline.use.Unread[name] && !h.baseline.warnsOf(name, nil):
		c.failWithf(fixUnread, "table %s is declared, but no function reads it: the sync delivered no row of it and never named it", name)
	default:
		c.Logf("table %s: the sync delivered no row of the table and never named it, so nothing about the table is tested: either the source has no rows, or nothing reads the table", name)
	}
}

// A tableHistory records what a sync did to one table.
type tableHistory struct {
	rows      map[string]columns // that are not deleted, by primary key
	set       map[string]bool    // columns that occurred in a row
	updates   int                // that found no row
	repeated  []string           // keys that two different rows have, with both rows
	upserts   int
	present   map[string]bool // the keys of the rows, or their texts if the table has no key
	truncated map[string]bool // those that a truncate removed and that did not arrive again
}

// keepTruncated records which rows a truncate removes for good.
func (t *tableHistory) keepTruncated(op *appliedOperation, isKeyed bool) {
	row := op.key
	if !isKeyed && op.row != nil {
		row = op.row.text()
	}
	switch op.kind {
	case host.OpUpsert:
		t.present[row] = true
		delete(t.truncated, row)
	case host.OpDelete:
		delete(t.present, row)
		delete(t.truncated, row)
	case host.OpTruncate:
		maps.Copy(t.truncated, t.present)
		clear(t.present)
	}
}
