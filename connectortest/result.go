package connectortest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/penstock-sdk/penstock/connector/host"
)

// An Operation is one step of a sync, kept for the test to look at. See
// [host.Operation], of which it is a copy.
type Operation struct {
	// Kind says which of the other fields have a meaning.
	Kind host.OperationKind
	// Schema is the name of the table's schema.
	Schema string
	// Table is the table's name without its schema's.
	Table string
	// Row is the row of an upsert, update or delete, as a JSON object.
	Row json.RawMessage
	// State is the state of a checkpoint, as a JSON object.
	State json.RawMessage
	// Message is the text of a warning.
	Message string
}

// A Result is what a sync delivered.
type Result struct {
	// Operations are all of them, in order, but for the begins and ends of
	// tables.
	Operations []Operation
	// State is the state of the last checkpoint, to begin the next sync
	// [From]; it is nil if there was none.
	State json.RawMessage
}

// Rows returns the rows that were upserted into the table, in order. The table
// is named as in its schema ("orders"), or with the schema's name before it
// ("shop.orders"), which tells it from tables of that name in other schemas.
func (r *Result) Rows(table string) []json.RawMessage { return r.rows(host.OpUpsert, table) }

// Deletes returns the keys that were deleted from the table, in order.
func (r *Result) Deletes(table string) []json.RawMessage { return r.rows(host.OpDelete, table) }

func (r *Result) rows(kind host.OperationKind, table string) []json.RawMessage {
	var rows []json.RawMessage
	for _, op := range r.Operations {
		if op.Kind == kind && (op.Table == table || op.Schema+"."+op.Table == table) {
			rows = append(rows, op.Row)
		}
	}
	return rows
}

// States returns the state of every checkpoint, in order.
func (r *Result) States() []json.RawMessage {
	var states []json.RawMessage
	for _, op := range r.Operations {
		if op.Kind == host.OpCheckpoint {
			states = append(states, op.State)
		}
	}
	return states
}

// capture is the destination of a sync.
func (r *Result) capture(op *host.Operation) error {
	kept := Operation{
		Kind:    op.Kind,
		Row:     bytes.Clone(op.Row),
		State:   bytes.Clone(op.State),
		Message: op.Message,
	}
	if op.Table != nil {
		kept.Schema, kept.Table = op.Table.Schema, op.Table.Name
	}
	if op.Kind == host.OpCheckpoint {
		r.State = kept.State
	}
	r.Operations = append(r.Operations, kept)
	return nil
}

// Rows returns the rows that were upserted into the table, decoded as
// encoding/json does. A row that a T can't hold fails the test.
func Rows[T any](t testing.TB, r *Result, table string) []T {
	t.Helper()
	var rows []T
	for _, raw := range r.Rows(table) {
		var row T
		if err := json.Unmarshal(raw, &row); err != nil {
			t.Fatalf("table %s: a row is no %T: %v", table, row, err)
		}
		rows = append(rows, row)
	}
	return rows
}
