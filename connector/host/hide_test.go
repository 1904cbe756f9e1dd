package host_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// With work for all values in each call, this test would take minutes.
func TestManyHiddenValuesAreMaskedInBoundedTimeAndMemory(t *testing.T) {
	var log strings.Builder
	hidden := func(i int) string { return fmt.Sprintf("hidden-%06d-value", i) }
	c := &fixture.Wide{OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		connector.Hide(ctx, "hidden first", "abc")
		for i := range 4998 {
			connector.Hide(ctx, connector.Secret(hidden(i)))
			if i%500 == 0 {
				connector.Logger(ctx).Info("so far", "text", hidden(0)+" "+hidden(i)+" hidden first, abc")
			}
		}
		require.NotContains(t, log.String(), "too many values")
		for i := range 6000 {
			connector.Hide(ctx, connector.Secret(hidden(10_000+i)), "hidden-000000-value")
		}
		connector.Logger(ctx).Info("at the end", "text", hidden(15_999)+" "+hidden(12_000))
		return nil
	}}
	run := host.New(t.Context(), c, host.LogTo(slog.NewTextHandler(&log, nil)))
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil })))
	require.NoError(t, run.Close())
	assert.NotContains(t, log.String(), "-value")
	assert.NotContains(t, log.String(), "hidden first")
	assert.NotContains(t, log.String(), "abc")
	assert.Equal(t, 1, strings.Count(log.String(), "the connector hides too many values"))
}
