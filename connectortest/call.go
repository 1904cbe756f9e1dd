package connectortest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/transport"
)

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

// syncOnce configures a copy of a connector and runs one sync of it.
func syncOnce(ctx context.Context, c connector.Connector, req host.SyncRequest, dst host.Destination, opts ...host.Option) error {
	run, err := configured(ctx, c, opts...)
	if err != nil {
		return err
	}
	if err := run.Sync(req, dst); err != nil {
		_ = run.Close() // the first error says more
		return err
	}
	return run.Close()
}

// configured returns a run of a copy of the connector, whose fields are its
// configuration.
func configured(ctx context.Context, c connector.Connector, opts ...host.Option) (*host.Run, error) {
	run := host.New(ctx, c, opts...)
	if _, err := run.Configure(nil); err != nil {
		_ = run.Close() // nothing was opened
		return nil, err
	}
	return run, nil
}
