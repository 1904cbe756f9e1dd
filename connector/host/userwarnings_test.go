package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/state"
)

// userWarningsOf runs a sync and returns the messages of its warnings.
func userWarningsOf(t *testing.T, sync func(ctx context.Context) error) (messages []string, err error) {
	t.Helper()
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error { return sync(ctx) }}
	run := host.New(t.Context(), c, host.LogTo(slog.NewTextHandler(io.Discard, nil)))
	defer func() { assert.NoError(t, run.Close()) }()
	err = run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			messages = append(messages, op.Message)
		}
		return nil
	}))
	return messages, err
}

func TestAWarningOfAPackageIsDeliveredOnceWithItsCount(t *testing.T) {
	messages, err := userWarningsOf(t, func(ctx context.Context) error {
		userwarning.Warn(ctx, "b", "beta")
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for range 25 {
					userwarning.Warn(ctx, "a", "alpha")
				}
			})
		}
		wait.Wait()
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"beta", "alpha (100 times)"}, messages)
}

func TestAWarningOfAPackageIsDeliveredEvenIfTheSyncFails(t *testing.T) {
	messages, err := userWarningsOf(t, func(ctx context.Context) error {
		userwarning.Warn(ctx, "a", "alpha")
		return errors.New("the source is down")
	})
	require.Error(t, err)
	assert.Equal(t, []string{"alpha"}, messages)
}

func TestTheWarningsOfPackagesTakeLittleMemory(t *testing.T) {
	messages, err := userWarningsOf(t, func(ctx context.Context) error {
		for i := range 5000 {
			userwarning.Warn(ctx, fmt.Sprint(i), "a problem")
		}
		return nil
	})
	require.NoError(t, err)
	assert.Len(t, messages, 101)
	assert.Contains(t, messages[100], "4900 more")
}
