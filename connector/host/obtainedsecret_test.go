package host_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/state"
)

func TestTheLatestTokensOfEachClientAreMasked(t *testing.T) {
	const renewals = 2000
	type client string
	token := func(client string, n int) string { return fmt.Sprintf("token-%s-%08d", client, n) }
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		for n := range renewals {
			for _, name := range []string{"x", "y"} {
				runcredential.Hide(ctx, client(name), token(name, n), "")
			}
			runcredential.Hide(ctx, client("z"), token("z", 0))
		}
		return out.Upsert("a", map[string]any{"id": 1, "text": token("x", renewals-1) + token("y", renewals-2) + token("z", 0)})
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	var row string
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			row = string(op.Row)
		}
		return nil
	})))
	assert.Equal(t, `{"id":1,"text":"[redacted][redacted][redacted]"}`, row)
	for _, name := range []string{"x", "y"} {
		assert.Equal(t, "Bearer [redacted]", run.Redact("Bearer "+token(name, renewals-1)))
		assert.Equal(t, token(name, 0), run.Redact(token(name, 0)), "memory is bounded")
	}
	assert.Equal(t, "[redacted]", run.Redact(token("z", 0)))
	require.NoError(t, run.Close())
}
