package host_test

import (
	"context"
	"sync/atomic"
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

// A blocking connector has one method that ignores its context. The method returns
// once release is closed.
type blocking struct {
	fixture.Shop
	method  string
	began   chan struct{}
	release chan struct{}
	ended   chan struct{}
	closed  *atomic.Int32
}

func newBlocking(method string) *blocking {
	return &blocking{method: method, began: make(chan struct{}), release: make(chan struct{}), ended: make(chan struct{}), closed: new(atomic.Int32)}
}

func (s *blocking) in(method string) error {
	if method == s.method {
		close(s.began)
		<-s.release
		close(s.ended)
	}
	return nil
}

func (s *blocking) Open(context.Context) error { return s.in("Open") }
func (s *blocking) Test(context.Context) error { return s.in("Test") }
func (s *blocking) Sync(context.Context, state.State, connector.Emitter) error {
	return s.in("Sync")
}
func (s *blocking) Schema(ctx context.Context) (schema.Schema, error) {
	if err := s.in("Schema"); err != nil {
		return nil, err
	}
	return s.Shop.Schema(ctx)
}
func (s *blocking) Close() error {
	s.closed.Add(1)
	return s.in("Close")
}

func TestAConnectorWhoseMethodWasAbandonedIsNotClosed(t *testing.T) {
	for _, method := range []string{"Open", "Schema", "Test", "Sync"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newBlocking(method)
				ctx, cancel := context.WithCancel(t.Context())
				run := host.New(ctx, s, fixture.Quiet, host.Grace(time.Minute))
				go func() {
					<-s.began
					cancel()
				}()
				began := time.Now()
				use := map[string]func() error{
					"Open": run.Test, "Test": run.Test,
					"Schema": func() error { _, err := run.Schema(); return err },
					"Sync":   func() error { return run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)) },
				}[method]
				err := use()
				assert.Equal(t, time.Minute, time.Since(began))
				assert.ErrorContains(t, err, method+" did not return within 1m0s after its context was done")
				assert.Equal(t, connector.Interrupted, connector.KindOf(err))
				assert.ErrorContains(t, run.Test(), "did not return", "the run cannot be used further")
				require.NoError(t, run.Close())
				close(s.release)
				<-s.ended
				synctest.Wait()
				require.NoError(t, run.Close())
				assert.Zero(t, s.closed.Load())
			})
		})
	}
}

func TestATestThatIgnoresItsTimeoutIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newBlocking("Test")
		run := host.New(t.Context(), s, fixture.Quiet)
		began := time.Now()
		err := run.Test()
		assert.Equal(t, 21*time.Second, time.Since(began))
		assert.Equal(t, connector.Transient, connector.KindOf(err))
		assert.ErrorContains(t, err, "the source did not respond within 20s")
		require.NoError(t, run.Close())
		close(s.release)
		<-s.ended
		assert.Zero(t, s.closed.Load())
	})
}

func TestACloseThatDoesNotReturnIsAbandonedOnceTheRunIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newBlocking("Close")
		ctx, cancel := context.WithCancel(t.Context())
		run := host.New(ctx, s, fixture.Quiet)
		require.NoError(t, run.Test())
		go func() {
			<-s.began
			cancel()
		}()
		assert.ErrorContains(t, run.Close(), "close: ")
		close(s.release)
		<-s.ended
		assert.EqualValues(t, 1, s.closed.Load())
	})
}
