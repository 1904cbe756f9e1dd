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
	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/state"
)

// A token is what the client of an account obtains when it has renewed its token n times.
func token(account string, n int) string { return fmt.Sprintf("%05d-%s-%05d", n, account, n) }

// A client is the owner of the tokens of an account.
type client string

// syncWithTokens runs a sync that obtains tokens. It returns the run, which redacts them, and
// its log.
func syncWithTokens(t *testing.T, obtain func(ctx context.Context)) (*host.Run, *strings.Builder) {
	t.Helper()
	log := new(strings.Builder)
	c := &fixture.Wide{OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		obtain(ctx)
		return nil
	}}
	run := host.New(t.Context(), c, host.LogTo(slog.NewTextHandler(log, nil)))
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil })))
	return run, log
}

func TestAnOldTokenIsMaskedLikeTheLatestOne(t *testing.T) {
	const renewals = 1000
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		for n := range renewals {
			runcredential.Hide(ctx, client("x"), token("x", n), "")
		}
		return out.Upsert("a", map[string]any{"id": 1, "text": token("x", renewals-1) + token("x", 0)})
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	var row string
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			row = string(op.Row)
		}
		return nil
	})))
	assert.Equal(t, `{"id":1,"text":"[redacted][redacted]"}`, row)
	for n := range renewals {
		require.Equal(t, "Bearer [redacted]", run.Redact("Bearer "+token("x", n)))
	}
	require.NoError(t, run.Close())
}

func TestTheTokensOfThousandsOfClientsAreMasked(t *testing.T) {
	const clients = 4000
	account := func(i int) string { return fmt.Sprintf("account %d", i) }
	run, log := syncWithTokens(t, func(ctx context.Context) {
		for i := range clients {
			runcredential.Hide(ctx, client(account(i)), token(account(i), i))
		}
	})
	for i := range clients {
		require.Equal(t, "[redacted]", run.Redact(token(account(i), i)))
	}
	assert.NotContains(t, log.String(), "too many")
	require.NoError(t, run.Close())
}

// With work for all tokens at each renewal, this test would take minutes.
func TestManyRenewalsTakeBoundedMemoryAndForgetNoTokenOfAnotherClient(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector takes fifty times as long, and nothing runs at the same time")
	}
	const renewals = 8_000 // of two clients each, so that the limit is passed twice
	run, log := syncWithTokens(t, func(ctx context.Context) {
		runcredential.Hide(ctx, client("seldom"), token("seldom", 0))
		runcredential.Hide(ctx, client("seldom"), token("seldom", 1))
		for n := range renewals {
			runcredential.Hide(ctx, client("often"), token("often", n))
			runcredential.Hide(ctx, client("as often"), token("as often", n))
			runcredential.Hide(ctx, client("always the same"), token("same", 0))
		}
	})
	for _, masked := range []string{token("seldom", 0), token("seldom", 1), token("same", 0)} {
		assert.Equal(t, "[redacted]", run.Redact(masked))
	}
	for n := renewals - 2400; n < renewals; n++ {
		require.Equal(t, "[redacted][redacted]", run.Redact(token("often", n)+token("as often", n)))
	}
	assert.Equal(t, token("often", 0), run.Redact(token("often", 0)), "memory is bounded")
	assert.Equal(t, 1, strings.Count(log.String(), "the connector obtains too many tokens"))
	require.NoError(t, run.Close())
}

func TestTheLatestTokensAreMaskedAlthoughAnotherClientHasObtainedManyBefore(t *testing.T) {
	const before, after = 3000, 7001 // one more than the limit
	run, _ := syncWithTokens(t, func(ctx context.Context) {
		for n := range before {
			runcredential.Hide(ctx, client("before"), token("before", n))
		}
		for n := range after {
			runcredential.Hide(ctx, client("after"), token("after", n))
		}
	})
	for n := after - 4996; n < after; n++ {
		require.Equal(t, "[redacted]", run.Redact(token("after", n)))
	}
	for n := before - 4; n < before; n++ {
		require.Equal(t, "[redacted]", run.Redact(token("before", n)), "the latest four of each client are kept")
	}
	require.NoError(t, run.Close())
}

func TestLongTokensOfOneClientTakeBoundedMemory(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector takes fifty times as long, and nothing runs at the same time")
	}
	long := func(account string, n int) string { return token(account, n) + strings.Repeat("0123456789", 2000) }
	run, log := syncWithTokens(t, func(ctx context.Context) {
		for i := range 60 { // valid at the same time, so none of them is old
			account := fmt.Sprintf("account %d", i)
			runcredential.Hide(ctx, client(account), long(account, 0))
		}
		connector.Logger(ctx).Info("so far", "tokens", "60")
		for n := range 80 {
			runcredential.Hide(ctx, client("often"), long("often", n))
		}
	})
	for i := range 60 {
		account := fmt.Sprintf("account %d", i)
		require.NotContains(t, run.Redact("a "+token(account, 0)), account)
	}
	require.Equal(t, "[redacted]", run.Redact(long("often", 79)))
	require.Equal(t, "[redacted]", run.Redact(long("often", 60)))
	assert.Equal(t, 1, strings.Count(log.String(), "the connector obtains too many tokens"))
	require.NoError(t, run.Close())
}
