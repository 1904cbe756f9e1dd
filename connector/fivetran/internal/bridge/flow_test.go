package bridge_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// endless is a source that sends records until it is told to end. It counts the messages, and
// closes ended when its method returns.
func endless(sent *atomic.Int64, ended chan<- struct{}) *source {
	value := text("v", protocol.StringValue, strings.Repeat("x", 1000))
	return &source{schema: oneTable(id), update: func(ctx context.Context, _ *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
		defer close(ended)
		for {
			batch := make([][]byte, protocol.MaxRecords)
			for i := range batch {
				batch[i] = order(protocol.Upsert, sent.Load(), value)
			}
			if err := errors.Join(deliver(records(batch...)), deliver(checkpoint(`{}`)), ctx.Err()); err != nil {
				return err
			}
			sent.Add(1)
		}
	}}
}

// serve starts the bridge with a pipe for its answer.
func serve(ctx context.Context, s *source) (answer *io.PipeReader, ended <-chan error) {
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := bridge.Serve(ctx, strings.NewReader(syncRequest), w, bridge.Options{Address: s.address})
		_ = w.Close()
		done <- err
	}()
	return r, done
}

func TestASlowReaderSlowsTheSourceDown(t *testing.T) {
	var sent atomic.Int64
	ended := make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	out, done := serve(ctx, endless(&sent, ended).start(t))
	lines := bufio.NewReader(out)
	_, err := lines.ReadString('\n')
	require.NoError(t, err)
	// Nobody reads now: the source must come to a stop.
	for before := int64(-1); before != sent.Load(); time.Sleep(200 * time.Millisecond) {
		before = sent.Load()
	}
	assert.Less(t, sent.Load(), int64(200), "messages of 100 KB that nobody has read")
	stopped := sent.Load()
	for sent.Load() < stopped+10 { // and go on once somebody reads
		_, err := lines.ReadString('\n')
		require.NoError(t, err)
	}
	cancel(connector.Errorf(connector.Interrupted, "interrupted by signal terminated"))
	_, _ = io.Copy(io.Discard, lines)
	require.ErrorContains(t, <-done, "interrupted by signal terminated")
	<-ended
}

func TestACanceledSyncEndsTheCallAndSaysSo(t *testing.T) {
	var sent atomic.Int64
	ended := make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	out, done := serve(ctx, endless(&sent, ended).start(t))
	lines := bufio.NewScanner(out)
	var last, state string
	for lines.Scan() {
		last = lines.Text()
		if strings.Contains(last, `"STATE"`) {
			state = last
			cancel(connector.Errorf(connector.Interrupted, "interrupted by signal terminated"))
		}
	}
	err := <-done
	require.ErrorContains(t, err, "interrupted")
	assert.Equal(t, connector.Interrupted, connector.KindOf(err))
	assert.Equal(t, `{"type":"LOG","log":{"level":"SEVERE","message":"interrupted by signal terminated"}}`, last)
	assert.Equal(t, `{"type":"STATE","state":{}}`, state)
	<-ended
}

func TestAReaderThatGoesAwayEndsTheCall(t *testing.T) {
	var sent atomic.Int64
	ended := make(chan struct{})
	out, done := serve(t.Context(), endless(&sent, ended).start(t))
	_, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, out.Close())
	require.ErrorIs(t, <-done, connector.Interrupted)
	<-ended
}

func TestARequestThatDoesNotComeIsNotAwaitedForever(t *testing.T) {
	r, w := io.Pipe()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	cancel(connector.Errorf(connector.Interrupted, "interrupted"))
	var out strings.Builder
	err := bridge.Serve(ctx, r, &out, bridge.Options{Address: "localhost:1"})
	require.ErrorContains(t, err, "interrupted")
	require.NoError(t, w.Close())
}
