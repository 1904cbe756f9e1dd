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

// A memoryNetwork sends every request to one handler, regardless of its host. It
// connects the server of net/http with its client through pipes, so requests,
// responses and broken connections behave as on a real network. Unlike a real
// network, it does not stop virtual time.
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
		server: &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}, //nolint:gosec // only this process reaches it
		dialed: make(chan net.Conn),
		closed: make(chan struct{}),
	}
	n.Transport = &http.Transport{
		DialContext:        n.dial,
		DialTLSContext:     n.dial, // a pipe needs no encryption
		DisableCompression: true,   // the client decompresses
	}
	n.served.Go(func() {
		_ = n.server.Serve(n) // returns when the server is closed
	})
	return n
}

// shutDown closes the network and waits for its goroutines.
func (n *memoryNetwork) shutDown() {
	n.CloseIdleConnections()
	_ = n.server.Close() // closing pipes never fails
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

// Accept returns the next connection. Accept, Close and Addr make the network the
// net.Listener of its server.
func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.dialed:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the network. The server may call it several times.
func (n *memoryNetwork) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr returns an address that no client dials.
func (n *memoryNetwork) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
