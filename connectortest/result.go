package connectortest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A Result holds what a sync delivered.
type Result struct {
	// Operations are the operations of the sync, in order. Begins and ends of
	// tables are omitted.
	Operations []*host.Operation
	// State is the state of the last checkpoint, from which the next sync can
	// start (see [From]). It is nil if there was no checkpoint.
	State json.RawMessage
	// Refused lists the tables that lost rows because the connector ignored the
	// errors of rows that were refused. See [host.RefusedRows].
	Refused []*host.RefusedRows
}

// Rows returns the rows that were upserted into a table, as JSON objects, in
// order. The table is "orders" or, with its schema, "shop.orders". Without a
// schema, Rows returns the rows of the tables with that name in all schemas. If
// there is no such table, Rows returns nil.
func (r *Result) Rows(table string) []json.RawMessage { return r.rows(host.OpUpsert, table) }

// Deletes returns the primary keys that were deleted from a table, as JSON
// objects, in order. The table is named as in [Result.Rows].
func (r *Result) Deletes(table string) []json.RawMessage { return r.rows(host.OpDelete, table) }

func (r *Result) rows(kind host.OperationKind, table string) []json.RawMessage {
	var rows []json.RawMessage
	for _, op := range r.Operations {
		if op.Kind == kind && (op.Table.Name == table || op.Table.Schema+"."+op.Table.Name == table) {
			rows = append(rows, op.Row)
		}
	}
	return rows
}

// States returns the state of each checkpoint, in order.
func (r *Result) States() []json.RawMessage {
	var states []json.RawMessage
	for _, op := range r.Operations {
		if op.Kind == host.OpCheckpoint {
			states = append(states, op.State)
		}
	}
	return states
}

// write keeps an operation.
func (r *Result) write(op *host.Operation) error {
	r.Operations = append(r.Operations, op.Clone())
	if op.Kind == host.OpCheckpoint {
		r.State = bytes.Clone(op.State)
	}
	if op.Refused != nil {
		r.Refused = append(r.Refused, op.Refused)
	}
	return nil
}

// Rows returns the rows that were upserted into a table, decoded by
// encoding/json. The table is named as in [Result.Rows]. A row that does not fit
// a T fails the test.
func Rows[T any](t testing.TB, r *Result, table string) []T {
	t.Helper()
	var rows []T
	for _, raw := range r.Rows(table) {
		var row T
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatalf("table %s: decode a row as %T: %v", table, row, err)
		}
		rows = append(rows, row)
	}
	return rows
}
