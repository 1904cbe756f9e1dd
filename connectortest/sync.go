package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

var syncRule = rule{
	name:     "Sync",
	contract: "a sync from an empty state succeeds; it delivers rows that fit the tables of the schema or tables that it has declared, and reads each of these tables; in one table, rows with the same primary key are equal, an update follows the upsert of its row, and no row is lost to a later truncate; the last operation is a checkpoint; a sync that never ends by itself also makes checkpoints meanwhile",
	fix:      "return the error of each method of the Emitter",
	check:    checkSync,
}

// The fixes of syncs that succeed but break the rule.
const (
	fixRefused    = "return the error of each method of the Emitter, and let the column have a type that every value of the source fits; return each table from Schema or call Emitter.Declare"
	fixUndeclared = "return the table from Schema, or call Emitter.Declare before its first row"
	fixUnread     = "add the function that reads the table with Tables.Add, or let the table follow the one whose function delivers its rows (schema.Table.Following); if the connector leaves the table out on purpose, do not declare it, or tell the user with Emitter.Warn, by the name of the table"
	fixRedeclared = "declare a table with the same primary key each time"
	fixRepeated   = "look for a page that is read twice, for a primary key that lacks a column, and for changes that should be delivered with Update; name a table that is a change log in the option Repeats"
	fixNeverSaved = "call Checkpoint after each page of a sync that never ends by itself, and let its cursor have the option state.Sorted or be a state.Token: any other cursor moves when the table has been read to its end"
	fixTruncated  = "call Truncate once, before the first row of the table, and not before each page; name a table that is a change log in the option Repeats"
	fixUpdates    = "deliver each row with Upsert once, and only its later changes with Update"
)

func checkSync(s *suite, c *check) {
	baseline := s.baseline(c)
	for _, refused := range baseline.refused {
		c.failWithf(fixRefused, "the sync succeeded, but %v", refused)
	}
	if baseline.neverSaved {
		c.failWithf(fixNeverSaved, "the sync delivered rows and never made a checkpoint: a sync that is ended, for example by a time limit, would start again from the beginning each time")
	}
	for _, warning := range baseline.unsaved {
		c.failWithf(fixNeverSaved, "the sync was ended once it was quiet, and the user was warned: %s\nthe state: %s", warning, baseline.state)
	}
	operations := baseline.platform.operations()
	if len(operations) == 0 || operations[len(operations)-1].kind != host.OpCheckpoint {
		c.failf("the last of %d operations is not a checkpoint", len(operations))
	}
	declared := map[string]*schema.Table{}
	for _, t := range s.discover(c) {
		declared[t.String()] = t
	}
	history := &tableHistories{suite: s, baseline: baseline, tables: map[string]*tableHistory{}}
	for _, op := range operations {
		if op.kind == host.OpSchemaChange {
			if old := declared[op.table.String()]; old != nil && !slices.Equal(old.PrimaryKey(), op.table.PrimaryKey()) {
				c.failWithf(fixRedeclared, "table %s was declared again with the primary key %v instead of %v, so a platform can no longer find its rows", op.table, op.table.PrimaryKey(), old.PrimaryKey())
			}
			declared[op.table.String()] = op.table
		}
		if op.table != nil && declared[op.table.String()] == nil {
			if s.program == nil { // a program does not write the tables that it declares
				c.failWithf(fixUndeclared, "table %s is not declared, but the sync delivered an operation (%v) to it", op.table, op.kind)
			}
			declared[op.table.String()] = op.table
		}
		history.add(&op)
	}
	history.report(c, declared)
}
