package fivetran_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A deafListener accepts connections whose writes fail once deaf is set, although they can
// still be read.
type deafListener struct {
	net.Listener
	deaf   atomic.Bool
	failed chan struct{} // closed at the first failure
	once   sync.Once
}

func (l *deafListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &deafConn{conn, l}, err
}

type deafConn struct {
	net.Conn
	listener *deafListener
}

func (c *deafConn) Write(b []byte) (int, error) {
	if c.listener.deaf.Load() {
		c.listener.once.Do(func() { close(c.listener.failed) })
		return 0, errors.New("the network is down")
	}
	return c.Conn.Write(b)
}

func TestAStateThatCouldNotBeWrittenIsNotReportedAsDelivered(t *testing.T) {
	t.Parallel()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &deafListener{Listener: plain, failed: make(chan struct{})}
	delivered := make(chan struct{}, 10)
	received := make(chan struct{})
	c := &scripted{tables: []*schema.Table{notes()}, sync: func(ctx context.Context, out connector.Emitter) error {
		connector.OnDelivered(ctx, func(state.State) { delivered <- struct{}{} })
		if err := out.Upsert("notes", map[string]any{"id": 1}); err != nil {
			return err
		}
		if err := out.Checkpoint(); err != nil {
			return err
		}
		<-received // the first state is delivered
		<-delivered
		l.deaf.Store(true)
		if err := out.Upsert("notes", map[string]any{"id": 2}); err != nil {
			return err
		}
		return out.Checkpoint()
	}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	srv := &fivetran.Server{Connector: c, Options: []host.Option{fixture.Quiet, fixture.Each, host.Grace(10 * time.Millisecond)}}
	go func() { ended <- srv.Serve(ctx, l) }()
	client := dial(t, l.Addr().String())
	stream := client.sync(t, nil, "")
	for kind := ""; kind != "checkpoint"; {
		m, err := stream.next(t)
		require.NoError(t, err)
		kind = shape(m)
	}
	close(received)
	<-l.failed
	stop()
	require.NoError(t, <-ended)
	assert.Empty(t, delivered, "reports of the second state")
}
