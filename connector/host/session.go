package host

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A session is one sync: where all its emitters lead to.
type session struct {
	run     *Run
	ctx     context.Context // of the sync; ends with the run's
	cancel  context.CancelCauseFunc
	doc     *state.Document
	dst     Destination
	request SyncRequest

	names   schema.Names[*table]
	units   units
	buffers sync.Pool
	wait    sync.WaitGroup
	ended   chan struct{}
	closed  atomic.Bool
	enough  atomic.Bool // for the destination; set with mu held
	stuck   bool        // with the destination: known once it is closed
	left    atomic.Bool // the destination is, where it blocks: it is not called any more

	mu        sync.Mutex // guards what follows, and the order of operations
	op        Operation
	failure   error // of the destination: final
	last      *snapshot
	sentAt    time.Time
	sinceSent int
	pending   bool     // a checkpoint was saved and not sent
	read      []*table // to their end, which no checkpoint has covered yet
	failures  []connector.TableFailure
	told      bool        // the failure of the sync was, as the end of a table
	over      bool        // the sync is
	refused   refusals    // because the destination had enough
	limit     *time.Timer // until when the connector may still save what was taken
}

func newSession(r *Run, doc *state.Document, req SyncRequest, dst Destination) *session {
	s := &session{run: r, doc: doc, dst: dst, request: req, ended: make(chan struct{}), sentAt: time.Now()}
	s.ctx, s.cancel = context.WithCancelCause(r.ctx)
	s.buffers.New = func() any { return new([]byte) }
	s.wait.Go(func() { s.tend(r.options) })
	return s
}

// end stops what the session runs beside the sync. What is stuck with the
// destination is left behind.
func (s *session) end() {
	if !s.stuck {
		s.mu.Lock()
		s.over = true
		if s.limit != nil {
			s.limit.Stop()
		}
		s.mu.Unlock()
	}
	close(s.ended)
	s.cancel(connector.ErrClosed)
	if !s.stuck {
		s.wait.Wait()
	}
}

// deliver calls the destination, and turns a panic into an error.
func (s *session) deliver() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(s.run.log, "the destination", v)
		}
	}()
	return s.dst.Write(&s.op)
}

// ready reports why no operation of an emitter can be taken, if so.
func (s *session) ready(from emitter) error {
	if s.closed.Load() {
		return connector.ErrClosed
	}
	if s.enough.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refuse(from)
		return ErrEnough
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return s.doc.Err(from.tables...)
}

// accepts reports why an operation of an emitter is refused, if so, with s.mu
// held.
func (s *session) accepts(from emitter) error {
	switch {
	case s.failure != nil:
		return s.failure
	case s.closed.Load():
		return connector.ErrClosed
	case s.enough.Load():
		s.refuse(from)
		return ErrEnough
	}
	return nil
}

// write hands s.op to the destination, with s.mu held, for an emitter. There is
// one Operation for all, so that none is allocated or copied.
func (s *session) write(from emitter) error {
	if err := s.accepts(from); err != nil {
		return err
	}
	return s.force()
}

// force is write for the runtime's own last words. An operation with which the
// destination had enough was taken.
func (s *session) force() error {
	switch {
	case s.failure != nil:
		return s.failure
	case s.left.Load():
		return errStuck
	}
	err := s.deliver()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrEnough):
		s.hasEnough()
		return nil
	}
	s.failure = err
	s.cancel(err)
	return err
}

// handOver delivers an operation that belongs to no table.
func (s *session) handOver(from emitter, op *Operation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.op = *op
	return s.write(from)
}

func (s *session) warn(from emitter, message string) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	return s.handOver(from, &Operation{Kind: OpWarning, Message: message})
}
