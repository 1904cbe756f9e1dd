package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// A Platform is a data platform in memory. It applies the operations of syncs as
// a real platform does.
//
//	var platform connectortest.Platform
//	first := connectortest.Sync(t, c, connectortest.Into(&platform))
//	connectortest.Sync(t, c, connectortest.From(first.State), connectortest.Into(&platform))
//	orders := platform.Rows("orders")
//
// An upsert replaces the whole row with the same primary key: columns that it
// omits become null. An update changes the columns that it contains, and
// has no effect if there is no such row. A delete marks one row as deleted, and a truncate
// marks all rows of a table. If a table has no primary key, an upsert appends a
// row. As on most platforms, table names that differ only in case are the same
// name, and the primary key of a table cannot change.
//
// A Platform is a [host.Destination], so it also works with [host.Run.Sync]. The
// zero Platform is empty and ready to use. It keeps every operation in memory. It
// is safe for concurrent use.
type Platform struct {
	mu          sync.Mutex
	log         []appliedOperation
	checkpoints []int // indexes into log
	tables      map[string]*tableRows
	order       []*tableRows // by first appearance
}

// An appliedOperation is an operation in the log of a platform, with its row and
// primary key parsed. The row never changes.
type appliedOperation struct {
	kind  host.OperationKind
	table *schema.Table
	key   string
	row   columns
	state json.RawMessage
}

// tableRows are the rows of one table.
type tableRows struct {
	table *schema.Table
	names []string // of the columns of the primary key
	rows  []*storedRow
	byKey map[string]*storedRow
}

// A storedRow is a row of a table, perhaps deleted.
type storedRow struct {
	key     string
	columns columns
	deleted bool
}

// Write applies an operation. It returns an error if no platform could apply the
// operation: the table's name differs from another one only in case, the primary
// key of the table changes, the operation updates or deletes a row of a table without
// a primary key, or the row is not a JSON object with a complete primary key.
func (p *Platform) Write(op *host.Operation) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := appliedOperation{kind: op.Kind, state: bytes.Clone(op.State)}
	if op.Table != nil {
		t, err := p.tableOf(op.Table, op.Kind == host.OpSchemaChange)
		if err != nil {
			return err
		}
		e.table = t.table
		if op.Row != nil {
			if e.row, err = parseRow(op.Row); err != nil {
				return fmt.Errorf("table %s: parse the row: %w", op.Table, err)
			}
			if e.key, err = e.row.key(t.names); err != nil {
				return fmt.Errorf("table %s: %w", op.Table, err)
			}
			if op.Kind != host.OpUpsert && len(t.names) == 0 {
				return fmt.Errorf("table %s has no primary key, so no row can be found for the %v", op.Table, op.Kind)
			}
		}
	}
	p.apply(&e)
	return nil
}

// tableOf returns the rows of a table. It adds the table if it is new.
func (p *Platform) tableOf(table *schema.Table, redeclared bool) (*tableRows, error) {
	folded := strings.ToLower(table.String())
	t := p.tables[folded]
	switch {
	case t == nil:
		t = p.add(table)
	case t.table.String() != table.String():
		return nil, fmt.Errorf("tables %s and %s are the same table on a platform that ignores case", t.table, table)
	case redeclared:
		if key := table.PrimaryKey(); !slices.Equal(key, t.names) {
			return nil, fmt.Errorf("the primary key of table %s has changed from (%s) to (%s), so its rows can no longer be found",
				table, strings.Join(t.names, ", "), strings.Join(key, ", "))
		}
		declared := *table
		t.table = &declared
	}
	return t, nil
}

// add adds a table.
func (p *Platform) add(table *schema.Table) *tableRows {
	declared := *table
	t := &tableRows{table: &declared, names: table.PrimaryKey(), byKey: map[string]*storedRow{}}
	if p.tables == nil {
		p.tables = map[string]*tableRows{}
	}
	p.tables[strings.ToLower(table.String())] = t
	p.order = append(p.order, t)
	return t
}

