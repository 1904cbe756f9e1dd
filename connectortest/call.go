package connectortest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
)

// Sync runs one sync of a connector and returns what it delivered. If the sync
// fails, so does the test. Use [TrySync] for a sync that may fail.
//
// The connector's fields are its configuration. Sync works on a copy and does
// everything that surrounds a sync on a platform: it validates the configuration,
// calls the optional methods Open and Close, recovers panics, and removes secrets
// from the log, which goes to the test's output. Result holds every checkpoint,
// however soon it follows the previous one.
func Sync(t testing.TB, c connector.Connector, opts ...Option) *Result {
	t.Helper()
	r, err := TrySync(t, c, opts...)
	if err != nil {
		t.Fatalf("the sync failed after %d operations (kind %v): %v", len(r.Operations), connector.KindOf(err), err)
	}
	return r
}

// TrySync is like [Sync], but returns the sync's error. Result holds the
// operations up to the failure and is never nil.
func TrySync(t testing.TB, c connector.Connector, opts ...Option) (*Result, error) {
	t.Helper()
	call := newCall(t, inSync, opts)
	defer call.close()
	result := &Result{}
	write := host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpTableBegin || op.Kind == host.OpTableEnd {
			return nil
		}
		for _, dst := range call.destinations {
			if err := dst.Write(op); err != nil {
				return err
			}
		}
		return result.write(op)
	})
	call.host = append([]host.Option{host.CheckpointEvery(0, 0)}, call.host...)
	if call.endless {
		watched, stop := call.endWhenQuiet(write)
		defer stop()
		write = watched
	}
	return result, call.do(c, func(run storedRun) error { return run.Run.Sync(call.request, write) })
}

// Schema returns the schema of a connector. If the connector's method Schema fails,
// so does the test. The call works on a copy of the connector, as in [Sync].
func Schema(t testing.TB, c connector.Connector, opts ...Option) schema.Schema {
	t.Helper()
	call := newCall(t, inSchema, opts)
	defer call.close()
	var found schema.Schema
	err := call.do(c, func(run storedRun) (err error) {
		found, err = run.Schema()
		return err
	})
	if err != nil {
		t.Fatalf("Schema failed (kind %v): %v", connector.KindOf(err), err)
	}
	return found
}

// Test tests the configuration of a connector, as a platform's "Test connection"
// button does, and returns the error that the platform shows, or nil if the
// configuration works. If the configuration is invalid, the error has the kind
// [connector.Configuration], and the connector's own Test is not called. The call
// works on a copy of the connector, as in [Sync].
func Test(t testing.TB, c connector.Connector, opts ...Option) error {
	t.Helper()
	call := newCall(t, inTest, opts)
	defer call.close()
	return call.do(c, storedRun.Test)
}

// A call is one call of Sync, Schema or Test.
type call struct {
	*options
	ctx   context.Context
	close func() // closes the source in memory
}

func newCall(t testing.TB, function scope, opts []Option) *call {
	t.Helper()
	o, problems := newOptions(function, opts)
	for _, problem := range problems {
		t.Errorf("%s", problem)
	}
	c := &call{options: o, ctx: t.Context(), close: func() {}}
	switch {
	case o.source != nil:
		network := newMemoryNetwork(o.source())
		c.ctx, c.close = transport.NewContext(c.ctx, network), network.shutDown
	case o.network != nil:
		c.ctx = transport.NewContext(c.ctx, o.network)
	}
	o.host = append([]host.Option{host.LogTo(slog.NewTextHandler(t.Output(), nil))}, o.host...)
	return c
}

// do calls f with a run of a copy of the connector.
func (call *call) do(c connector.Connector, f func(storedRun) error) error {
	return new(secretStore).withRun(call.ctx, c, f, call.host...)
}
