//go:build unix

package fivetran_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func init() {
	programs["acknowledging"] = func() {
		penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			return syncAndAcknowledge(ctx, st, out, 5)
		}}, fixture.Each, fivetran.Host)
	}
	programs["acknowledging many"] = func() {
		penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			return syncAndAcknowledge(ctx, st, out, 10_000)
		}}, fixture.Each, fivetran.Host)
	}
}

// syncAndAcknowledge delivers large orders with a checkpoint after each. It says which it has
// saved, and which have been delivered.
func syncAndAcknowledge(ctx context.Context, st state.State, out connector.Emitter, orders int64) error {
	connector.OnDelivered(ctx, func(st state.State) {
		fmt.Fprintf(os.Stderr, "delivered %d\n", state.NewCursor[int64](st, "orders").Start())
	})
	cursor := state.NewCursor[int64](st, "orders", state.Sorted())
	for id := int64(1); id <= orders; id++ {
		order := fixture.NewOrder(id)
		order.Email = strings.Repeat("a", 100_000)
		if err := out.Upsert("orders", order); err != nil {
			return err
		}
		cursor.Advance(id)
		if err := out.Checkpoint(); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "saved %d\n", id)
	}
	return nil
}

// A row is larger than what gRPC sends to a client that does not read, so the checkpoint that
// follows it stays in the server.
func TestAStateIsNotReportedAsDeliveredBeforeTheClientReads(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "acknowledging")
	client := dial(t, server.address, grpc.WithStaticStreamWindowSize(64<<10))
	w := newWarehouse(client.schema(t, withKey))
	stream := client.sync(t, withKey, "")
	server.stderr.await(t, "saved 1")
	for range 50 { // the server does what it can over the same connection
		require.Empty(t, client.test(t, withKey))
	}
	require.NotContains(t, server.stderr.String(), "delivered")
	for id := 1; id <= 5; id++ {
		for w.state == "" || cursorOf(t, w.state) < id {
			m, err := stream.next(t)
			require.NoError(t, err)
			w.take(t, m)
		}
		assert.NotContains(t, server.stderr.String(), fmt.Sprint("delivered ", id+1), "the client has not taken the row")
	}
	require.NoError(t, stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) }))
	assert.Len(t, w.tables["orders"], 5)
	server.stderr.await(t, "delivered 5")
}

func TestTheLastStateIsReportedAsDelivered(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "acknowledging")
	client := dial(t, server.address)
	w := newWarehouse(client.schema(t, withKey))
	w.syncWhole(t, client, withKey)
	server.stderr.await(t, "delivered 5")
}

// A sync that is cancelled while a state waits does not report the state.
func TestAStateThatTheClientDoesNotTakeIsNeverReported(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "acknowledging")
	client := dial(t, server.address, grpc.WithStaticStreamWindowSize(64<<10))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.update(ctx, &protocol.UpdateRequest{Configuration: withKey})
	require.NoError(t, err)
	server.stderr.await(t, "saved 1")
	cancel()
	server.stdout.await(t, "kind=interrupted") // the sync has ended
	assert.NotContains(t, server.stderr.String(), "delivered")
}

// The process of the client is frozen. What the server has reported as delivered is in the
// buffers of the system, where it outlives the server.
func TestADeliveredStateSurvivesAKillOfTheServer(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "acknowledging many")
	other := dial(t, server.address)
	w := newWarehouse(other.schema(t, withKey))
	gate := newGate()
	const window = 1 << 30 // so that the buffers of the system are the limit
	client := dial(t, server.address, grpc.WithContextDialer(gate.dial), grpc.WithStaticStreamWindowSize(window), grpc.WithStaticConnWindowSize(window))
	stream := client.sync(t, withKey, "")
	m, err := stream.next(t)
	require.NoError(t, err)
	w.take(t, m)
	gate.set(false)
	lastDelivered := func() (last int64) {
		for _, line := range server.stderr.lines() {
			_, _ = fmt.Sscanf(line, "delivered %d", &last) // other lines do not match
		}
		return last
	}
	awaitStall(lastDelivered, func() { require.Empty(t, other.test(t, withKey)) })
	server.kill()
	delivered := lastDelivered()
	gate.set(true)
	require.Error(t, stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) }))
	t.Logf("state %d was reported as delivered, and state %d arrived", delivered, cursorOf(t, w.state))
	require.NotZero(t, delivered)
	assert.GreaterOrEqual(t, int64(cursorOf(t, w.state)), delivered)
}
