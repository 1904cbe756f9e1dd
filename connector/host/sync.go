package host

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// A SyncRequest holds the input of a sync.
type SyncRequest struct {
	// State is the state that the last sync left: the State of its last
	// checkpoint, or its parts joined by [Run.JoinState]. Optional; empty, null
	// and {} mean a first sync.
	State []byte
	// Selection states which tables and columns the user wants. Optional; the
	// zero value selects everything.
	Selection Selection
	// WholeRows reports that the destination does not accept [OpUpdate].
	// [connector.Emitter].Update then returns an error, and TakesUpdates returns
	// false. Optional.
	WholeRows bool
	// End ends the sync early and successfully when it is closed, as [ErrEnough]
	// does. Use it if the reason to end the sync is not an operation: a deadline
	// that depends on the progress, for example, or a person who stops it.
	// Optional; see also [TimeBudget].
	End <-chan struct{}
}

// Sync runs one sync and passes its operations to dst.
//
// The last checkpoint of a successful sync covers everything. Only [OpTableEnd]
// operations follow it. A failed sync also has a last checkpoint, which covers
// what was saved until then. There is no last checkpoint if the sync failed
// before it started, for example because of an invalid state, or if the
// destination failed or blocks. Sync does not log the error that it returns;
// the host does. See also [Run.Unreported].
//
// If an operation arrives after the connector's Sync has returned, a goroutine of
// the connector is still delivering. The operation is refused, and the sync fails
// with an error of kind Defect, unless it had been told to end. The state covers
// only what was delivered before.
//
// Sync returns once the connector's Sync has returned and the functions that it has
// registered with connector.OnDelivered have been called for the last state. Once
// the run's context is done, Sync waits for the connector no longer than the period
// that [Grace] sets, then no longer than the same period for a destination that
// blocks, and then no longer than the same period for those functions. If the connector
// is waiting for the destination, its period begins when the destination is free. In a
// process, Sync waits for a destination that blocks until shortly before the deadline of
// the wire. If the destination still blocks then, the error says so, and it does not
// blame the connector.
func (r *Run) Sync(req SyncRequest, dst Destination) error {
	r.unreported, r.early = r.configErr, false
	if r.configErr != nil {
		return r.configErr
	}
	unreported, err := r.sync(req, dst, time.Now())
	if unreported != nil {
		r.unreported = r.fail(unreported)
	}
	if err != nil {
		return r.fail(err)
	}
	return nil
}

// sync does the work of Sync, which was called at the given time. It also returns
// the part of its error that no OpTableEnd has reported.
func (r *Run) sync(req SyncRequest, dst Destination, called time.Time) (unreported, err error) {
	doc, err := r.prepare(req.State)
	if err != nil {
		return err, err
	}
	s := newSession(r, doc, req, dst, called)
	r.started = s.goroutines
	defer s.end()
	defer s.close()
	if err := r.begin(s); err != nil {
		return err, err
	}
	defer r.setSession(nil)
	if err := s.unlessStuck("the start of the sync", func() error { return s.declareAll(r.schema) }); err != nil {
		return err, err
	}
	unreported, err = r.syncAndConclude(s)
	defer func() { r.stuck, r.early = s.stuck || s.notifier.stuck, err == nil && s.enough.Load() != nil }()
	// The state that conclude has sent is the last one to be reported.
	failure := s.notifier.finish()
	if err == nil && failure == nil {
		if err = s.undoIfLate(); err != nil { // an operation came while a state was being reported
			unreported, failure = err, s.notifier.finish()
		}
	}
	if failure != nil && !is(err, failure) {
		unreported, err = joined(unreported, failure), joined(err, failure)
	}
	return unreported, err
}

