package host_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// A record holds the operations of a sync, as text, and its errors.
type record struct {
	operations []string
	err        error
	unreported error
}

// recordSync runs a sync. Its destination returns the results of write.
func recordSync(t *testing.T, c connector.Connector, write func(*host.Operation) error, opts ...host.Option) (got record) {
	t.Helper()
	run := host.New(t.Context(), c, append([]host.Option{fixture.Quiet}, opts...)...)
	defer run.Close()
	got.err = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		text := op.Kind.String()
		if op.Table != nil {
			text += " " + op.Table.Name
		}
		text += string(op.Row) + string(op.State)
		if op.Err != nil {
			text += ": " + op.Err.Error()
		}
		got.operations = append(got.operations, text)
		return write(op)
	}))
	got.unreported = run.Unreported()
	return got
}

func accept(*host.Operation) error { return nil }

// steps returns the operations of a sync as text. A checkpoint shows the parts of the
// state, and parts that did not change in parentheses.
func steps(t *testing.T, c connector.Connector, req host.SyncRequest) (all []string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, req, func(op *host.Operation) error {
		text := op.Kind.String()
		if op.Table != nil {
			text += " " + op.Table.Name
		}
		switch op.Kind {
		case host.OpUpsert, host.OpUpdate, host.OpDelete:
			text += " " + string(op.Row)
		case host.OpCheckpoint:
			for _, p := range op.Parts() {
				name := "shared"
				if p.Table != nil {
					name = p.Table.Name
				}
				if p.Changed {
					text += fmt.Sprintf(" %s=%s", name, p.State)
				} else {
					text += " (" + name + ")"
				}
			}
		case host.OpTableEnd:
			if op.Err != nil {
				text += " " + op.Err.Error()
			}
		}
		all = append(all, text)
		return nil
	}, fixture.Each)
	return all, err
}

func id(n int64) map[string]any { return map[string]any{"id": n} }

// lastStateOf runs a sync and returns its last state and its error.
func lastStateOf(t *testing.T, c connector.Connector, opts ...host.Option) (last string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpCheckpoint {
			last = string(op.State)
		}
		return nil
	}, opts...)
	return last, err
}

// oneTable delivers one row of the table a by SyncTables.
func oneTable(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.SyncTables(func(out connector.Emitter) error { return out.Upsert("a", id(1)) }, "a")
}
