package host

import (
	"context"
	"errors"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// errStuck says that the destination blocks although the sync was told to end.
var errStuck = connector.Errorf(connector.Interrupted, "deliver: %w", errNotRead)

// unlessStuck calls f, which writes to the destination. It leaves f behind if it
// does not return within the grace although the sync was told to end.
func (s *session) unlessStuck(what string, f func() error) error {
	result := make(chan error, 1)
	go func() { result <- guard(s.run.log, what, f) }()
	select {
	case err := <-result:
		return err
	case <-s.ctx.Done():
	}
	timer := time.NewTimer(s.run.options.grace)
	defer timer.Stop()
	select {
	case err := <-result:
		return err
	case <-timer.C:
		s.stuck = true
		s.left.Store(true)
		return errors.Join(context.Cause(s.ctx), errStuck)
	}
}

// close refuses every operation from here on. It reports false if one is stuck
// with the destination although the sync was told to end.
func (s *session) close() bool {
	s.closed.Store(true)
	if s.stuck {
		return false
	}
	var deadline time.Time
	for !s.mu.TryLock() {
		if s.ctx.Err() != nil {
			if deadline.IsZero() {
				deadline = time.Now().Add(s.run.options.grace)
			}
			if time.Now().After(deadline) {
				s.stuck = true
				s.left.Store(true)
				return false
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.mu.Unlock()
	return true
}
