package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// A tcpProxy passes TCP connections on to a source, with the faults of a plan. It is
// safe for concurrent use. Close it to end its goroutines and connections.
type tcpProxy struct {
	source   string // its address
	listener *net.TCPListener
	hang     func() // is called when a connection begins to hang
	ctx      context.Context
	stop     context.CancelFunc
	wait     sync.WaitGroup

	mu       sync.Mutex
	plan     []connFault // that have not occurred yet
	left     int64       // bytes until the first of them
	occurred []connFault
	size     traffic
	lost     bool // the source can no longer be reached
	open     map[*net.TCPConn]bool
	dialErr  error // the source could not be reached through no fault of the plan
}

// traffic is the number of bytes that have gone through a proxy, by direction.
type traffic [directions]int64

func newTCPProxy(source string, plan []connFault) (*tcpProxy, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	p := &tcpProxy{source: source, listener: listener, hang: func() {}, plan: plan, open: map[*net.TCPConn]bool{}}
	if len(plan) > 0 {
		p.left = plan[0].after
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.wait.Go(p.serve)
	return p, nil
}

// addr returns the address of the proxy.
func (p *tcpProxy) addr() string { return p.listener.Addr().String() }

// close closes all connections and waits for the goroutines of the proxy. Further
// calls do nothing.
func (p *tcpProxy) close() {
	p.stop()
	_ = p.listener.Close() // fails only if it is closed already
	p.resetAll()
	p.wait.Wait()
}

// serve accepts connections until the proxy is closed.
func (p *tcpProxy) serve() {
	for {
		conn, err := p.listener.AcceptTCP()
		switch {
		case err == nil && p.accepts(conn):
			p.wait.Go(func() { p.pass(conn) })
		case err == nil:
			reset(conn)
		case p.ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		}
	}
}

// accepts reports whether a new connection is passed on.
func (p *tcpProxy) accepts(conn *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost || p.ctx.Err() != nil {
		return false
	}
	if len(p.plan) > 0 && p.plan[0].kind == refusedConn {
		p.advance()
		return false
	}
	p.open[conn] = true
	return true
}

// register adds a connection to those that are closed with the proxy. It reports
// whether the proxy is still open.
func (p *tcpProxy) register(conn *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[conn] = true
	return p.ctx.Err() == nil && !p.lost
}

// pass passes a connection on to the source until both sides have ended it.
func (p *tcpProxy) pass(client *net.TCPConn) {
	defer p.end(client)
	dialed, err := (&net.Dialer{Timeout: stopTimeout}).DialContext(p.ctx, "tcp", p.source)
	if err != nil {
		p.noteDialError(err)
		reset(client)
		return
	}
	source := dialed.(*net.TCPConn) //nolint:forcetypeassert // of the network tcp
	defer p.end(source)
	if !p.register(source) {
		reset(client)
		return
	}
	link := &proxiedConn{proxy: p, client: client, source: source}
	var both sync.WaitGroup
	both.Go(func() { link.pump(source, client, toSource) })
	both.Go(func() { link.pump(client, source, fromSource) })
	both.Wait()
}

// end closes a connection.
func (p *tcpProxy) end(conn *net.TCPConn) {
	_ = conn.Close() // it may have been closed before
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
}

// noteDialError keeps the reason why the source could not be reached.
func (p *tcpProxy) noteDialError(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() == nil { // otherwise the proxy was closed meanwhile
		p.dialErr = err
	}
}

// dialError returns the reason why the source could not be reached, or nil.
func (p *tcpProxy) dialError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialErr
}

// next returns how many of n bytes are passed on, and the fault that occurs after
// them, or nil.
func (p *tcpProxy) next(dir direction, n int) (passed int, fault *connFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	passed = n
	if len(p.plan) > 0 && p.plan[0].kind != refusedConn && p.plan[0].direction == dir {
		if p.left > int64(n) {
			p.left -= int64(n)
		} else {
			passed = int(p.left)
			fault = p.advance()
		}
	}
	p.size[dir] += int64(passed)
	return passed, fault
}

// advance removes the first fault of the plan and returns it. The caller holds p.mu.
func (p *tcpProxy) advance() *connFault {
	fault := p.plan[0]
	p.occurred, p.plan = append(p.occurred, fault), p.plan[1:]
	if len(p.plan) > 0 {
		p.left = p.plan[0].after
	}
	return &fault
}

// pause waits, unless the proxy is closed meanwhile.
func (p *tcpProxy) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.ctx.Done():
	}
}

// loseSource resets all connections, including later ones.
func (p *tcpProxy) loseSource() {
	p.mu.Lock()
	p.lost = true
	p.mu.Unlock()
	p.resetAll()
}

// resetAll resets all open connections.
func (p *tcpProxy) resetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		reset(conn)
	}
}

// traffic returns what has gone through the proxy.
func (p *tcpProxy) traffic() traffic {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// received returns the number of bytes that have been passed on from the source.
func (p *tcpProxy) received() int64 { return p.traffic()[fromSource] }

// summary describes the faults that have occurred.
func (p *tcpProxy) summary() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for i, fault := range p.occurred {
		switch {
		case fault.kind == refusedConn:
			all = append(all, "a connection was refused")
		case i == 0:
			all = append(all, fmt.Sprintf("a connection was %v after %d bytes %v", fault.kind, fault.after, fault.direction))
		default:
			all = append(all, fmt.Sprintf("a connection was %v after %d more bytes %v", fault.kind, fault.after, fault.direction))
		}
	}
	if len(all) == 0 {
		return "no connection failed"
	}
	return strings.Join(all, ", then ")
}

// reset makes TCP reset a connection.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0) // the connection may have been closed before
	_ = conn.Close()
}
