package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
)

// begin reports the start of a table to the destination, unless the table is
// open already. The caller holds s.mu.
func (s *session) begin(from emitter, t *table) error {
	t.read = false // it is being read again
	if t.open {
		return nil
	}
	s.op = Operation{Kind: OpTableBegin, Table: t.Table}
	if err := s.write(from); err != nil {
		return err
	}
	t.open, t.began = true, true
	return nil
}

// beginAll reports the start of each named table that is selected. If the
// destination is busy, beginAll does not wait for it: the tables can be read in
// the meantime, and their first row begins them. It ignores unknown names, whose
// tables may be declared later.
func (s *session) beginAll(from emitter, names []string) error {
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	for _, name := range names {
		if t, err := s.lookup(name); err == nil && t.selected {
			if err := s.begin(from, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// errUnread is the error of a table that was not read to the end.
var errUnread = connector.Errorf(connector.Interrupted, "the sync ended before the table was read to the end")

// endAll records that the tables of the emitter's unit were read to the end or, if
// failure is not nil, that they failed. It reports a failure to the destination
// immediately, and an end once a checkpoint covers it.
func (s *session) endAll(from emitter, failure *unitError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return // conclude reports the ends of the tables
	}
	if s.writeBatches() == nil {
		s.endBatch(from.unit)
	}
	first := from.unit.name
	reason := s.unitEnded(first, failure)
	for _, name := range from.unit.parts {
		if t, err := s.lookup(name); err == nil && t.selected {
			s.endOne(from, t, first, failure, reason)
		}
	}
	for _, r := range s.refusedOutside.take(from.unit) {
		s.failOutside(from, r)
	}
}

// failOutside records that a table has failed because the destination has refused a row of
// it that the emitter's unit delivered, although the unit does not sync the table. The caller
// holds s.mu.
func (s *session) failOutside(from emitter, r *refusedRow) {
	t, err := s.lookup(r.part)
	if err != nil {
		return // the table was declared when the row was refused, so its ID is known
	}
	failure := &unitError{error: r.err, final: true}
	s.failures = append(s.failures, connector.TableFailure{Table: t.String(), Err: failure})
	s.endOne(from, t, from.unit.name, failure, s.run.fail(failure))
}

// warnOfFailure warns the user of a failure before the sync ends. connector.Tables
// calls it for a unit that fails while others are read without an end. The unit is
// named by its first table.
func (s *session) warnOfFailure(first string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() || s.enough.Load() != nil {
		return // conclude reports the failure
	}
	for _, f := range s.failures {
		unit := f.Err.(*unitError)
		if f.Table != first || unit.warned {
			continue
		}
		message := fmt.Sprintf("table %s failed, and the sync continues with the others: %v", first, unit)
		unit.warned = s.forceWarning(message, nil) == nil
	}
}

// unitEnded records the result of a unit by the name of its first table. It
// returns the error for the OpTableEnd of its tables, or nil. The caller holds
// s.mu.
func (s *session) unitEnded(first string, failure *unitError) *connector.Error {
	switch {
	case failure == nil:
		s.failures = slices.DeleteFunc(s.failures, func(f connector.TableFailure) bool {
			if f.Table != first || f.Err.(*unitError).final {
				return false
			}
			f.Err.(*unitError).reported = false // a later OpTableEnd reports success
			return true
		})
		return nil
	case s.ctx.Err() != nil && !isDefect(failure) && !failure.refused:
		// The unit probably failed because the sync is ending. A defect is
		// reported even then.
		if cause := context.Cause(s.ctx); connector.KindOf(cause) == connector.Interrupted {
			return s.run.fail(cause)
		}
		return s.run.fail(errUnread)
	}
	s.failures = append(s.failures, connector.TableFailure{Table: first, Err: failure})
	return s.run.fail(failure)
}

// endOne does the work of endAll for one selected table. The caller holds s.mu.
func (s *session) endOne(from emitter, t *table, first string, failure *unitError, reason *connector.Error) {
	failedElsewhere := t.failed != nil && t.failedWith != first
	if !t.open && failedElsewhere {
		return
	}
	if reason == nil && len(s.units.alone([]string{t.id})) == 0 {
		if t.failedWith == first {
			t.failed = nil
		}
		return // another unit is still reading the table; the last one ends it
	}
	if s.begin(from, t) != nil {
		return // the next operation returns the destination's error
	}
	switch {
	case reason != nil:
		t.failed, t.failedWith = reason, first
		if s.endTable(t, reason) == nil && (failure.refused || s.ctx.Err() == nil) {
			failure.reported = true
		}
	case failedElsewhere:
		_ = s.endTable(t, t.failed)
	case s.last != nil && !s.pending:
		t.failed = nil
		_ = s.endTable(t, nil) // the checkpoint that covers it has been sent
	default:
		t.failed = nil
		t.read = true
		s.read = append(s.read, t)
	}
}

// endTable reports the end of a table to the destination. The caller holds s.mu.
func (s *session) endTable(t *table, failure *connector.Error) error {
	t.open, t.read = false, false
	s.op = Operation{Kind: OpTableEnd, Table: t.Table, Err: failure}
	return s.force()
}

// unread returns the error of a table that was not read to the end because the
// sync failed with err. If err names the table, the result is err itself.
func (s *session) unread(t *table, err error) *connector.Error {
	if e, ok := errors.AsType[*connector.Error](err); ok && e.Table != "" {
		if named, lookupErr := s.names.Lookup(e.Table); lookupErr == nil && named == t {
			s.reported = true
			return s.run.fail(err)
		}
	}
	return s.run.fail(errUnread)
}
