package connectortest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// A memoryNetwork leads every request to one handler, whatever its host. It is
// net/http's own server and client with pipes for connections, so that what
// they do to requests and answers, and to a connection that breaks, is what a
// real network shows; but in a synctest bubble nothing of it holds the clock.
type memoryNetwork struct {
	*http.Transport
	server *http.Server
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
	served sync.WaitGroup
}

func newMemoryNetwork(h http.Handler) *memoryNetwork {
	n := &memoryNetwork{
		server: &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}, //nolint:gosec // nobody else reaches it
		dialed: make(chan net.Conn),
		closed: make(chan struct{}),
	}
	n.Transport = &http.Transport{
		DialContext:        n.dial,
		DialTLSContext:     n.dial, // there is nobody to hide from
		DisableCompression: true,   // which is the client's to do
	}
	n.served.Go(func() {
		_ = n.server.Serve(n) // until it is closed
	})
	return n
}

// hangUp ends the network, and waits until it has ended.
func (n *memoryNetwork) hangUp() {
	n.CloseIdleConnections()
	_ = n.server.Close() // of pipes, which never fails
	n.served.Wait()
}

func (n *memoryNetwork) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.dialed <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-n.closed:
		return nil, errors.New("connectortest: the source is closed")
	}
}

// Accept, Close and Addr make it the server's listener.
func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.dialed:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close is called by the server, once or more.
func (n *memoryNetwork) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr is the address of no machine.
func (n *memoryNetwork) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
