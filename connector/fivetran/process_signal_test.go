//go:build unix

package fivetran_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func init() {
	programs["endless"] = func() {
		penstock.Main(&fixture.Shop{OnSync: fixture.SyncEndlessly}, host.CheckpointEvery(time.Millisecond, 100), fivetran.Host)
	}
	programs["stalled"] = func() {
		penstock.Main(&fixture.Shop{OnSync: syncLarge}, host.CheckpointEvery(time.Millisecond, 100), fivetran.Host)
	}
}

func init() {
	programs["deaf"] = func() {
		penstock.Main(&fixture.Shop{OnTest: testDeaf, OnSync: syncDeaf}, host.Grace(50*time.Millisecond), fixture.Each, fivetran.Host)
	}
}

// syncDeaf delivers an order and ignores its context from then on.
func syncDeaf(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "orders", state.Sorted())
	if err := out.Upsert("orders", fixture.NewOrder(1)); err != nil {
		return err
	}
	cursor.Advance(1)
	if err := out.Checkpoint(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "ready")
	time.Sleep(time.Hour)
	return nil
}

// testDeaf ignores its context.
func testDeaf(context.Context) error {
	fmt.Fprintln(os.Stderr, "ready")
	time.Sleep(time.Hour)
	return nil
}

// syncLarge delivers orders without end. The first one is larger than what gRPC sends to a
// client that does not read. It says when that one was sent.
func syncLarge(ctx context.Context, st state.State, out connector.Emitter) error {
	if state.NewCursor[int64](st, "orders", state.Sorted()).Start() == 0 {
		order := fixture.NewOrder(1)
		order.Email = strings.Repeat("a", 100_000)
		if err := out.Upsert("orders", order); err != nil {
			return err
		}
	}
	return fixture.SyncWhenReady(ctx, st, out)
}

var withKey = map[string]string{"api_key": shopKey}

// cursorOf returns the id of the last order that a state covers.
func cursorOf(t testing.TB, state string) int {
	t.Helper()
	var s struct{ Orders struct{ Cursor int } }
	require.NoError(t, json.Unmarshal([]byte(state), &s), state)
	return s.Orders.Cursor
}

// wantAllOrders checks that a warehouse has all orders that its state covers.
func (w *warehouse) wantAllOrders(t testing.TB) {
	t.Helper()
	last := 0
	if w.state != "" {
		last = cursorOf(t, w.state)
	}
	for id := 1; id <= last; id++ {
		if w.tables["orders"]["id long "+strconv.Itoa(id)] == nil {
			require.FailNow(t, "a state covers an order that was not delivered", "order %d, state %s", id, w.state)
		}
	}
}

func TestASignalEndsASyncWithItsLastStateAndTheProcessWithStatusZero(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			server := serveProgram(t, "endless")
			client := dial(t, server.address)
			w := newWarehouse(client.schema(t, withKey))
			w.transactional = false
			stream := client.sync(t, withKey, "")
			for w.messages < 50 {
				m, err := stream.next(t)
				require.NoError(t, err)
				w.take(t, m)
			}
			server.signal(t, sig)
			err := stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) })
			wantStatus(t, err, codes.Unavailable, "interrupted by signal "+sig.String())
			assert.Equal(t, "checkpoint", w.last, "the last message")
			assert.Greater(t, cursorOf(t, w.state), 100)
			// The signal may have come between a row and its checkpoint.
			assert.InDelta(t, len(w.tables["orders"]), cursorOf(t, w.state), 1, "the last state covers the rows")
			w.wantAllOrders(t)
			assert.Zero(t, server.status())
		})
	}
}

func TestASignalEndsAnIdleServer(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "endless")
	client := dial(t, server.address)
	require.Empty(t, client.test(t, withKey)) // it stays connected
	server.signal(t, syscall.SIGTERM)
	assert.Zero(t, server.status())
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "stalled")
	stream := stalledSync(t, server)
	began := time.Now()
	server.signal(t, syscall.SIGTERM)
	server.signal(t, os.Interrupt)
	assert.Equal(t, 1, server.status())
	assert.Less(t, time.Since(began), 4*time.Second)
	assert.Error(t, stream.rest(t, func(*protocol.UpdateResponse) {}))
}

// stalledSync begins a sync of which the client reads nothing.
func stalledSync(t testing.TB, server *serverProcess) *clientStream {
	t.Helper()
	stream := dial(t, server.address, grpc.WithStaticStreamWindowSize(64<<10)).sync(t, withKey, "")
	server.stderr.await(t, "ready")
	return stream
}

// The deadline is the 4.5 seconds that the host allows, before most platforms kill a process.
func TestASignalEndsTheProcessWithinItsDeadlineAlthoughTheClientDoesNotRead(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "stalled")
	w := newWarehouse(dial(t, server.address).schema(t, withKey))
	stream := stalledSync(t, server)
	began := time.Now()
	server.signal(t, syscall.SIGTERM)
	status := server.status()
	took := time.Since(began)
	t.Logf("ended with status %d after %v", status, took.Round(time.Millisecond))
	assert.Zero(t, status)
	assert.Less(t, took, 8*time.Second)
	require.Error(t, stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) }), "what the client had received")
	w.wantAllOrders(t)
	assert.NotContains(t, server.stderr.String(), "panic")
}

func TestAClientThatReadsAgainAfterTheSignalReceivesTheLastState(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "stalled")
	w := newWarehouse(dial(t, server.address).schema(t, withKey))
	w.transactional = false
	stream := stalledSync(t, server)
	server.signal(t, syscall.SIGTERM)
	err := stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) })
	wantStatus(t, err, codes.Unavailable, "interrupted by signal terminated")
	assert.Equal(t, "checkpoint", w.last)
	assert.InDelta(t, len(w.tables["orders"]), cursorOf(t, w.state), 1)
	w.wantAllOrders(t)
	assert.Zero(t, server.status())
	assert.NotContains(t, server.stderr.String(), "still busy")
}

func TestASignalEndsASyncThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "deaf")
	client := dial(t, server.address)
	w := newWarehouse(client.schema(t, withKey))
	stream := client.sync(t, withKey, "")
	server.stderr.await(t, "ready")
	server.signal(t, syscall.SIGTERM)
	err := stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) })
	wantStatus(t, err, codes.Unavailable, "Sync did not return within")
	assert.Len(t, w.tables["orders"], 1)
	assert.Zero(t, server.status())
}

func TestASignalEndsATestThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "deaf")
	client := dial(t, server.address)
	failed := make(chan error, 1)
	go func() {
		_, err := client.call(t.Context(), protocol.MethodTest, (&protocol.TestRequest{Configuration: withKey}).Append(nil))
		failed <- err
	}()
	server.stderr.await(t, "ready")
	server.signal(t, syscall.SIGTERM)
	wantStatus(t, <-failed, codes.Unavailable, "interrupted by signal terminated")
	assert.Zero(t, server.status())
}
