package host

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A session is the state of one sync. All emitters of the sync share it.
type session struct {
	run     *Run
	ctx     context.Context // of the sync; derived from that of the run
	cancel  context.CancelCauseFunc
	doc     *state.Document
	dst     Destination
	request SyncRequest

	names   schema.Names[*table]
	noted   userWarnings
	units   units
	buffers sync.Pool
	wait    sync.WaitGroup
	ended   chan struct{} // closed by end
	closed  atomic.Bool   // operations of the connector are refused
	enough  atomic.Bool   // the destination returned ErrEnough; set with mu held
	stuck   bool          // the destination blocked when the sync was told to end

	// abandoned is set while the destination is stuck. It is not called again.
	abandoned atomic.Bool

	mu        sync.Mutex // guards the fields below and the order of operations
	op        Operation  // reused for every operation
	failure   error      // of the destination; final
	last      *snapshot  // that was sent, or nil
	sentAt    time.Time  // when last was sent, or the start of the sync
	sinceSent int        // the number of row operations since then
	pending   bool       // a checkpoint was saved but not sent
	read      []*table   // were read to the end; no sent checkpoint covers them yet
	unknown   []string   // names in scopes that no table had
	failures  []connector.TableFailure
	reported  bool        // an OpTableEnd has reported the failure of the sync
	over      bool        // end was called
	refused   refusals    // because the destination had enough
	limit     *time.Timer // see hasEnough
}

func newSession(r *Run, doc *state.Document, req SyncRequest, dst Destination) *session {
	s := &session{run: r, doc: doc, dst: dst, request: req, ended: make(chan struct{}), sentAt: time.Now()}
	doc.SetNames(s.identify)
	s.ctx, s.cancel = context.WithCancelCause(userwarning.With(r.ctx, s.noted.add))
	s.buffers.New = func() any { return new([]byte) }
	s.wait.Go(func() { s.tend(r.options) })
	return s
}

// tend logs progress and sends overdue checkpoints at their intervals until the
// session ends.
func (s *session) tend(o *options) {
	progress, stopProgress := ticks(o.progressInterval)
	defer stopProgress()
	states, stopStates := ticks(o.checkpointInterval)
	defer stopStates()
	before := map[string]int64{}
	for {
		select {
		case <-s.ended:
			return
		case <-states:
			s.sendOverdue()
		case <-progress:
			s.logProgress(before, o.progressInterval)
		}
	}
}

// ticks returns the channel of a ticker and a function that stops it. If the
// interval is not positive, the channel never receives.
func ticks(interval time.Duration) (<-chan time.Time, func()) {
	if interval <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(interval)
	return t.C, t.Stop
}

// end stops the goroutine and the timer of the session. It does not wait for a
// goroutine that is stuck with the destination.
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

// deliver calls the destination and turns a panic into an error.
func (s *session) deliver() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(s.run.log, "the destination", v)
		}
	}()
	return s.dst.Write(&s.op)
}

// ready returns an error if an operation of an emitter cannot be accepted.
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

// accepts returns an error if an operation of an emitter must be refused. The
// caller holds s.mu.
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

// write delivers s.op for an emitter. All operations share s.op, so that none is
// allocated or copied. The caller holds s.mu.
func (s *session) write(from emitter) error {
	if err := s.accepts(from); err != nil {
		return err
	}
	return s.force()
}

// force delivers s.op for the runtime, which may write after the connector's
// operations are refused. An operation for which the destination returns
// ErrEnough counts as accepted. The caller holds s.mu.
func (s *session) force() error {
	switch {
	case s.failure != nil:
		return s.failure
	case s.abandoned.Load():
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

// warn logs a message and delivers it as a warning.
func (s *session) warn(from emitter, message string) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.op = Operation{Kind: OpWarning, Message: message}
	return s.write(from)
}
