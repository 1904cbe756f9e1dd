package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// A SyncRequest says what a sync begins with.
type SyncRequest struct {
	// State is the state that the last sync left: the State of its last
	// checkpoint, or what [Run.JoinState] made of its parts. Optional: none,
	// null and {} mean a first sync.
	State []byte
	// Selection says what of the source is wanted. Optional: the zero value
	// wants everything.
	Selection Selection
	// WholeRows says that the destination cannot take an [OpUpdate]. An update
	// is then an error for the connector, which can ask before.
	WholeRows bool
}

// Sync runs one sync and hands its operations to dst.
//
// The last checkpoint of a sync that succeeds covers everything; only the ends of
// tables come after it. A sync that fails has a last checkpoint, too, with what
// was saved up to there, unless it failed before it began, for instance because
// of the state, or because the destination failed or blocks. The error of a sync
// is logged by the host, not here; see also [Run.Unreported].
//
// Sync returns when the connector's Sync has returned. When the run's context
// is done, it waits no longer than [Grace] for that, and as long again for a
// destination that blocks.
func (r *Run) Sync(req SyncRequest, dst Destination) error {
	r.rest = r.configErr
	if r.configErr != nil {
		return r.configErr
	}
	untold, err := r.sync(req, dst)
	if untold != nil {
		r.rest = r.fail(untold)
	}
	if err != nil {
		return r.fail(err)
	}
	return nil
}

// sync does the work of Sync. It also returns what of its error no end of a table
// has told.
func (r *Run) sync(req SyncRequest, dst Destination) (untold, err error) {
	if err := r.open(r.ctx); err != nil {
		return err, err
	}
	if r.schema == nil {
		tables, err := r.discover()
		if err != nil {
			return err, err
		}
		r.schema = tables
	}
	doc, err := r.parseState(req.State)
	if err != nil {
		return err, err
	}
	s := newSession(r, doc, req, dst)
	defer s.end()
	defer s.close()
	if err := r.begin(s); err != nil {
		return err, err
	}
	defer r.setSession(nil)
	if err := s.unlessStuck("the begin of the sync", func() error { return s.declareAll(r.schema) }); err != nil {
		return err, err
	}
	began := time.Now()
	err = r.call(s.ctx, "Sync", func() error { return r.connector.Sync(s.ctx, doc, emitter{session: s}) })
	if names, parts := s.units.left(); len(names) > 0 {
		// Nobody knows what they have read.
		doc.Hold(parts...)
		if err == nil && s.ctx.Err() == nil {
			err = fmt.Errorf("Sync returned while table %s was being synced: it has to wait for the goroutines that it starts", names[0])
		}
	}
	doc.Freeze()
	if err == nil {
		// A sync that was told to stop may have returned nil half-way.
		err = context.Cause(s.ctx)
	}
	if !s.close() {
		if r.abandoned != nil {
			err = context.Cause(s.ctx) // it waits for the destination, as the runtime does
		}
		err = errors.Join(err, errStuck)
		return err, err
	}
	failure := s.destinationError()
	if s.enough.Load() && !isDefect(err) {
		err = s.failedTables() // whatever became of what the platform did not want
	}
	switch {
	case failure != nil:
		if !is(err, failure) {
			err = errors.Join(failure, err)
		}
	case s.enough.Load():
	case err == nil:
		err = s.finish()
	}
	reason := err // which what is left behind may still read
	last := s.unlessStuck("the end of the sync", func() error { return s.lastWords(reason) })
	if last != nil && is(err, last) {
		last = nil // it was why the sync was told to end
	}
	if s.stuck {
		err = errors.Join(err, last)
		return err, err
	}
	s.summary(began)
	untold = withoutTold(err)
	if s.told {
		untold = nil
	}
	return errors.Join(untold, last), errors.Join(err, last)
}

// isDefect reports whether an error says itself that it is a defect, as that of a
// panic does.
func isDefect(err error) bool {
	e, ok := errors.AsType[*connector.Error](err)
	return ok && e != nil && e.Kind == connector.Defect
}

// destinationError returns what the destination failed with.
func (s *session) destinationError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

func (r *Run) parseState(data []byte) (doc *state.Document, err error) {
	err = guard(r.log, "a migration of the state", func() (err error) {
		doc, err = state.Parse(data, r.migrations()...)
		return err
	})
	return doc, err
}

// begin makes the session that of the run, once what is replaced outside of a sync
// has been written.
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
