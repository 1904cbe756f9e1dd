package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// A notifier calls the functions of connector.OnDelivered for the states that a
// destination has accepted. It has a goroutine only while states are waiting.
type notifier struct {
	session *session

	mu      sync.Mutex // guards the fields below
	waiting []delivered
	size    int           // of the waiting states, in bytes
	idle    chan struct{} // closed when the goroutine ends; nil if there is none
	err     error         // of a function that panicked; final
	flushes bool          // the goroutine waits for the destination
	stuck   bool          // finish gave up waiting for the destination; no function is called any more
}

// A delivered is a state that the destination has accepted.
type delivered struct {
	saved     *snapshot
	functions []func(state.State) // that were registered by then
}

// maxWaiting is the size in bytes of the waiting states above which the oldest are
// dropped.
const maxWaiting = 8 << 20

// onDelivered implements connector.OnDelivered.
func (r *Run) onDelivered(f func(state.State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delivered = append(r.delivered, f)
}

// add adds a state that the destination has accepted. The functions are called by
// the goroutine of the notifier, so that they cannot delay the sync.
func (n *notifier) add(saved *snapshot) {
	r := n.session.run
	r.mu.Lock()
	functions := r.delivered[:len(r.delivered):len(r.delivered)]
	r.mu.Unlock()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(functions) == 0 || n.err != nil {
		return
	}
	n.waiting = append(n.waiting, delivered{saved, functions})
	n.size += len(saved.State)
	for n.size > maxWaiting && len(n.waiting) > 1 { // a later state covers what an earlier one does
		n.size -= len(n.waiting[0].saved.State)
		n.waiting = n.waiting[1:]
	}
	if n.idle == nil {
		n.idle = make(chan struct{})
		go n.run()
	}
}

// run reports the waiting states.
func (n *notifier) run() {
	// This error remains if a function calls runtime.Goexit, as t.FailNow does in a
	// test.
	err := connector.Errorf(connector.Defect, "the function passed to connector.OnDelivered called runtime.Goexit")
	defer func() {
		if err != nil {
			n.mu.Lock()
			n.err = err
			close(n.idle)
			n.mu.Unlock()
			n.session.cancel(err)
		}
	}()
	for {
		next, ok := n.next()
		if !ok {
			err = nil
			return
		}
		if failure := n.report(next); failure != nil {
			err = failure
			return
		}
	}
}

// next returns the oldest waiting state. If there is none, the goroutine must end.
func (n *notifier) next() (next delivered, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) == 0 {
		close(n.idle)
		n.idle = nil
		return next, false
	}
	next = n.waiting[0]
	n.waiting = n.waiting[1:]
	n.size -= len(next.saved.State)
	return next, true
}

// flush reports whether the destination has handed everything that it has accepted to
// the platform.
func (n *notifier) flush() bool {
	f, ok := n.session.dst.(Flusher)
	if !ok {
		return true
	}
	n.setFlushes(true)
	err := guard(n.session.run.log, "the destination", f.Flush)
	return !n.setFlushes(false) && err == nil
}

// setFlushes notes whether the goroutine waits for the destination. It reports whether
// finish has given up waiting.
func (n *notifier) setFlushes(flushes bool) (stuck bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.flushes = flushes
	return n.stuck
}

// waitsForReader reports whether the goroutine waits for the destination. If giveUp is
// true, no function is called once the destination is free.
func (n *notifier) waitsForReader(giveUp bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stuck = n.flushes && giveUp
	return n.flushes
}

// report calls the functions for a state, once the state has been handed to the
// platform.
func (n *notifier) report(d delivered) error {
	run := n.session.run
	if !n.flush() {
		return nil // the next operation returns the error
	}
	for _, f := range d.functions {
		doc, err := n.parse(d.saved)
		if err != nil {
			return fmt.Errorf("report a delivered state: %w", err)
		}
		err = guard(run.log, "the function passed to connector.OnDelivered", func() error { f(doc); return nil })
		if err != nil {
			return err
		}
		if err := doc.Err(); err != nil { // a misspelled name, for example
			return connector.Errorf(connector.Defect, "the function passed to connector.OnDelivered: %w", err)
		}
	}
	return nil
}

// parse returns a delivered state, in which each table has the names that it has in
// the sync.
func (n *notifier) parse(saved *snapshot) (*state.Document, error) {
	s := n.session
	doc, err := s.run.parseState(saved.State)
	if err != nil {
		return nil, err
	}
	doc.SetNames(s.identify)
	for _, name := range saved.Names() {
		if t, err := s.names.Lookup(name); err == nil {
			doc.Declare(state.Declaration{Name: name, Aliases: s.namesOf(t), Selected: true})
		}
	}
	doc.Freeze()
	return doc, nil
}

// finish waits until the functions have been called for the last state. Once the run
// has been told to end, it does not wait longer than the grace period for a function, or
// than the time that patience returns for the destination. It returns the error of a
// function that panicked.
func (n *notifier) finish() error {
	r := n.session.run
	n.mu.Lock()
	idle := n.idle
	n.mu.Unlock()
	reported := idle == nil || within(r.ctx, r.options.grace, idle)
	if !reported && n.waitsForReader(false) {
		reported = closedWithin(r.patience(), idle)
	}
	if !reported {
		if n.waitsForReader(true) {
			return errors.Join(context.Cause(r.ctx), errStuck)
		}
		r.abandoned = fmt.Errorf("the function passed to connector.OnDelivered did not return within %v after the run was told to end", r.options.grace)
		return errors.Join(context.Cause(r.ctx), r.abandoned)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}

// within waits until done is closed. Once ctx is done, it waits no longer than the
// grace period. It reports whether done was closed.
func within(ctx context.Context, grace time.Duration, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	return closedWithin(grace, done)
}

// closedWithin waits until done is closed, but no longer than the given time. It
// reports whether done was closed.
func closedWithin(limit time.Duration, done <-chan struct{}) bool {
	select {
	case <-done:
		return true // even if the limit is zero
	default:
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
