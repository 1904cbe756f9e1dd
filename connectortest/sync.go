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
	contract: "a sync from nothing succeeds; it delivers rows of tables that the schema has or that it has declared, each of which fits; in one table a primary key stands for one row, and an update is of a row that was delivered; the last operation is a checkpoint",
	mend:     "return the error of each method of an Emitter; look for a page that is read twice, and for a primary key with a column too few; deliver a whole row once, and what comes to it later by Update; a table that is a log of changes is named by Repeats",
	check: func(s *suite, c *check) {
		whole := s.uninterrupted(c)
		if whole.refused != "" {
			c.broken("the sync succeeded although %s", whole.refused)
		}
		operations := whole.into.events()
		if len(operations) == 0 || operations[len(operations)-1].kind != host.OpCheckpoint {
			c.broken("the last of %d operations is no checkpoint", len(operations))
		}
		declared := map[string]*schema.Table{}
		for _, t := range s.discover(c) {
			declared[t.String()] = t
		}
		l := &ledger{suite: s, tables: map[string]*account{}}
		for _, e := range operations {
			if e.kind == host.OpSchemaChange {
				if old := declared[e.table.String()]; old != nil && !slices.Equal(old.PrimaryKey(), e.table.PrimaryKey()) {
					c.broken("table %s was declared anew with the primary key %v in place of %v: rows that a platform has can't be found by it", e.table, e.table.PrimaryKey(), old.PrimaryKey())
				}
				declared[e.table.String()] = e.table
			}
			if e.table != nil && declared[e.table.String()] == nil {
				if s.program == nil { // which writes nothing of tables that it declares on the way
					c.broken("an operation (%v) of table %s, which is not declared", e.kind, e.table)
				}
				declared[e.table.String()] = e.table
			}
			l.enter(&e)
		}
		l.report(c, declared)
	},
}

// A ledger keeps the accounts of a sync's tables.
type ledger struct {
	suite  *suite
	tables map[string]*account
}

// An account is what a sync did to one table.
type account struct {
	live     map[string]columns
	seen     map[string]bool // columns that had a value, or a null
	updates  int             // that found no row
	repeated []string        // keys with two rows
	rows     int
}

func (l *ledger) enter(e *event) {
	if e.table == nil {
		return
	}
	name := e.table.String()
	a := l.tables[name]
	if a == nil {
		a = &account{live: map[string]columns{}, seen: map[string]bool{}}
		l.tables[name] = a
	}
	for column := range e.row {
		a.seen[column] = true
	}
	isKeyed := len(e.table.PrimaryKey()) > 0
	switch e.kind {
	case host.OpUpsert:
		a.rows++
		if !isKeyed {
			return
		}
		ignored := l.suite.compare().ignored(&tableRows{table: e.table})
		row := e.row.withoutNulls().without(ignored)
		if old, ok := a.live[e.key]; ok && !maps.Equal(old, row) {
			a.repeated = append(a.repeated, fmt.Sprintf("%s:\n        %s\n        %s", e.key, old.json(e.table), row.json(e.table)))
		}
		a.live[e.key] = row
	case host.OpUpdate:
		if old, ok := a.live[e.key]; ok {
			a.live[e.key] = old.merge(e.row)
		} else {
			a.updates++
		}
	case host.OpDelete:
		delete(a.live, e.key)
	case host.OpTruncate:
		clear(a.live)
	}
}

func (l *ledger) report(c *check, declared map[string]*schema.Table) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		t, a := declared[name], l.tables[name]
		if a == nil {
			c.Logf("table %s: the source has no row of it: nothing is proved of it", name)
			continue
		}
		excepted := l.suite.repeats[name] || l.suite.repeats[t.Name]
		if n := len(a.repeated); n > 0 && !excepted {
			c.broken("table %s: %d times a primary key came again with another row; the first:\n    %s", name, n, a.repeated[0])
		}
		if a.updates > 0 && a.rows == 0 {
			c.broken("table %s: %d updates and not a single upsert: a platform that has no rows yet stays without", name, a.updates)
		}
		var unseen []string
		for _, column := range t.Columns {
			if !a.seen[column.Name] {
				unseen = append(unseen, column.Name)
			}
		}
		if len(unseen) > 0 {
			c.Logf("table %s: no row had a value in %s: nothing is proved of it", name, strings.Join(unseen, ", "))
		}
	}
}
