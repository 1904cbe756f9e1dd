package host

import (
	"context"
	"errors"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
)

// endAll takes note that the named tables were read to their end or, with an
// error, that they failed. A failure is told to the destination at once, an end
// once a checkpoint covers it.
func (s *session) endAll(from emitter, names []string, failure *unitError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return // the last words tell what became of the tables
	}
	var clean *connector.Error
	switch {
	case failure == nil:
		s.failures = slices.DeleteFunc(s.failures, func(f connector.TableFailure) bool {
			if f.Table != names[0] {
				return false
			}
			f.Err.(*unitError).told = false // the end of the table will say otherwise
			return true
		})
	case s.ctx.Err() != nil && !isDefect(failure): // which says more than what it led to
		clean = s.run.fail(errUnread)
		if cause := context.Cause(s.ctx); connector.KindOf(cause) == connector.Interrupted {
			clean = s.run.fail(cause)
		}
	default:
		clean = s.run.fail(failure)
		s.failures = append(s.failures, connector.TableFailure{Table: names[0], Err: failure})
	}
	for _, name := range names {
		t, err := s.names.Lookup(name)
		if err != nil || !t.selected {
			continue
		}
		shared := t.failed != nil && t.failedWith != names[0] // with a call that failed
		if !t.open && shared {
			continue
		}
		if clean == nil && len(s.units.alone(s.partNames([]string{name}))) == 0 {
			if t.failedWith == names[0] {
				t.failed = nil
			}
			continue // another call reads it, too: the last of them ends it
		}
		if s.begin(from, t) != nil {
			continue // what the destination failed with, the next operation returns again
		}
		switch {
		case clean != nil:
			t.failed, t.failedWith = clean, names[0]
			if s.endTable(t, clean) == nil && s.ctx.Err() == nil {
				failure.told = true
			}
			continue
		case shared:
			_ = s.endTable(t, t.failed)
			continue
		}
		t.failed = nil
		if s.last != nil && !s.pending { // what was saved of it has been sent
			_ = s.endTable(t, nil)
			continue
		}
		t.read = true
		s.read = append(s.read, t)
	}
}

// endTable tells the destination that a table has ended, with s.mu held.
func (s *session) endTable(t *table, failure *connector.Error) error {
	t.open, t.read = false, false
	s.op = Operation{Kind: OpTableEnd, Table: t.Table, Err: failure}
	return s.force()
}

// unread returns the error of a table that was not read to its end because the
// sync failed: the failure itself where it names the table, or else that the
// sync has ended.
func (s *session) unread(t *table, err error) *connector.Error {
	if e, ok := errors.AsType[*connector.Error](err); ok && e.Table != "" {
		if named, lookupErr := s.names.Lookup(e.Table); lookupErr == nil && named == t {
			s.told = true
			return s.run.fail(err)
		}
	}
	return s.run.fail(errUnread)
}

// errUnread is why a table failed that was not read to its end.
var errUnread = connector.Errorf(connector.Interrupted, "the sync ended before the table was read to its end")
