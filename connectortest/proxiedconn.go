package connectortest

import (
	"io"
	"net"
	"sync/atomic"
)

// A proxiedConn is a connection of a client to a source through a proxy.
type proxiedConn struct {
	proxy          *tcpProxy
	client, source *net.TCPConn
	cut            atomic.Bool
}

// pump copies data in one direction until it ends.
func (l *proxiedConn) pump(to, from *net.TCPConn, dir direction) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		for data := buffer[:n]; len(data) > 0; {
			passed, fault := l.proxy.next(dir, len(data))
			if _, err := to.Write(data[:passed]); err != nil {
				l.drain()
				return
			}
			data = data[passed:]
			if fault != nil && !l.occurs(fault.kind) {
				return
			}
		}
		switch {
		case err == nil:
		case err == io.EOF:
			_ = to.CloseWrite() // it may have been reset
			return
		case l.cut.Load():
			return
		default:
			reset(to)
			return
		}
	}
}

// occurs lets a fault occur. It reports whether the connection survives.
func (l *proxiedConn) occurs(kind connFaultKind) bool {
	switch kind {
	case delayedConn:
		l.proxy.pause(delayTime)
		return true
	case hangingConn:
		l.proxy.hang()
		<-l.proxy.ctx.Done()
	case lostSource:
		l.proxy.loseSource()
	case resetConn, refusedConn:
		reset(l.client)
		reset(l.source)
	case stalledConn:
		l.proxy.pause(stallTime)
		l.end()
	case cutConn:
		l.end()
	}
	return false
}

// end ends the data that the client receives. The client may still send.
func (l *proxiedConn) end() {
	l.cut.Store(true)
	_ = l.client.CloseWrite() // it may have been reset
	_ = l.source.Close()
	l.drain()
}

// drain drops what the client still sends. To close the connection instead would
// reset it, and a client might lose data that has already arrived.
func (l *proxiedConn) drain() { _, _ = io.Copy(io.Discard, l.client) }
