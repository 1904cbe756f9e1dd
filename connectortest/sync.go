package connectortest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/transport"
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

// An Option changes a sync.
type Option func(*settings)

type settings struct {
	request host.SyncRequest
	run     []host.Option
	into    []host.Destination
	source  http.Handler
	network http.RoundTripper
}

// From begins the sync at a state instead of at nothing.
func From(state json.RawMessage) Option {
	return func(s *settings) { s.request.State = state }
}

// Select restricts the sync to what the user of a platform selected.
func Select(selection host.Selection) Option {
	return func(s *settings) { s.request.Selection = selection }
}

// With runs the sync with further options of package host.
func With(opts ...host.Option) Option {
	return func(s *settings) { s.run = append(s.run, opts...) }
}

// Into hands the operations of the sync to a destination as well, such as a
// [Destination] that several syncs deliver to.
func Into(dst host.Destination) Option {
	return func(s *settings) { s.into = append(s.into, dst) }
}

// Against answers the requests that the connector makes through package
// transport by a handler in memory, whatever their host; [Through] then has no
// effect. Together with [At] the whole sync is made in virtual time.
func Against(source http.Handler) Option {
	return func(s *settings) { s.source = source }
}

// Through sends the requests that the connector makes through package transport
// over a network of the test's own, such as a recording that package replay
// plays.
func Through(network http.RoundTripper) Option {
	return func(s *settings) { s.network = network }
}

// Sync runs one sync of a configured connector and returns what it delivered.
// If the sync fails, so does the test; [TrySync] is for syncs that may.
func Sync(t testing.TB, c connector.Connector, opts ...Option) *Result {
	t.Helper()
	r, err := TrySync(t, c, opts...)
	if err != nil {
		t.Fatalf("sync failed after %d operations (kind %v): %v", len(r.Operations), connector.KindOf(err), err)
	}
	return r
}

// TrySync is [Sync] for a sync that may fail: it returns the error beside what
// was delivered up to it.
func TrySync(t testing.TB, c connector.Connector, opts ...Option) (*Result, error) {
	t.Helper()
	s := &settings{run: []host.Option{
		host.CheckpointEvery(0, 0),
		host.LogTo(slog.NewTextHandler(t.Output(), nil)),
	}}
	for _, opt := range opts {
		opt(s)
	}
	result := &Result{}
	write := func(op *host.Operation) error {
		if op.Kind == host.OpTableBegin || op.Kind == host.OpTableEnd {
			return nil
		}
		for _, dst := range s.into {
			if err := dst.Write(op); err != nil {
				return err
			}
		}
		return result.capture(op)
	}
	ctx := t.Context()
	if s.network != nil {
		ctx = transport.NewContext(ctx, s.network)
	}
	if s.source != nil {
		network := newMemoryNetwork(s.source)
		defer network.hangUp()
		ctx = transport.NewContext(ctx, network)
	}
	return result, syncOnce(ctx, c, s.request, host.DestinationFunc(write), s.run...)
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
