//go:build unix

package fivetran_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// refusedSync runs a sync that must fail, and returns its status.
func refusedSync(t testing.TB, client *grpcClient, configuration map[string]string, state string) (w *warehouse, err error) {
	t.Helper()
	w = newWarehouse(client.schema(t, configuration))
	stream := client.sync(t, configuration, state)
	return w, stream.rest(t, func(m *protocol.UpdateResponse) { w.take(t, m) })
}

func TestAWrongKeyFailsTheTestWithASentenceAndTheSyncWithATask(t *testing.T) {
	t.Parallel()
	_, configuration := serveShop(t, shop.Config{Orders: 10})
	configuration["api_key"] = "wrong-key-0123456789"
	server := serveBuilt(t, "restapi")
	client := dial(t, server.address)
	failure := client.test(t, configuration)
	assert.Contains(t, failure, "401 Unauthorized")
	w, err := refusedSync(t, client, configuration, "")
	wantStatus(t, err, codes.InvalidArgument, "401 Unauthorized")
	require.Len(t, w.tasks, 1)
	assert.Equal(t, "task", w.last)
	assert.Contains(t, w.tasks[0], "401 Unauthorized")
	assert.Empty(t, w.tables)
	for _, text := range []string{failure, w.tasks[0], err.Error(), server.stdout.String(), server.stderr.String()} {
		assert.NotContains(t, text, "wrong-key-0123456789")
	}
}

func TestAMissingFieldIsNamed(t *testing.T) {
	t.Parallel()
	client := dial(t, serveBuilt(t, "restapi").address)
	for name, configuration := range map[string]map[string]string{"nothing": nil, "one field": {"page_size": "5"}, "empty texts": {"api_key": "", "base_url": ""}} {
		t.Run(name, func(t *testing.T) {
			failure := client.test(t, configuration)
			w, err := refusedSync(t, client, configuration, "")
			wantStatus(t, err, codes.InvalidArgument, "")
			require.Len(t, w.tasks, 1)
			for _, text := range []string{failure, w.tasks[0], status.Convert(err).Message()} {
				assert.Contains(t, text, "api_key: is required")
				assert.Contains(t, text, "base_url: is required")
			}
		})
	}
}

// The other tables of the sync are complete.
func TestAFailingTableFailsTheSyncWithACodeByTheKindOfItsError(t *testing.T) {
	t.Parallel()
	client := dial(t, serveProgram(t, "mixed").address)
	for kind, code := range map[string]codes.Code{
		"configuration": codes.InvalidArgument, "transient": codes.Unavailable, "defect": codes.Internal, "panic": codes.Internal,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w, err := refusedSync(t, client, map[string]string{"kind": kind}, "")
			wantStatus(t, err, code, map[bool]string{false: "failing: the orders cannot be read; look at the source", true: "the connector has a bug"}[kind == "panic"])
			assert.Len(t, w.tables["complete"], completeRows)
			assert.Contains(t, w.state, `"complete":{"cursor":500}`)
			assert.Empty(t, w.pending, "a checkpoint follows the rows")
			if kind == "configuration" {
				assert.Equal(t, "task", w.last)
				assert.Len(t, w.tasks, 1)
			} else {
				assert.Equal(t, "checkpoint", w.last)
				assert.Empty(t, w.tasks)
			}
			again, err := refusedSync(t, client, map[string]string{"kind": kind}, w.state)
			wantStatus(t, err, code, "")
			assert.Empty(t, again.tables["complete"], "the state covers them")
		})
	}
}

