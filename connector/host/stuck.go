package host

import (
	"context"
	"errors"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// errStuck reports that the destination still blocks after the run was told to
// end.
var errStuck = connector.Errorf(connector.Interrupted, "deliver: %w", errNotRead)

// unlessStuck calls f, which writes to the destination. If f does not return
// within the time that patience returns after the run was told to end, unlessStuck
// abandons it.
// If only the sync ends, for example because its time budget is used up, unlessStuck
// waits: the destination is slow, not stuck.
func (s *session) unlessStuck(what string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		// This error remains if the destination calls runtime.Goexit, as t.FailNow does in a test.
		err := errDestinationExited
		defer func() { result <- err }()
		err = guard(s.run.log, what, f)
	}()
	select {
	case err := <-result:
		return err
	case <-s.run.ctx.Done():
	}
	timer := time.NewTimer(s.run.patience())
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		s.abandon()
		return errors.Join(context.Cause(s.ctx), errStuck)
	}
}

// abandon records that the destination blocks. Nothing is written to it from now on.
func (s *session) abandon() {
	s.stuck = true
	s.abandoned.Store(true)
}

// patience returns how long the run still waits for a destination that blocks, after
// it was told to end. In a process, that is until shortly before the deadline, so that
// a reader that returns in time receives the last state.
func (r *Run) patience() time.Duration {
	if r.options.patience != nil {
		return r.options.patience()
	}
	return r.options.grace
}

// awaitDestination waits until no operation is being written to the destination or checked
// by it. It reports whether it had to wait, and false as the second result if an operation
// still blocks there after the time that patience returns.
func (r *Run) awaitDestination() (waited, free bool) {
	r.mu.Lock()
	s := r.session
	r.mu.Unlock()
	lockUnless, unlock := r.lockWriting, func() { <-r.writing }
	isChecking, awaitChecks := func() bool { return false }, func(<-chan struct{}) bool { return true }
	if s != nil {
		lockUnless, unlock = s.mu.lockUnless, s.mu.Unlock
		isChecking, awaitChecks = s.isChecking, s.awaitChecks
	}
	now := make(chan struct{})
	close(now)
	if lockUnless(now) {
		unlock()
		if !isChecking() {
			return false, true
		}
	}
	expired := make(chan struct{})
	timer := time.AfterFunc(r.patience(), func() { close(expired) })
	defer timer.Stop()
	if !lockUnless(expired) {
		return true, false
	}
	unlock()
	return true, awaitChecks(expired)
}

// lockWriting takes the token of r.writing. If giveUp is closed before that is free, it
// reports false.
func (r *Run) lockWriting(giveUp <-chan struct{}) bool {
	select {
	case r.writing <- struct{}{}:
		return true
	default:
	}
	select {
	case r.writing <- struct{}{}:
		return true
	case <-giveUp:
		return false
	}
}

// close makes the session refuse every further operation of the connector. It
// reports whether the destination is free. If it is not, an operation still blocks
// there after the time that patience returns once the run is told to end.
func (s *session) close() bool {
	s.refuseAll()
	if s.stuck {
		return false
	}
	if !s.mu.lockUnless(s.run.ctx.Done()) {
		expired := make(chan struct{})
		timer := time.AfterFunc(s.run.patience(), func() { close(expired) })
		defer timer.Stop()
		if !s.mu.lockUnless(expired) {
			s.abandon()
			return false
		}
	}
	s.mu.Unlock()
	return true
}
