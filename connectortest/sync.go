package connectortest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

var syncRule = rule{
	name:     "Sync",
	contract: "a sync from an empty state succeeds; it delivers rows that fit the tables of the schema or tables that it has declared; in one table, rows with the same primary key are equal, and an update follows the upsert of its row; the last operation is a checkpoint",
	fix:      "return the error of each method of the Emitter; look for a page that is read twice, and for a primary key that lacks a column; deliver a whole row by Upsert once, and later changes by Update; name a table that is a change log in the option Repeats",
	check:    checkSync,
}

func checkSync(s *suite, c *check) {
	baseline := s.baseline(c)
	for _, refused := range baseline.refused {
		c.failf("the sync succeeded, but %v", refused)
	}
	operations := baseline.platform.operations()
	if len(operations) == 0 || operations[len(operations)-1].kind != host.OpCheckpoint {
		c.failf("the last of %d operations is not a checkpoint", len(operations))
	}
	declared := map[string]*schema.Table{}
	for _, t := range s.discover(c) {
		declared[t.String()] = t
	}
	history := &tableHistories{suite: s, tables: map[string]*tableHistory{}}
	for _, op := range operations {
		if op.kind == host.OpSchemaChange {
			if old := declared[op.table.String()]; old != nil && !slices.Equal(old.PrimaryKey(), op.table.PrimaryKey()) {
				c.failf("table %s was declared again with the primary key %v instead of %v, so a platform cannot find its rows any more", op.table, op.table.PrimaryKey(), old.PrimaryKey())
			}
			declared[op.table.String()] = op.table
		}
		if op.table != nil && declared[op.table.String()] == nil {
			if s.program == nil { // a program does not write the tables that it declares
				c.failf("table %s is not declared, and the sync delivered an operation (%v) to it", op.table, op.kind)
			}
			declared[op.table.String()] = op.table
		}
		history.add(&op)
	}
	history.report(c, declared)
}

// tableHistories follow what a sync does to each table.
type tableHistories struct {
	suite  *suite
	tables map[string]*tableHistory
}

// A tableHistory is what a sync did to one table.
type tableHistory struct {
	rows     map[string]columns // that are not deleted, by primary key
	set      map[string]bool    // columns that occurred in a row
	updates  int                // that found no row
	repeated []string           // keys of two different rows, with the rows
	upserts  int
}

func (h *tableHistories) add(op *applied) {
	if op.table == nil {
		return
	}
	name := op.table.String()
	t := h.tables[name]
	if t == nil {
		t = &tableHistory{rows: map[string]columns{}, set: map[string]bool{}}
		h.tables[name] = t
	}
	for column := range op.row {
		t.set[column] = true
	}
	isKeyed := len(op.table.PrimaryKey()) > 0
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
			c.Logf("table %s: the source has no rows, so nothing about the table is tested", name)
			continue
		}
		repeats := h.suite.repeats[name] || h.suite.repeats[table.Name]
		if n := len(t.repeated); n > 0 && !repeats {
			c.failf("table %s: %d times, two different rows had the same primary key; the first:\n    %s", name, n, t.repeated[0])
		}
		if t.updates > 0 && t.upserts == 0 {
			c.failf("table %s: the sync delivered %d updates and no upsert, so a platform without rows stays empty", name, t.updates)
		}
		var unset []string
		for _, column := range table.Columns {
			if !t.set[column.Name] {
				unset = append(unset, column.Name)
			}
		}
		if len(unset) > 0 {
			c.Logf("table %s: no row has a value in %s, so nothing about it is tested", name, strings.Join(unset, ", "))
		}
	}
}