func TestRequestsThatCannotBeReadAreRefused(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "mixed")
	client := dial(t, server.address)
	malformed := []byte{0x0a, 0xff, 0xff, 0xff}
	for _, method := range []string{protocol.MethodTest, protocol.MethodSchema} {
		_, err := client.call(t.Context(), method, malformed)
		wantStatus(t, err, codes.InvalidArgument, "read the request: malformed protocol buffer")
	}
	stream, err := client.updateRaw(t.Context(), malformed)
	require.NoError(t, err)
	_, err = stream.next(t)
	wantStatus(t, err, codes.InvalidArgument, "read the request: malformed protocol buffer")

	_, err = client.call(t.Context(), protocol.MethodTest, (&protocol.TestRequest{Name: "key-0123456789"}).Append(nil))
	wantStatus(t, err, codes.InvalidArgument, `"connection"`)
	assert.NotContains(t, err.Error(), "key-0123456789")

	_, err = client.call(t.Context(), "Sync", nil)
	wantStatus(t, err, codes.Unimplemented, "")

	notUTF8 := map[string]string{"kind": "\xff"}
	for method, request := range map[string]interface{ Append(b []byte) []byte }{
		protocol.MethodTest: &protocol.TestRequest{Configuration: notUTF8}, protocol.MethodSchema: &protocol.SchemaRequest{Configuration: notUTF8},
	} {
		_, err = client.call(t.Context(), method, request.Append(nil))
		wantStatus(t, err, codes.InvalidArgument, "read the request: a string is not valid UTF-8")
	}
	for _, request := range []*protocol.UpdateRequest{{Configuration: notUTF8}, {State: "\xff"}} {
		stream, err = client.updateRaw(t.Context(), request.Append(nil))
		require.NoError(t, err)
		_, err = stream.next(t)
		wantStatus(t, err, codes.InvalidArgument, "read the request: a string is not valid UTF-8")
	}
	assert.Contains(t, client.test(t, nil), "kind: is required", "the server still answers")
}

func TestAStateThatIsNotValidIsRefused(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "mixed")
	client := dial(t, server.address)
	for _, state := range []string{"{", "null null", "[]", `"text"`, "5", `{"complete":"key-0123456789"}`, strings.Repeat("[", 100_000)} {
		w, err := refusedSync(t, client, map[string]string{"kind": "defect"}, state)
		wantStatus(t, err, codes.InvalidArgument, "reset it to sync from the start")
		require.Len(t, w.tasks, 1)
		assert.Zero(t, w.records)
		assert.Empty(t, w.state, "%.20s", state)
		assert.NotContains(t, err.Error(), "key-0123456789")
	}
	for _, state := range []string{"", "{}", "null", " {} "} {
		w, err := refusedSync(t, client, map[string]string{"kind": "defect"}, state)
		wantStatus(t, err, codes.Internal, "the orders cannot be read")
		assert.Len(t, w.tables["complete"], completeRows, "%q is a first sync", state)
	}
}

func TestACancelledSyncLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "mixed")
	client := dial(t, server.address)
	endless := map[string]string{"kind": "endless"}
	// The failure of this test is the number of the goroutines that serve requests.
	serving := func() (n int) {
		failure := client.test(t, endless)
		_, err := fmt.Sscanf(failure, "%d goroutines serve requests", &n)
		require.NoError(t, err, failure)
		return n
	}
	idle := max(serving(), serving())
	for range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := client.update(ctx, &protocol.UpdateRequest{Configuration: endless})
		require.NoError(t, err)
		for range 3 {
			_, err := stream.next(t)
			require.NoError(t, err)
		}
		require.Greater(t, serving(), idle, "the sync has goroutines")
		cancel()
	}
	// The goroutines end shortly after the client has disconnected.
	for serving() > idle || strings.Count(server.stderr.String(), "Sync returned") < 3 {
		require.NoError(t, t.Context().Err())
		time.Sleep(10 * time.Millisecond) // a request also counts what is left of the one before
	}
	assert.Equal(t, 3, strings.Count(server.stderr.String(), "Sync returned"), "a sync that was not canceled")
	w, err := refusedSync(t, client, map[string]string{"kind": "transient"}, "")
	wantStatus(t, err, codes.Unavailable, "")
	assert.Len(t, w.tables["complete"], completeRows)
}
