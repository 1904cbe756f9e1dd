package host

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/goroutines"
	"github.com/penstock-sdk/penstock/connector/internal/services"
	"github.com/penstock-sdk/penstock/internal/tableuse"
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
	checker RowChecker // dst, or nil if it accepts all rows
	request SyncRequest

	deselected *deselectedTables // by request.Selection

	names     schema.Names[*table]
	noted     userWarnings
	nameless  namelessRows
	relations relations
	units     units
	buffers   sync.Pool
	wait      sync.WaitGroup
	ended     chan struct{} // closed by end
	closed    atomic.Bool   // operations of the connector are refused
	late      atomic.Pointer[lateOperation]
	// refusedRow is the first row outside of all units that checker has refused.
	refusedRow     atomic.Pointer[refusedRow]
	refusedOutside outsideRefusals
	before         *snapshot // the state before a successful sync saved the whole of it

	// Only the goroutine that called Run.Sync uses these fields.
	told  bool // the sync was told to end before the connector's Sync returned
	stuck bool // the destination blocked when the sync was told to end

	// enough is the reason why the sync ends early and successfully, or nil.
	// early is closed when it is set.
	enough atomic.Pointer[earlyEnd]
	early  chan struct{}

	refusedTables refusedTables // whose declarations dst has refused

	goroutines *goroutines.Set // that Sync has started with connector.Go
	notifier   notifier

	// abandoned is set while the destination is stuck. It is not called again.
	abandoned atomic.Bool

	// mu guards the fields below and the order of operations. It is locked before all
	// other mutexes of the run and of the state.
	mu        lock
	op        Operation    // reused for every operation
	failure   error        // of the destination; final
	last      *snapshot    // that was sent, or nil
	sentAt    time.Time    // when last was sent, or the start of the sync
	sinceSent atomic.Int64 // the number of row operations since then; batches read it without mu
	bytesSent int          // the size of their rows
	pending   bool         // a checkpoint was saved but not sent
	read      []*table     // were read to the end; no sent checkpoint covers them yet
	failures  []connector.TableFailure
	reported  bool     // an OpTableEnd has reported the failure of the sync
	over      bool     // end was called
	refused   refusals // because the sync ends early
	large     bool     // the user was warned about the size of the state
	oversize  error    // a state was too large
	notRead   []*table // by a successful sync
	warned    []string // by the connector; see reportUse
}

// newSession returns the session of a sync that began at the given time.
func newSession(r *Run, doc *state.Document, req SyncRequest, dst Destination, began time.Time) *session {
	s := &session{
		run: r, doc: doc, dst: dst, request: req, sentAt: time.Now(),
		ended: make(chan struct{}), early: make(chan struct{}), mu: newLock(),
	}
	s.checker, _ = dst.(RowChecker)
	s.deselected = newDeselectedTables(&s.request.Selection)
	doc.SetNames(s.identify)
	ctx, cancel := context.WithCancelCause(userwarning.With(r.ctx, s.noted.add))
	s.cancel = cancel
	ctx, s.goroutines = goroutines.With(ctx)
	own := *services.From(ctx)
	own.WarnOfFailure = s.warnOfFailure
	s.ctx = services.With(ctx, &own)
	s.notifier.session = s
	s.buffers.New = func() any { return new([]byte) }
	s.wait.Go(func() { s.tend(r.options, began) })
	if _, ok := dst.(BatchWriter); ok {
		s.wait.Go(s.writeIdleBatches)
	}
	return s
}

