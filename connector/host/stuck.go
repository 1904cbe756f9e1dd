package host

import (
	"context"
	"errors"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// errStuck reports that the destination still blocks after the sync was told to
// end.
var errStuck = connector.Errorf(connector.Interrupted, "deliver: %w", errNotRead)

// unlessStuck calls f, which writes to the destination. If f does not return
// within the grace period after the sync was told to end, unlessStuck abandons
// it.
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
		s.abandoned.Store(true)
		return errors.Join(context.Cause(s.ctx), errStuck)
	}
}

// close makes the session refuse every further operation of the connector. It
// reports whether the destination is free. If it is not, an operation still
// blocks there after the sync was told to end.
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
				s.abandoned.Store(true)
				return false
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.mu.Unlock()
	return true
}
