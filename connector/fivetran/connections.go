package fivetran

import (
	"context"
	"errors"
	"net"
	"sync"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// connections are the connections of a server. They are not encrypted, but gRPC passes each to
// its credentials before it reads from it. So the server can close those that gRPC does not
// know yet, and an outbox can see which messages have been written to its own.
type connections struct {
	mu     sync.Mutex
	open   map[*connection]struct{}
	ending bool // no more connections are accepted
}

// A connection is the connection of one client. It implements [credentials.AuthInfo], through
// which the request of a client has it.
type connection struct {
	credentials.CommonAuthInfo
	net.Conn
	owner *connections

	mu      sync.Mutex // guards the fields below
	speaks  bool       // the client has sent something
	waiting map[*byte]func()
}

var errEnding = errors.New("the server is ending")

// ServerHandshake implements [credentials.TransportCredentials].
func (c *connections) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn := &connection{
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.NoSecurity},
		Conn:           raw, owner: c, waiting: map[*byte]func(){},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return nil, nil, errEnding
	}
	if c.open == nil {
		c.open = map[*connection]struct{}{}
	}
	c.open[conn] = struct{}{}
	return conn, conn, nil
}

// ClientHandshake implements [credentials.TransportCredentials]. There are no clients.
func (*connections) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("these are the connections of a server")
}

// Info implements [credentials.TransportCredentials].
func (*connections) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "insecure"}
}

// Clone implements [credentials.TransportCredentials].
func (c *connections) Clone() credentials.TransportCredentials { return c }

// OverrideServerName implements [credentials.TransportCredentials].
func (*connections) OverrideServerName(string) error { return nil }

// end refuses connections from now on, and closes those whose clients have not sent anything:
// gRPC would wait for their first bytes before it ends.
func (c *connections) end() {
	c.closeIf((*connection).silent)
}

// closeAll closes all connections.
func (c *connections) closeAll() {
	c.closeIf(func(*connection) bool { return true })
}

func (c *connections) closeIf(unwanted func(*connection) bool) {
	c.mu.Lock()
	c.ending = true
	var closing []*connection
	for conn := range c.open {
		if unwanted(conn) {
			closing = append(closing, conn)
		}
	}
	c.mu.Unlock()
	for _, conn := range closing {
		_ = conn.Close() // the client has nothing to lose, or does not read
	}
}

// connectionOf returns the connection of a request.
func connectionOf(ctx context.Context) (*connection, bool) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil, false
	}
	conn, ok := p.AuthInfo.(*connection)
	return conn, ok
}

// AuthType implements [credentials.AuthInfo].
func (*connection) AuthType() string { return "insecure" }

// silent reports whether the client has sent nothing.
func (c *connection) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.speaks
}

// Read implements net.Conn.
func (c *connection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.mu.Lock()
		c.speaks = true
		c.mu.Unlock()
	}
	return n, err
}

// Write implements net.Conn.
func (c *connection) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	switch {
	case err != nil:
		c.leave() // gRPC may give the connection up without closing it
	case len(b) > 0:
		c.mu.Lock()
		written := c.waiting[&b[len(b)-1]]
		delete(c.waiting, &b[len(b)-1])
		c.mu.Unlock()
		if written != nil {
			written()
		}
	}
	return n, err
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.leave()
	return c.Conn.Close()
}

// leave removes the connection from those that are open.
func (c *connection) leave() {
	c.owner.mu.Lock()
	defer c.owner.mu.Unlock()
	delete(c.owner.open, c)
}

// onWritten calls f once the memory that ends with a byte has been written. gRPC copies no
// memory, because the server has no buffer for writing.
func (c *connection) onWritten(end *byte, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[end] = f
}

// forget undoes onWritten, before the memory is used again.
func (c *connection) forget(end *byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, end)
}
