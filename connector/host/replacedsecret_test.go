package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A rotating connector has a secret that its source replaces.
type rotating struct {
	Name         string           `json:"name,omitempty"`
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
	replace      func(context.Context) error
}

func (*rotating) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.Table{Name: "t"})
}

func (r *rotating) Test(ctx context.Context) error { return r.replace(ctx) }

func (r *rotating) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return errors.Join(out.Upsert("t", id(1)), r.replace(ctx), out.Upsert("t", id(2)))
}

func TestAReplacedSecretReachesThePlatformInOrder(t *testing.T) {
	const token = "token-9876543210"
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		return connector.ReplaceSecret(ctx, "refresh_token", token)
	}}
	var got []string
	dst := host.DestinationFunc(func(op *host.Operation) error {
		got = append(got, fmt.Sprint(op.Kind, " ", op.Field, string(op.Row)))
		if op.Kind == host.OpReplacedSecret {
			assert.Equal(t, connector.Secret(token), op.Value)
		}
		return nil
	})
	run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(dst))
	require.NoError(t, run.Test())
	assert.Equal(t, []string{"replaced secret refresh_token"}, got)
	got = nil
	require.NoError(t, run.Sync(host.SyncRequest{}, dst))
	assert.Equal(t, []string{"table begin ", `upsert {"id":1}`, "replaced secret refresh_token", `upsert {"id":2}`, "checkpoint ", "table end "}, got)
	assert.Equal(t, "[redacted]", run.Redact(token), "the new value is hidden, too")
	require.NoError(t, run.Close())
}

func TestReplacingASecretThatThePlatformCannotStoreIsAnError(t *testing.T) {
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		assert.ErrorContains(t, connector.ReplaceSecret(ctx, "name", "x"), `no field "name" that is tagged`)
		return connector.ReplaceSecret(ctx, "refresh_token", "token-9876543210")
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	defer run.Close()
	require.ErrorIs(t, run.Test(), connector.ErrNotReplaced)
	require.ErrorIs(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)), connector.ErrNotReplaced)
	require.ErrorIs(t, connector.ReplaceSecret(t.Context(), "refresh_token", "x"), connector.ErrNotReplaced)
}

func TestAReplacedSecretArrivesEvenIfOtherOperationsAreRefused(t *testing.T) {
	for name, end := range map[string]error{"the destination has enough": host.ErrEnough, "the destination failed": errors.New("the platform is gone")} {
		t.Run(name, func(t *testing.T) {
			c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
				return connector.ReplaceSecret(ctx, "refresh_token", "token-9876543210")
			}}
			var replaced []string
			keep := host.DestinationFunc(func(op *host.Operation) error {
				replaced = append(replaced, op.Field)
				return nil
			})
			run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(keep))
			_ = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
				switch op.Kind {
				case host.OpUpsert:
					return end
				case host.OpReplacedSecret:
					return keep(op)
				}
				return nil
			}))
			require.NoError(t, run.Close())
			assert.Equal(t, []string{"refresh_token"}, replaced)
		})
	}
}

func TestASecretCannotBeReplacedOnceTheRunIsOver(t *testing.T) {
	kept := make(chan context.Context, 1)
	c := &rotating{RefreshToken: "token-0123456789", replace: func(ctx context.Context) error {
		kept <- ctx
		return nil
	}}
	var out bytes.Buffer
	require.NoError(t, stdin.Serve(t.Context(), c, strings.NewReader(`{"secrets":{"refresh_token":"token-0123456789"}}`), &out, fixture.Quiet))
	length := out.Len()
	require.ErrorIs(t, connector.ReplaceSecret(<-kept, "refresh_token", connector.Secret(strings.Repeat("x", 70_000))), connector.ErrClosed)
	assert.Equal(t, length, out.Len(), "nothing is written after the last line")
}

// A rotating2 connector replaces two secrets concurrently.
type rotating2 struct {
	fixture.Wide
	A connector.Secret `json:"a" jsonschema:"rotates"`
	B connector.Secret `json:"b" jsonschema:"rotates"`
}

func (*rotating2) Test(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for _, field := range []string{"a", "b"} {
		all.Go(func() { _ = connector.ReplaceSecret(ctx, field, "token-0123456789") })
	}
	return nil
}

func TestSecretsReplacedConcurrentlyArriveOneAtATime(t *testing.T) {
	var fields []string // the race detector finds concurrent writes
	run := host.New(t.Context(), &rotating2{}, fixture.Quiet, host.ReplacedSecretsTo(host.DestinationFunc(func(op *host.Operation) error {
		fields = append(fields, op.Field)
		return nil
	})))
	defer run.Close()
	require.NoError(t, run.Test())
	assert.ElementsMatch(t, []string{"a", "b"}, fields)
}

// An opener calls a function in Open and has a secret that may be replaced.
type opener struct {
	fixture.Wide
	A    connector.Secret `json:"a" jsonschema:"rotates"`
	open func(context.Context)
}

func (o *opener) Open(ctx context.Context) error { o.open(ctx); return nil }

func TestACanceledSyncDoesNotWaitUntilASecretIsStored(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release, storing := make(chan struct{}), make(chan struct{})
	var left sync.WaitGroup
	c := &opener{Wide: fixture.Wide{Names: []string{"a"}}, open: func(ctx context.Context) {
		left.Go(func() { _ = connector.ReplaceSecret(ctx, "a", "token-0123456789") })
		<-storing
		cancel()
	}}
	run := host.New(ctx, c, fixture.Quiet, host.Grace(10*time.Millisecond), host.ReplacedSecretsTo(host.DestinationFunc(func(*host.Operation) error {
		close(storing)
		<-release
		return nil
	})))
	require.ErrorIs(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)), context.Canceled)
	close(release)
	left.Wait()
	require.NoError(t, run.Close())
}

func TestTheDestinationOfASyncReceivesNoSecretAfterIt(t *testing.T) {
	for range 100 {
		var stop, over atomic.Bool
		var left sync.WaitGroup
		c := &opener{open: func(context.Context) {}}
		c.Names, c.OnSync = []string{"a"}, func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			left.Go(func() {
				for !stop.Load() {
					_ = connector.ReplaceSecret(ctx, "a", "token-0123456789")
				}
			})
			return nil
		}
		stored := make(chan struct{}, 1)
		run := host.New(t.Context(), c, fixture.Quiet, host.ReplacedSecretsTo(host.DestinationFunc(func(*host.Operation) error {
			select {
			case stored <- struct{}{}:
			default:
			}
			return nil
		})))
		require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error {
			assert.False(t, over.Load())
			return nil
		})))
		over.Store(true)
		<-stored // after the sync
		stop.Store(true)
		left.Wait()
		require.NoError(t, run.Close())
	}
}
