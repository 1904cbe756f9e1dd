package host_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// deliverEvery delivers a row with a checkpoint at each interval until an operation
// is refused or the context is done.
func deliverEvery(table string, interval time.Duration) connector.TableFunc {
	return func(ctx context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, table, state.Sorted())
		for n := cursor.Start() + 1; ; n++ {
			select {
			case <-time.After(interval):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if err := out.Upsert(table, id(n)); err != nil {
				return err
			}
			cursor.Advance(n)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
	}
}

func TestATimeBudgetEndsASyncSuccessfullyWithItsLastState(t *testing.T) {
	stopped := errors.New("stopped")
	for name, test := range map[string]struct {
		sync  fixture.SyncFunc
		last  string
		takes time.Duration
	}{
		"a connector that delivers": {fixture.SyncFunc(deliverEvery("a", 10*time.Millisecond)), `{"a":{"cursor":6000}}`, time.Minute + 10*time.Millisecond},
		"a connector that waits":    {fixture.SyncFunc(deliverEvery("a", 25*time.Second)), `{"a":{"cursor":2}}`, time.Minute + 105*time.Millisecond},
		"endless tables": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.AddEndless("a", deliverEvery("a", 25*time.Second))
			tables.AddEndless("b", deliverEvery("b", 20*time.Second))
			return tables.Sync(ctx, st, out)
		}, `{"a":{"cursor":2},"b":{"cursor":3}}`, time.Minute + 105*time.Millisecond},
		"a table that returns the error of its context": {func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.AddEndless("a", func(ctx context.Context, _ state.State, out connector.Emitter) error {
				<-ctx.Done()
				return fmt.Errorf("read the queue: %w", ctx.Err())
			})
			return tables.Sync(ctx, st, out)
		}, `{}`, time.Minute + 105*time.Millisecond},
		"an error of its own": {func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			<-ctx.Done()
			return stopped
		}, `{}`, time.Minute + 105*time.Millisecond},
		"no error": {func(ctx context.Context, st state.State, _ connector.Emitter) error {
			if err := st.Table("a").Set("read", "half"); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		}, `{}`, time.Minute + 105*time.Millisecond},
		"a connector that ends before": {func(_ context.Context, st state.State, _ connector.Emitter) error {
			time.Sleep(59 * time.Second)
			return st.Table("a").Set("read", "all")
		}, `{"a":{"read":"all"}}`, 59 * time.Second},
		"a connector that ignores its context": {func(context.Context, state.State, connector.Emitter) error {
			time.Sleep(time.Hour)
			return nil
		}, `{}`, time.Minute + 1105*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				last, err := lastStateOf(t, &fixture.Wide{Names: []string{"a", "b"}, OnSync: test.sync}, host.TimeBudget(time.Minute+5*time.Millisecond))
				require.NoError(t, err)
				assert.Equal(t, test.last, last)
				assert.Equal(t, test.takes, time.Since(began))
				time.Sleep(time.Hour) // the connector that was abandoned
			})
		})
	}
}

func TestTheCauseOfTheContextNamesTheTimeBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause, refusal error
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			<-ctx.Done()
			cause, refusal = context.Cause(ctx), out.Upsert("a", id(1))
			return ctx.Err()
		}}
		_, err := lastStateOf(t, c, host.TimeBudget(90*time.Second))
		require.NoError(t, err)
		for _, err := range []error{cause, refusal} {
			assert.EqualError(t, err, "the time budget of 1m30s is used up")
			assert.Equal(t, connector.Interrupted, connector.KindOf(err))
		}
	})
}

func TestATableThatFailedBeforeTheTimeBudgetIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("a", func(context.Context, state.State, connector.Emitter) error {
				return connector.Errorf(connector.Configuration, "403 Forbidden")
			})
			tables.AddEndless("b", deliverEvery("b", time.Second))
			return tables.Sync(ctx, st, out)
		}}
		last, err := lastStateOf(t, c, host.TimeBudget(10500*time.Millisecond))
		require.EqualError(t, err, "the sync ended early, because the time budget of 10.5s is used up: 1 of 2 tables failed: a: 403 Forbidden")
		assert.Equal(t, connector.Configuration, connector.KindOf(err))
		assert.Equal(t, `{"b":{"cursor":10}}`, last)
	})
}

func TestAPanicAfterTheTimeBudgetIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			<-ctx.Done()
			panic("index out of range")
		}}
		_, err := lastStateOf(t, c, host.TimeBudget(time.Minute))
		require.ErrorContains(t, err, "index out of range")
	})
}

// A slow destination is not at fault, and neither is the connector that waits for it.
func TestATimeBudgetDoesNotFailASyncWithASlowDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: fixture.SyncFunc(deliverEvery("a", time.Second))}
		last := ""
		err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			time.Sleep(50 * time.Second)
			if op.Kind == host.OpCheckpoint {
				last = string(op.State)
			}
			return nil
		}, host.TimeBudget(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, `{"a":{"cursor":1}}`, last)
	})
}

func TestARunThatIsToldToEndIsInterruptedDespiteItsTimeBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		run := host.New(ctx, &fixture.Wide{Names: []string{"a"}, OnSync: fixture.SyncFunc(deliverEvery("a", time.Minute))}, fixture.Quiet, host.TimeBudget(time.Hour))
		err := run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, run.Close())
	})
}
