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
// within the grace period after the run was told to end, unlessStuck abandons it.
// If only the sync ends, for example because its time budget is used up, unlessStuck
// waits: the destination is slow, not stuck.
func (s *session) unlessStuck(what string, f func() error) error {
	result := make(chan error, 1)
	go func() { result <- guard(s.run.log, what, f) }()
	select {
	case err := <-result:
		return err
	case <-s.run.ctx.Done():
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
// reports whether the destination is free. If it is not, an operation still blocks
// there after the grace period, which begins when the run is told to end.
func (s *session) close() bool {
	s.refuseAll()
	if s.stuck {
		return false
	}
	if !s.mu.lockUnless(s.run.ctx.Done()) {
		expired := make(chan struct{})
		timer := time.AfterFunc(s.run.options.grace, func() { close(expired) })
		defer timer.Stop()
		if !s.mu.lockUnless(expired) {
			s.stuck = true
			s.abandoned.Store(true)
			return false
		}
	}
	s.mu.Unlock()
	return true
}
