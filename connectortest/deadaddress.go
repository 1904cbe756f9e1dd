package connectortest

import (
	"context"
	"net"
)

// A deadAddress is an address on the loopback interface that refuses connections. It
// is that of a connection, so that no other program can listen there meanwhile.
type deadAddress struct{ ends [2]net.Conn }

func newDeadAddress(ctx context.Context) (*deadAddress, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	defer func() { _ = listener.Close() }()
	dialed, err := new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	accepted, err := listener.Accept()
	if err != nil {
		_ = dialed.Close()
		return nil, err
	}
	return &deadAddress{[2]net.Conn{dialed, accepted}}, nil
}

func (a *deadAddress) addr() string { return a.ends[0].LocalAddr().String() }

func (a *deadAddress) close() {
	for _, end := range a.ends {
		_ = end.Close() // nothing was written to it
	}
}
