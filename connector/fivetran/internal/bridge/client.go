package bridge

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A client calls the methods of a source.
type client struct {
	address string
	conn    *grpc.ClientConn
	dial    dialer
}

// newClient returns a client of the source at an address. It does not connect yet.
func newClient(address string) (*client, error) {
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		return nil, &connector.Error{
			Kind: connector.Configuration, Hint: "want the host and the port of a source, such as localhost:50051",
			Err: fmt.Errorf("%s is not an address", pasted.Argument(address)),
		}
	}
	c := &client{address: address}
	// The address is not resolved by gRPC, so that no proxy of the environment is used and
	// the error of a connection is known.
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(c.dial.dial),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(protocol.Codec{}),
			grpc.MaxCallRecvMsgSize(protocol.MaxMessage),
			grpc.MaxCallSendMsgSize(protocol.MaxMessage),
		))
	if err != nil {
		return nil, connector.Errorf(connector.Configuration, "connect to the source at %s: %w", address, err)
	}
	c.conn = conn
	return c, nil
}

// A dialer makes connections and remembers whether it has ever made one, and what answered.
type dialer struct {
	mu        sync.Mutex
	connected bool
	err       error // of the last attempt
	foreign   bool  // the last answer was not HTTP/2
	silent    bool  // the server of the last connection has sent nothing
}

func (d *dialer) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.connected, d.err = d.connected || err == nil, err
	d.silent = err == nil
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, dialer: d}, nil
}

// answered takes the first bytes that a server has sent, at most frameHeader.
func (d *dialer) answered(first []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = false
	const length = 3
	if len(first) <= length {
		return
	}
	// A server of HTTP/2 begins with a SETTINGS frame. After its length, it has the type 4, no
	// flags and the stream 0. A server of TLS may send fewer bytes, to say that it ends.
	settings := [frameHeader - length]byte{4}
	d.foreign = !bytes.HasPrefix(settings[:], first[length:])
}

// isForeign reports whether the last answer was that of a server that does not speak HTTP/2.
func (d *dialer) isForeign() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.foreign
}

// isSilent reports whether the server of the last connection has sent nothing.
func (d *dialer) isSilent() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.silent
}

// frameHeader is the number of bytes of the header of a frame of HTTP/2.
const frameHeader = 9

// A watchedConn is a connection that shows the first bytes of the server to a dialer: gRPC
// reports a server of another protocol like one that is restarting.
type watchedConn struct {
	net.Conn
	dialer *dialer
	first  []byte
}

func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if missing := frameHeader - len(c.first); missing > 0 && n > 0 {
		c.first = append(c.first, b[:min(n, missing)]...)
		c.dialer.answered(c.first)
	}
	return n, err
}

// failure returns the error of the last attempt if no connection has ever been made.
func (d *dialer) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.connected {
		return nil
	}
	return d.err
}

// A message is one that is sent.
type message interface{ Append(b []byte) []byte }

// An answer is a message that is received.
type answer interface{ Parse(message []byte) error }

// empty is a message without fields.
type empty struct{}

func (empty) Append(b []byte) []byte { return b }

func path(method string) string { return "/" + protocol.Service + "/" + method }

// call calls a method that has one answer.
func (c *client) call(ctx context.Context, method string, request message, into answer) error {
	var text []byte
	if err := c.conn.Invoke(ctx, path(method), protocol.Encode(request), &text); err != nil {
		return c.failure(ctx, method, err)
	}
	if err := into.Parse(text); err != nil {
		return malformed(fmt.Sprintf("the answer to %s", method), err)
	}
	return nil
}

// malformed reports a message that is not valid.
func malformed(what string, err error) error {
	return &connector.Error{
		Kind: connector.Defect, Hint: "generate the source's code from Fivetran's proto files",
		Err: fmt.Errorf("%s is not valid: %w", what, err),
	}
}

// update begins a sync. The caller cancels the context to end it early.
func (c *client) update(ctx context.Context, request *protocol.UpdateRequest) (*updates, error) {
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, path(protocol.MethodUpdate))
	if err == nil {
		err = stream.SendMsg(protocol.Encode(request))
	}
	if err == nil {
		err = stream.CloseSend()
	}
	if err != nil {
		return nil, c.failure(ctx, protocol.MethodUpdate, err)
	}
	return &updates{ctx: ctx, source: c, stream: stream}, nil
}

// updates are the messages of a sync.
type updates struct {
	ctx    context.Context
	source *client
	stream grpc.ClientStream
	number int // of the messages received
}

// next decodes the next message into r. It returns io.EOF after the last one of a sync that
// succeeded. It reads nothing ahead, except for what gRPC buffers: a slow caller slows the
// source down.
func (u *updates) next(r *protocol.UpdateResponse) error {
	*r = protocol.UpdateResponse{}
	var text []byte
	if err := u.stream.RecvMsg(&text); err != nil {
		return u.source.failure(u.ctx, protocol.MethodUpdate, err)
	}
	u.number++
	if err := r.Parse(text); err != nil {
		return malformed(fmt.Sprintf("message %d of the sync", u.number), err)
	}
	return nil
}
