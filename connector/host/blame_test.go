package host_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A lateReader is a destination that blocks the first row from the moment that it is
// written. It cancels the run and becomes free after a while.
type lateReader struct {
	cancel func()
	after  time.Duration
	kinds  []host.OperationKind
}

func (r *lateReader) Write(op *host.Operation) error {
	if op.Kind == host.OpUpsert {
		r.cancel()
		time.Sleep(r.after)
	}
	r.kinds = append(r.kinds, op.Kind)
	return nil
}

// A lateChecker is a lateReader that blocks when it checks the first row.
type lateChecker struct{ lateReader }

func (r *lateChecker) CheckRow(host.OperationKind, *schema.Table, []byte) error {
	r.cancel()
	time.Sleep(r.after)
	return nil
}

func (r *lateChecker) Write(op *host.Operation) error {
	r.kinds = append(r.kinds, op.Kind)
	return nil
}

func TestTheMessageBlamesTheReaderOrTheConnectorThatIsAtFault(t *testing.T) {
	const reader, sync = "the reader of the response has stopped reading", "Sync did not return within 1s"
	for name, c := range map[string]struct {
		reader, connector time.Duration // how long each takes once the run is canceled
		blamed            string
	}{
		"neither":                                 {0, 0, ""},
		"the reader, which returns in time":       {1500 * time.Millisecond, 0, ""},
		"the reader, which does not return":       {time.Hour, 0, reader},
		"the connector":                           {0, time.Hour, sync},
		"first the reader and then the connector": {1500 * time.Millisecond, time.Hour, sync},
		"a connector that is slow after a reader": {1500 * time.Millisecond, 900 * time.Millisecond, ""},
	} {
		blames := func(t *testing.T, checks bool) {
			t.Helper()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				told := connector.Errorf(connector.Interrupted, "told to end")
				r := &lateChecker{lateReader{cancel: func() { cancel(told) }, after: c.reader}}
				var dst host.Destination = &r.lateReader
				if checks {
					dst = r
				}
				s := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
					err := out.Upsert("a", id(1))
					time.Sleep(c.connector)
					return err
				}}
				run := host.New(ctx, s, fixture.Quiet)
				began := time.Now()
				err := run.Sync(host.SyncRequest{}, dst)
				require.ErrorIs(t, err, told)
				for _, text := range []string{reader, sync} {
					if text == c.blamed {
						assert.ErrorContains(t, err, text)
					} else {
						assert.NotContains(t, err.Error(), text)
					}
				}
				if c.blamed == "" {
					assert.Contains(t, r.kinds, host.OpCheckpoint, "the last state")
				}
				if c.blamed == reader {
					assert.ErrorContains(t, run.Test(), reader, "the run cannot be used further")
				}
				assert.LessOrEqual(t, time.Since(began), 4*time.Second)
				require.NoError(t, run.Close())
				time.Sleep(2 * time.Hour) // until everything has ended
			})
		}
		t.Run(name, func(t *testing.T) { blames(t, false) })
		t.Run(name+", while it checks a row", func(t *testing.T) { blames(t, true) })
	}
}

// A rotator replaces its token in Test.
type rotator struct {
	Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`
}

func (*rotator) Schema(context.Context) (schema.Schema, error) {
	return schema.New("wide", schema.Table{Name: "a"})
}
func (*rotator) Sync(context.Context, state.State, connector.Emitter) error { return nil }
func (*rotator) Test(ctx context.Context) error {
	return connector.ReplaceSecret(ctx, "token", "new-0123456789")
}

func TestATestThatWaitsForTheReaderOfANewSecretIsNotBlamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		run := host.New(ctx, &rotator{}, fixture.Quiet, host.ReplacedSecretsTo(host.DestinationFunc(func(*host.Operation) error {
			cancel()
			time.Sleep(time.Hour)
			return nil
		})))
		err := run.Test()
		require.ErrorContains(t, err, "the reader of the response has stopped reading")
		assert.NotContains(t, err.Error(), "did not return")
		assert.Equal(t, connector.Interrupted, connector.KindOf(err))
		require.NoError(t, run.Close())
		time.Sleep(2 * time.Hour) // until everything has ended
	})
}

// A stuckFlusher is a destination whose Flush blocks for a while.
type stuckFlusher struct {
	flushing chan struct{}
	after    time.Duration
}

func (*stuckFlusher) Write(*host.Operation) error { return nil }
func (f *stuckFlusher) Flush() error {
	select {
	case f.flushing <- struct{}{}:
	default:
	}
	time.Sleep(f.after)
	return nil
}

func TestAFunctionOfOnDeliveredIsNotBlamedForAReaderThatIsStuck(t *testing.T) {
	for name, c := range map[string]struct {
		after  time.Duration
		called bool
	}{"it returns": {1500 * time.Millisecond, true}, "it does not return": {time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				called := false
				s := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
					connector.OnDelivered(ctx, func(state.State) { called = true })
					return out.Upsert("a", id(1))
				}}
				run := host.New(ctx, s, fixture.Quiet)
				f := &stuckFlusher{flushing: make(chan struct{}, 1), after: c.after}
				go func() { <-f.flushing; cancel() }()
				err := run.Sync(host.SyncRequest{}, f)
				if c.called {
					require.NoError(t, err, "the run was canceled after the sync had ended")
				} else {
					require.ErrorContains(t, err, "the reader of the response has stopped reading")
					assert.NotContains(t, err.Error(), "OnDelivered")
				}
				require.NoError(t, run.Close())
				time.Sleep(2 * time.Hour) // until everything has ended
				assert.Equal(t, c.called, called)
			})
		})
	}
}