// syncAndConclude calls the connector's Sync and writes the last operations.
func (r *Run) syncAndConclude(s *session) (unreported, err error) {
	began := time.Now()
	err = r.callSync(s)
	if !s.close() {
		if r.abandoned != nil { // the connector is not at fault: it waits for the destination
			err, r.abandoned = context.Cause(s.ctx), errStuck
		}
		err = errors.Join(err, errStuck)
		return err, err
	}
	s.adoptGoexit(err)
	reason := s.outcome(err) // not assigned again: an abandoned conclude may still read it
	last := s.unlessStuck("the end of the sync", func() error { return s.conclude(reason) })
	if last != nil && is(reason, last) {
		last = nil // reason contains it already
	}
	if s.stuck {
		err = joined(reason, last)
		return err, err
	}
	s.logSummary(began)
	s.reportUse()
	if reason == nil {
		last = joined(s.undoIfLate(), last)
	}
	unreported = withoutReported(reason)
	if s.reported {
		unreported = nil
	}
	return joined(unreported, last), joined(reason, last)
}

// undoIfLate returns an error if an operation was late although the sync has been
// concluded as a success, and takes the last state back.
func (s *session) undoIfLate() error {
	late := s.lateError()
	if late == nil {
		return nil
	}
	return joined(late, s.unlessStuck("the end of the sync", s.takeBack))
}

// joined is errors.Join, except that it returns a single error unchanged.
func joined(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// prepare opens the connector, reads its schema and parses the state.
func (r *Run) prepare(data []byte) (*state.Document, error) {
	if err := r.open(r.ctx); err != nil {
		return nil, err
	}
	if r.schema == nil {
		tables, err := r.discover()
		if err != nil {
			return nil, err
		}
		r.schema = tables
	}
	return r.parseState(data)
}

func (r *Run) parseState(data []byte) (doc *state.Document, err error) {
	err = guard(r.log, "a migration of the state", func() (err error) {
		doc, err = state.Parse(data, r.migrations()...)
		return err
	})
	return doc, err
}

// callSync calls the connector's Sync. From the moment that Sync returns, the state
// no longer changes, and operations are refused.
func (r *Run) callSync(s *session) error {
	err := r.call(s.ctx, "Sync", func() error {
		defer s.refuseAll()
		return r.connector.Sync(s.ctx, s.doc, emitter{session: s})
	})
	s.refuseAll() // also if Sync was abandoned
	if r.abandoned == errStuck {
		s.abandon()
	}
	s.told = s.ctx.Err() != nil || s.enough.Load() != nil
	names, parts := s.units.running()
	if len(names) > 0 {
		// It is unknown what these calls have read.
		s.doc.Hold(parts...)
	}
	switch {
	case s.told:
	case len(names) > 0:
		err = withDefect(err, connector.Errorf(connector.Defect,
			"Sync returned while table %s was being synced; it must wait for the goroutines that it starts", names[0]))
	default:
		err = withDefect(err, unwaited(s.ctx, s.goroutines, "Sync"))
	}
	if err == nil {
		// Sync may have returned nil early because it was told to end.
		err = context.Cause(s.ctx)
	}
	return err
}

// outcome returns the error of the sync. The argument is the error of the
// connector's Sync. If the sync succeeded, outcome saves the whole state.
func (s *session) outcome(err error) error {
	failure := s.destinationError()
	if late := s.lateError(); late != nil && !isDefect(err) {
		err = withDefect(err, late)
	}
	if s.enough.Load() != nil && !isDefect(err) {
		// Only failures from before the early end count: a later error may be
		// its consequence.
		err = s.failedTables()
	}
	switch {
	case failure != nil:
		if !is(err, failure) {
			err = errors.Join(failure, err)
		}
	case err == nil && s.refusedRow.Load() != nil:
		err = s.refusedRow.Load().err
	case s.enough.Load() != nil:
	case err == nil:
		s.before = s.snapshot()
		err = s.finish()
	}
	return err
}

// isDefect reports whether err is marked as a defect, as the error of a panic is.
func isDefect(err error) bool {
	e, ok := errors.AsType[*connector.Error](err)
	return ok && e != nil && e.Kind == connector.Defect
}

// destinationError returns the error of the destination, if it failed.
func (s *session) destinationError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// begin makes s the session of the run. It first waits until a secret that is
// being written outside a sync has been written.
func (r *Run) begin(s *session) error {
	select {
	case r.writing <- struct{}{}:
	default:
		select {
		case r.writing <- struct{}{}:
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		}
	}
	r.setSession(s)
	<-r.writing
	return nil
}

func (r *Run) setSession(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session = s
}
