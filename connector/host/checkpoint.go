package host

import (
	"context"
	"errors"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// checkpoint saves the state of the tables, or all of it, and sends what is
// saved when it is time.
func (s *session) checkpoint(save func(...string) error, tables []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failure != nil:
		return s.failure
	case s.closed.Load():
		return connector.ErrClosed
	case s.enough.Load():
		// What was taken may still be saved, for the last state to cover it,
		// unless the connector may have moved past what was refused.
		if s.refused.concern(tables) {
			return ErrEnough
		}
		err := save(tables...)
		s.cancel(ErrEnough)
		return errors.Join(err, ErrEnough)
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	}
	if err := save(tables...); err != nil {
		return err
	}
	s.pending = true
	o := s.run.options
	if s.sinceSent < o.checkpointRows && time.Since(s.sentAt) < o.checkpointInterval {
		return nil
	}
	return s.sendState(s.snapshot())
}

// snapshot returns the state as it is saved.
func (s *session) snapshot() *snapshot {
	return &snapshot{Snapshot: s.doc.Snapshot(), tables: s.names.Len()}
}

// finish saves the whole state of a sync that has succeeded. It is sent last.
func (s *session) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc.Finish()
}

// sendState sends what is saved, with s.mu held.
func (s *session) sendState(saved *snapshot) error {
	if s.run.redactor.inJSON(saved.State) {
		return errSecretState
	}
	s.op = Operation{Kind: OpCheckpoint, State: saved.State, checkpoint: &checkpoint{saved, s.last, &s.names}}
	if err := s.force(); err != nil {
		return err
	}
	s.last, s.sentAt, s.sinceSent, s.pending = saved, time.Now(), 0, false
	covered := s.read
	s.read = nil
	for _, t := range covered {
		if !t.read || !t.open {
			continue // it has begun anew, or its end was told
		}
		if err := s.endTable(t, nil); err != nil {
			return err
		}
	}
	return nil
}

// errSecretState refuses a state.
var errSecretState = connector.Errorf(connector.Defect, "state: it would hold a secret of the configuration, and platforms keep states in the open: save something else, for instance a page token in place of a whole URL")

// sendOverdue sends a pending checkpoint that no later one has superseded. If it
// fails, so does the sync.
func (s *session) sendOverdue() {
	if !s.mu.TryLock() {
		return // something is under way: the next tick will do
	}
	defer s.mu.Unlock()
	if !s.pending || s.closed.Load() || s.failure != nil || time.Since(s.sentAt) < s.run.options.checkpointInterval {
		return
	}
	if err := s.sendState(s.snapshot()); err != nil {
		s.cancel(err)
	}
}
