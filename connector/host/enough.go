package host

import (
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// ErrEnough is returned by a [Destination] to end a sync early and successfully,
// for example because its response is full or its time is up.
//
// The operation for which Write returns ErrEnough counts as accepted. The next
// operation of the connector is refused. If there is none within 100 ms of the last
// Write, the connector's context is canceled. The destination then receives the last
// consistent state, and [Run.Sync] returns nil. If a table had failed by then, or
// if the connector panics, Sync returns the error instead.
//
// The last state covers what the connector has checkpointed. The connector may
// still make a checkpoint directly after the accepted operation. If a destination
// accepts fewer rows than the connector delivers between two checkpoints, the
// next sync delivers the same rows again. Limits should therefore be generous. The
// option [TimeBudget] ends a sync in the same way.
var ErrEnough = connector.Errorf(connector.Interrupted, "the platform accepts no more operations in this sync")

// EndedEarly reports whether the last [Run.Sync] ended early and successfully, for
// example because of [ErrEnough] or [TimeBudget]. Tables may then not have been read
// to the end, even if an [OpTableEnd] without an error was delivered for them: the
// connector may not have returned to them yet.
func (r *Run) EndedEarly() bool { return r.early }

// enoughLimit bounds the time in which the connector may checkpoint the last
// operation that was accepted before the sync ends early.
const enoughLimit = 100 * time.Millisecond

// An earlyEnd is the reason why a sync ends early and successfully: ErrEnough, or
// that its time budget is used up.
type earlyEnd struct{ cause error }

// endEarly records that the sync ends early. The next operation of the connector is
// refused, so that the connector can checkpoint the last accepted one first.
func (s *session) endEarly(cause error) {
	if s.enough.CompareAndSwap(nil, &earlyEnd{cause}) {
		s.run.log.Info("the sync ends early", "reason", cause.Error())
		close(s.early)
	}
}

// endIdle ends the sync of a connector that has made no operation since endEarly. It
// reports false if the connector was not idle: while an operation is being written, the
// connector is not at fault. Then endIdle has waited for the operation, after which the
// connector has its time again, so that it can checkpoint the operation.
func (s *session) endIdle() bool {
	if s.mu.TryLock() {
		defer s.mu.Unlock()
		_ = s.refuse(emitter{session: s})
		return true
	}
	if !s.mu.lockUnless(s.ended) {
		return true
	}
	s.mu.Unlock()
	return false
}

// refuse records that an operation of an emitter was refused because the sync ends
// early, and cancels the context of the connector. It returns the error of the
// operation. The caller holds s.mu.
func (s *session) refuse(from emitter) error {
	cause := s.enough.Load().cause
	s.refused.add(from.unit)
	s.cancel(cause)
	return cause
}

// failedTables returns an error that lists the tables that failed before the sync
// ended early, or nil.
func (s *session) failedTables() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failures) == 0 {
		return nil
	}
	failed := &connector.TablesError{Total: s.names.Len(), Failures: s.failures}
	if cause := s.enough.Load().cause; !is(cause, ErrEnough) {
		return fmt.Errorf("the sync ended early, because %s: %w", cause.Error(), failed)
	}
	return fmt.Errorf("the platform ended the sync early: %w", failed)
}
