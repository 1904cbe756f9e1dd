package host

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// An interruption is the first signal that told a process to end.
type interruption struct {
	signal   os.Signal
	deadline time.Time
	ignored  bool // the process ignored the signal when it was started
}

// exit ends the process. If the wire requires it, the process dies of the first
// signal. Otherwise, it exits with the status.
func (p *Process) exit(status int) {
	p.ending.Store(true)
	if first := p.signalled.Load(); first != nil && p.wire.DieOfSignal {
		dieOf(first)
	}
	os.Exit(status)
}

// watchSignals makes the first signal end the context of the process. A second
// signal or the deadline ends the process itself.
func (p *Process) watchSignals() {
	ctx, cancel := context.WithCancelCause(context.Background())
	p.ctx = ctx
	signals := make(chan os.Signal, 2)
	ignored := map[os.Signal]bool{os.Interrupt: signal.Ignored(os.Interrupt), syscall.SIGTERM: signal.Ignored(syscall.SIGTERM)}
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		got := <-signals
		limit := p.wire.Deadline
		p.signalled.Store(&interruption{got, time.Now().Add(limit), ignored[got]})
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal %v", got))
		select {
		case <-signals:
		case <-time.After(limit):
			if p.ending.Load() {
				return // the process has ended in time, and the system still has to end it
			}
			writeWithin(exitMargin, p.Stderr, fmt.Sprintf("%s: still busy %v after signal %v; exiting\n", p.Name, limit, got))
		}
		p.exit(1)
	}()
}

// Context returns a context that is done once a signal has told the process to
// end. Its cause is an error of kind Interrupted that names the signal.
func (p *Process) Context() context.Context { return p.ctx }

// Deadline returns the time by which the process ends. It reports false if no
// signal has arrived.
func (p *Process) Deadline() (at time.Time, ok bool) {
	if first := p.signalled.Load(); first != nil {
		return first.deadline, true
	}
	return time.Time{}, false
}

// exitMargin is the time that a process needs to end after it has written or
// abandoned its last line.
const exitMargin = 200 * time.Millisecond
