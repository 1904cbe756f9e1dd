package host

import (
	"fmt"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// ErrEnough is what a [Destination] returns to end a sync early and with
// success: its response is full, or its time is over. The operation that it is
// returned for has been taken, and the connector is told so: its next operation
// is refused, and if there is none within 100 ms, its context ends. Then the
// destination gets the last consistent state, and Sync returns nil. Tables that
// had failed by then are still an error, and so is a panic.
//
// That state covers what the connector had checkpointed, at the latest right
// after the operation that was taken. A destination that takes fewer rows than
// lie between two checkpoints of the connector gets the same rows in the next
// sync: limits should be generous.
var ErrEnough = connector.Errorf(connector.Interrupted, "the platform takes no more in this sync")

// enoughLimit is how long a connector may take to checkpoint the operation with
// which the destination had enough.
const enoughLimit = 100 * time.Millisecond

// refusals are the parts of the state whose connector may have moved past an
// operation that was refused.
type refusals struct {
	all   bool
	parts map[string]bool
}

// add notes a refusal to an emitter of a unit, or of the whole sync.
func (r *refusals) add(u *unit) {
	if u == nil {
		r.all = true
		return
	}
	if r.parts == nil {
		r.parts = map[string]bool{}
	}
	for _, p := range u.parts {
		r.parts[p] = true
	}
}

// concern reports whether one of the parts, or any of all, is among them.
func (r *refusals) concern(parts []string) bool {
	if r.all || parts == nil && len(r.parts) > 0 {
		return true
	}
	return slices.ContainsFunc(parts, func(p string) bool { return r.parts[p] })
}

// hasEnough takes note that the destination has enough. The connector is told by
// its next operation, so that it can checkpoint the last one before; one that
// waits without any is told after a moment.
func (s *session) hasEnough() {
	if s.enough.Swap(true) {
		return
	}
	s.limit = time.AfterFunc(enoughLimit, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refuse(emitter{session: s})
	})
}

// refuse refuses an operation of an emitter because the destination had enough,
// with s.mu held.
func (s *session) refuse(from emitter) {
	s.refused.add(from.unit)
	s.cancel(ErrEnough)
}

// failedTables returns the failures of tables that ended before the destination
// had enough.
func (s *session) failedTables() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failures) == 0 {
		return nil
	}
	failed := &connector.TablesError{Total: s.names.Len(), Failures: s.failures}
	return fmt.Errorf("the platform ended the sync early: %w", failed)
}