// tend logs progress, sends overdue checkpoints and ends the sync after its time
// budget or when the platform says so, until the session ends.
func (s *session) tend(o *options, began time.Time) {
	budget, stopBudget := remaining(o.timeBudget, began)
	defer stopBudget()
	end, early, limit := s.request.End, s.early, (<-chan time.Time)(nil)
	progress, stopProgress := ticks(o.progressInterval)
	defer stopProgress()
	states, stopStates := ticks(o.checkpointInterval)
	defer stopStates()
	before := map[string]int64{}
	for {
		select {
		case <-s.ended:
			return
		case <-budget:
			if s.closed.Load() {
				continue // Sync has returned by itself
			}
			s.endEarly(connector.Errorf(connector.Interrupted, "the time budget of %v is used up", o.timeBudget))
		case <-end:
			end = nil
			s.endEarly(ErrEnough)
		case <-early:
			early, limit = nil, time.After(enoughLimit)
		case <-limit:
			if !s.endIdle() {
				limit = time.After(enoughLimit)
			}
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

// remaining returns a channel that receives when the budget is used up, and a
// function that stops its timer. If the budget is not positive, the channel never
// receives.
func remaining(budget time.Duration, began time.Time) (<-chan time.Time, func() bool) {
	if budget <= 0 {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(time.Until(began.Add(budget)))
	return t.C, t.Stop
}

// end stops the goroutine of the session. It does not wait for a goroutine that is
// stuck with the destination.
func (s *session) end() {
	if !s.stuck {
		s.mu.Lock()
		s.over = true
		s.mu.Unlock()
	}
	close(s.ended)
	s.cancel(connector.ErrClosed)
	if !s.stuck {
		s.wait.Wait()
	}
}

// deliver calls a method of the destination, unless the destination has failed. The caller
// holds s.mu, or that alone.
func (s *session) deliver(method func() error) (err error) {
	switch {
	case s.failure != nil:
		return s.failure
	case s.abandoned.Load():
		return errStuck
	}
	// This error remains if the method calls runtime.Goexit, as t.FailNow does in a test.
	err = errDestinationExited
	defer func() {
		if err != nil {
			s.failure = err
			s.cancel(err)
		}
	}()
	return guardDestination(s.run.log, method)
}

var errDestinationExited = connector.Errorf(connector.Defect, "the destination called runtime.Goexit")

// guardDestination calls a method of the destination and turns a panic into an error.
func guardDestination(log *slog.Logger, method func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = caught(log, "the destination", v)
		}
	}()
	return method()
}

// ready returns an error if an operation of an emitter cannot be accepted.
func (s *session) ready(from emitter) error {
	if s.closed.Load() {
		return connector.ErrClosed
	}
	if s.enough.Load() != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.refuse(from)
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return from.stateError()
}

// accepts returns an error if an operation of an emitter must be refused. The
// caller holds s.mu.
func (s *session) accepts(from emitter) error {
	switch {
	case s.failure != nil:
		return s.failure
	case s.closed.Load():
		return connector.ErrClosed
	case s.enough.Load() != nil:
		return s.refuse(from)
	}
	return nil
}

// write delivers s.op for an emitter. All operations share s.op, so that none is
// allocated or copied. The caller holds s.mu.
func (s *session) write(from emitter) error {
	if err := s.accepts(from); err != nil {
		return err
	}
	err := s.force()
	if s.closed.Load() {
		s.noteLate(s.op.Kind, s.op.Table) // before the lock is released, which the end of the sync waits for
	}
	return err
}

// force delivers s.op for the runtime, which may write after the connector's
// operations are refused. It writes the batches first. An operation for which the
// destination returns ErrEnough counts as accepted. The caller holds s.mu.
func (s *session) force() error {
	if err := s.writeBatches(); err != nil {
		return err
	}
	return s.deliver(s.writeOp)
}

// writeOp calls Write of the destination for s.op.
func (s *session) writeOp() error {
	err := s.dst.Write(&s.op)
	if errors.Is(err, ErrEnough) {
		s.endEarly(ErrEnough)
		return nil
	}
	return err
}

// warn logs a message and delivers it as a warning.
func (s *session) warn(from emitter, message string) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	s.mu.Lock()
	defer s.mu.Unlock()
	if tableuse.From(s.run.ctx) != nil {
		s.warned = append(s.warned, message)
	}
	s.op = Operation{Kind: OpWarning, Message: message}
	return s.write(from)
}

// forceWarning logs a message and delivers it as a warning of the runtime. If the
// warning is about refused rows, refused describes them. The caller holds s.mu.
func (s *session) forceWarning(message string, refused *RefusedRows) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	s.op = Operation{Kind: OpWarning, Message: message, Refused: refused}
	return s.force()
}
