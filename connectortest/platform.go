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

// A Destination is a data platform in memory: it does with the operations of
// syncs what a platform does, and can be asked for the outcome.
//
//	var platform connectortest.Destination
//	first := connectortest.Sync(t, c, connectortest.Into(&platform))
//	connectortest.Sync(t, c, connectortest.From(first.State), connectortest.Into(&platform))
//	orders := platform.Rows("orders")
//
// An upsert replaces the whole row with the same primary key: columns that it
// leaves out are null from then on. An update changes the columns that it has,
// and nothing at all if there is no such row. A delete marks one row as
// deleted, a truncate all of a table. To a table without primary key rows are
// appended. As on most platforms, the names of tables are the same if they
// differ in case alone, and a table's primary key can't change.
//
// It is a [host.Destination], so it goes with [host.Run.Sync] as well.
// The zero value is an empty platform. It is safe for concurrent use, and
// remembers every operation.
type Destination struct {
	mu          sync.Mutex
	log         []event
	checkpoints []int // where in the log they are
	tables      map[string]*tableRows
	order       []*tableRows // by first appearance
}

// An event is an operation as the log keeps it. Its row is never changed.
type event struct {
	kind  host.OperationKind
	table *schema.Table
	key   string
	row   columns
	state json.RawMessage
}

// tableRows is what a Destination has of one table.
type tableRows struct {
	table *schema.Table
	names []string // of the primary key's columns
	rows  []*storedRow
	byKey map[string]*storedRow
}

// A storedRow is a row and whether it was deleted.
type storedRow struct {
	key     string
	columns columns
	deleted bool
}

// Write applies an operation. An operation that no platform could apply is an
// error: it names a table that only case tells from another, changes a primary
// key, or updates or deletes where there is none.
func (d *Destination) Write(op *host.Operation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := event{kind: op.Kind, state: bytes.Clone(op.State)}
	if op.Table != nil {
		t, err := d.tableOf(op.Table, op.Kind == host.OpSchemaChange)
		if err != nil {
			return err
		}
		e.table = t.table
		if op.Row != nil {
			if e.row, err = parseRow(op.Row); err != nil {
				return fmt.Errorf("table %s: a row that is no JSON object: %w", op.Table, err)
			}
			if e.key, err = e.row.key(t.names); err != nil {
				return fmt.Errorf("table %s: %w", op.Table, err)
			}
			if op.Kind != host.OpUpsert && len(t.names) == 0 {
				return fmt.Errorf("table %s has no primary key: no row can be found for the %v", op.Table, op.Kind)
			}
		}
	}
	d.apply(&e)
	return nil
}

// tableOf returns what there is of a table, after making it known.
func (d *Destination) tableOf(table *schema.Table, redeclared bool) (*tableRows, error) {
	folded := strings.ToLower(table.String())
	t := d.tables[folded]
	switch {
	case t == nil:
		t = d.add(table)
	case t.table.String() != table.String():
		return nil, fmt.Errorf("tables %s and %s are one to a destination that folds case", t.table, table)
	case redeclared:
		if key := table.PrimaryKey(); !slices.Equal(key, t.names) {
			return nil, fmt.Errorf("the primary key of table %s has changed from (%s) to (%s): its rows can't be found any more",
				table, strings.Join(t.names, ", "), strings.Join(key, ", "))
		}
		declared := *table
		t.table = &declared
	}
	return t, nil
}

// add makes a table known.
func (d *Destination) add(table *schema.Table) *tableRows {
	declared := *table
	t := &tableRows{table: &declared, names: table.PrimaryKey(), byKey: map[string]*storedRow{}}
	if d.tables == nil {
		d.tables = map[string]*tableRows{}
	}
	d.tables[strings.ToLower(table.String())] = t
	d.order = append(d.order, t)
	return t
}

// apply adds an event that is known to be good.
func (d *Destination) apply(e *event) {
	d.log = append(d.log, *e)
	if e.kind == host.OpCheckpoint {
		d.checkpoints = append(d.checkpoints, len(d.log)-1)
	}
	if e.table == nil {
		return
	}
	t := d.tables[strings.ToLower(e.table.String())]
	if t == nil {
		t = d.add(e.table)
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

// Rows returns the rows that a table has, as JSON objects without the columns
// that are null, in the order in which they first came. Deleted rows are not
// among them, and a table that never came has none. The table is named as in
// its schema ("orders"), or with the schema's name before it ("shop.orders"),
// which tells it from tables of that name in other schemas.
func (d *Destination) Rows(table string) []json.RawMessage { return d.rows(table, false) }

// Deleted returns the rows of a table that were deleted, as they last were.
func (d *Destination) Deleted(table string) []json.RawMessage { return d.rows(table, true) }

func (d *Destination) rows(name string, deleted bool) []json.RawMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []json.RawMessage
	for _, t := range d.order {
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

// States returns the state of every checkpoint, in order. The last one is where
// the next sync begins.
func (d *Destination) States() []json.RawMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	states := make([]json.RawMessage, len(d.checkpoints))
	for i, at := range d.checkpoints {
		states[i] = d.log[at].state
	}
	return states
}

// AsOf returns a copy of the platform as it stood at the checkpoint whose state
// is States()[n]: what was there to go on from, had the sync died right after
// it. It panics if there is no such checkpoint.
func (d *Destination) AsOf(n int) *Destination {
	d.mu.Lock()
	defer d.mu.Unlock()
	then := &Destination{}
	for i := range d.log[:d.checkpoints[n]+1] {
		then.apply(&d.log[i])
	}
	return then
}

// Diff says how the platform's rows differ from those of another one, table by
// table and row by row, or "" if they don't:
//
//	table shop.orders: 2 differences
//	    id=7, column total: want "19.90", got null
//	    id=9: missing, want {"id":9,"total":"5.00"}
//
// Only rows that are there count: not the order in which they came, nor rows
// that were deleted, nor states.
func (d *Destination) Diff(want *Destination) string {
	return comparison{}.diff(d, want)
}

// lastState returns the state of the last checkpoint, or nil.
func (d *Destination) lastState() json.RawMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.checkpoints) == 0 {
		return nil
	}
	return d.log[d.checkpoints[len(d.checkpoints)-1]].state
}

// events returns the operations so far.
func (d *Destination) events() []event {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log[:len(d.log):len(d.log)]
}

// snapshot returns copies of the tables, with the rows that are there.
func (d *Destination) snapshot() map[string]*tableRows {
	d.mu.Lock()
	defer d.mu.Unlock()
	tables := make(map[string]*tableRows, len(d.order))
	for _, t := range d.order {
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
