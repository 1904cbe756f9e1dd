//go:build unix

package fivetran_test

import (
	"context"
	"net"
	"sync"
)

// A gate lets the connections of a client read while it is open.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // closed while the gate is open
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if open {
		close(g.open)
	} else {
		g.open = make(chan struct{})
	}
}

func (g *gate) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	return &gatedConn{conn, g}, err
}

type gatedConn struct {
	net.Conn
	gate *gate
}

func (c *gatedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.gate.mu.Lock()
	open := c.gate.open
	c.gate.mu.Unlock()
	<-open
	return n, err
}

// awaitStall waits until a number no longer changes, and returns it. The number changes faster
// than requests are answered, until the client that does not read has stopped the server.
func awaitStall(number func() int64, request func()) (last int64) {
	for same := 0; same < 50; same++ {
		request()
		if now := number(); now != last {
			last, same = now, 0
		}
	}
	return last
}