// apply applies an operation that Write has checked.
func (p *Platform) apply(e *appliedOperation) {
	p.log = append(p.log, *e)
	if e.kind == host.OpCheckpoint {
		p.checkpoints = append(p.checkpoints, len(p.log)-1)
	}
	if e.table == nil {
		return
	}
	t := p.tables[strings.ToLower(e.table.String())]
	if t == nil {
		t = p.add(e.table)
	}
	switch e.kind {
	case host.OpUpsert:
		t.upsert(e.key, e.row)
	case host.OpUpdate:
		if r := t.byKey[e.key]; r != nil && !r.deleted {
			r.columns = r.columns.merge(e.row)
		}
	case host.OpDelete:
		if r := t.byKey[e.key]; r != nil {
			r.deleted = true
		}
	case host.OpTruncate:
		for _, r := range t.rows {
			r.deleted = true
		}
	}
}

func (t *tableRows) upsert(key string, row columns) {
	if len(t.names) > 0 {
		if r := t.byKey[key]; r != nil {
			r.columns, r.deleted = row.withoutNulls(), false
			return
		}
	}
	r := &storedRow{key: key, columns: row.withoutNulls()}
	t.rows = append(t.rows, r)
	if len(t.names) > 0 {
		t.byKey[key] = r
	}
}

// Rows returns the rows of a table as JSON objects without null columns, in the
// order in which they first arrived. It omits deleted rows. The table is "orders"
// or, with its schema, "shop.orders". Without a schema, Rows returns the rows of
// the tables with that name in all schemas. If there is no such table, Rows
// returns nil.
func (p *Platform) Rows(table string) []json.RawMessage { return p.rows(table, false) }

// Deleted returns the deleted rows of a table with the values that they had
// before. The table is named as in [Platform.Rows].
func (p *Platform) Deleted(table string) []json.RawMessage { return p.rows(table, true) }

func (p *Platform) rows(name string, deleted bool) []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []json.RawMessage
	for _, t := range p.order {
		if t.table.Name != name && t.table.String() != name {
			continue
		}
		for _, r := range t.rows {
			if r.deleted == deleted {
				found = append(found, r.columns.json(t.table))
			}
		}
	}
	return found
}

// States returns the state of each checkpoint, in order. The next sync starts from
// the last one.
func (p *Platform) States() []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make([]json.RawMessage, len(p.checkpoints))
	for i, at := range p.checkpoints {
		states[i] = p.log[at].state
	}
	return states
}

// AsOf returns a copy of the platform as it was right after checkpoint n, whose
// state is States()[n]: the data that a platform has if the sync dies at that
// moment. It panics if there is no such checkpoint.
func (p *Platform) AsOf(n int) *Platform {
	p.mu.Lock()
	defer p.mu.Unlock()
	then := &Platform{}
	for i := range p.log[:p.checkpoints[n]+1] {
		then.apply(&p.log[i])
	}
	return then
}

// Diff describes how the platform's rows differ from the wanted ones, by table and
// row. It returns "" if they are equal.
//
//	table shop.orders: 2 differences
//	    id=7, column total: want "19.90", got null
//	    id=9: missing, want {"id":9,"total":"5.00"}
//
// It shows up to eight differences for each table. Diff ignores the order of rows,
// deleted rows, and states.
func (p *Platform) Diff(want *Platform) string {
	return comparison{}.diff(p, want)
}

// lastState returns the state of the last checkpoint, or nil.
func (p *Platform) lastState() json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.checkpoints) == 0 {
		return nil
	}
	return p.log[p.checkpoints[len(p.checkpoints)-1]].state
}

// checkpointsBefore returns the number of checkpoints among the first n operations.
func (p *Platform) checkpointsBefore(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	count, _ := slices.BinarySearch(p.checkpoints, n)
	return count
}

// checkpointCount returns the number of checkpoints so far.
func (p *Platform) checkpointCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.checkpoints)
}

// operations returns the operations so far.
func (p *Platform) operations() []appliedOperation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log[:len(p.log):len(p.log)]
}

// snapshot returns copies of the tables, without deleted rows.
func (p *Platform) snapshot() map[string]*tableRows {
	p.mu.Lock()
	defer p.mu.Unlock()
	tables := make(map[string]*tableRows, len(p.order))
	for _, t := range p.order {
		live := &tableRows{table: t.table, names: t.names, byKey: map[string]*storedRow{}}
		for _, r := range t.rows {
			if r.deleted {
				continue
			}
			r := *r
			live.rows = append(live.rows, &r)
			if len(t.names) > 0 {
				live.byKey[r.key] = &r
			}
		}
		tables[t.table.String()] = live
	}
	return tables
}
