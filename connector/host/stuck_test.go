package host_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestADestinationThatBlocksDoesNotDelayACanceledSync(t *testing.T) {
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"wide": {Tables: map[string]host.TableSelection{"a": {Columns: map[string]bool{"id": false}}}}}}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	for blocked := range 9 { // the sync has seven operations: a warning, begin, row, begin, checkpoint, two ends
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		n := 0
		run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
		done := make(chan error, 1)
		go func() {
			done <- run.Sync(host.SyncRequest{Selection: selection}, host.DestinationFunc(func(*host.Operation) error {
				if n++; n-1 == blocked {
					cancel()
					<-release
				}
				return nil
			}))
		}()
		err := <-done // hangs until the test times out if the sync does not end
		close(release)
		if blocked < 7 {
			assert.Equal(t, connector.Interrupted, connector.KindOf(err), "operation %d: %v", blocked, err)
		} else {
			assert.NoError(t, err)
		}
		cancel()
		require.NoError(t, run.Close())
	}
}

func TestNothingIsWrittenToAnAbandonedDestination(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	ctx, cancel := context.WithCancel(t.Context())
	release, done := make(chan struct{}), make(chan struct{})
	var writes atomic.Int32
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		writes.Add(1)
		if op.Kind == host.OpTableBegin && op.Table.Name == "b" {
			cancel()
			<-release
			defer close(done)
		}
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	before := writes.Load()
	close(release)
	<-done
	require.NoError(t, run.Close())
	assert.Equal(t, before, writes.Load())
}

func TestASyncThatAbandonsItsLastOperationsReportsWhy(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, done := make(chan struct{}), make(chan struct{})
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		err := out.Upsert("a", id(1))
		cancel()
		return err
	}}
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpTableEnd {
			defer close(done)
			<-release
		}
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, run.Unreported(), "stopped reading")
	close(release)
	<-done
	require.NoError(t, run.Close())
}
