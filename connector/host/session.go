package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// hugeRow is the size from which the memory of a row is not kept.
const hugeRow = 1 << 20

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

// declareAll makes the tables of the schema known, and tells the user what is
// wrong with the selection.
func (s *session) declareAll(tables schema.Schema) error {
	for _, t := range tables.Tables() {
		if err := s.declare(t); err != nil {
			return err
		}
	}
	for t, declared := range s.names.All() {
		s.hold(declared)
		for _, key := range t.PrimaryKey() {
			if declared.selected && !s.request.Selection.WantsColumn(t.Schema, t.Name, key) {
				if err := s.warn(emitter{session: s}, fmt.Sprintf("column %s of table %s is part of the primary key: it is delivered although it is deselected", key, t)); err != nil {
					return err
				}
			}
		}
	}
	for _, name := range s.request.Selection.unknown(tables) {
		s.run.log.Warn("the selection names an unknown table", "name", name)
	}
	return nil
}

// hold keeps the state of a table that the user does not want as it is, so that
// its rows are there to fetch when the user wants them again.
func (s *session) hold(t *table) {
	if t.selected {
		return
	}
	for _, name := range []string{t.Name, t.String()} {
		if meant, err := s.names.Lookup(name); err == nil && meant == t {
			s.doc.Hold(name)
		}
	}
}

// declare makes a table known, or replaces its declaration.
func (s *session) declare(declared *schema.Table) error {
	drop := func(column string) bool {
		return !s.request.Selection.WantsColumn(declared.Schema, declared.Name, column)
	}
	t := &table{
		Table:    declared,
		selected: s.request.Selection.WantsTable(declared.Schema, declared.Name),
		encoder:  schema.NewEncoder(declared, drop),
	}
	old, redeclared := s.names.Get(declared.Schema, declared.Name)
	if redeclared {
		t.progress = old.progress
	} else {
		t.progress = &progress{}
	}
	if err := s.names.Add(declared, t); err != nil {
		return err
	}
	if redeclared {
		old.replaced = true
	}
	t.encoders = append(t.encoders, t.encoder)
	return nil
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

// row checks, encodes and delivers one row.
func (s *session) row(from emitter, kind OperationKind, name string, row any, form schema.Form) error {
	for {
		if outdated, err := s.tryRow(from, kind, name, row, form); !outdated {
			return err
		}
	}
}

// tryRow is row. It reports true, and has done nothing, if the table was declared
// anew while the row was encoded.
func (s *session) tryRow(from emitter, kind OperationKind, name string, row any, form schema.Form) (outdated bool, err error) {
	if err := s.ready(from); err != nil {
		return false, err
	}
	t, err := s.names.Lookup(name)
	if err != nil || !t.selected {
		return false, err
	}
	if kind == OpUpdate && s.request.WholeRows {
		return false, fmt.Errorf("table %s: the platform cannot take a part of a row: deliver whole rows by Upsert where TakesUpdates reports false", t)
	}
	buf := s.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= hugeRow {
			s.buffers.Put(buf)
		}
	}()
	encoded, err := t.encoder.Append((*buf)[:0], row, form)
	if err != nil {
		t.refused.Add(1)
		why := err.Error()
		t.firstRefusal.CompareAndSwap(nil, &why)
		return false, err
	}
	*buf = encoded
	if s.run.redactor.inJSON(encoded) {
		clean, count, err := s.run.redactor.json(encoded)
		if err != nil {
			return false, fmt.Errorf("table %s: a row that holds a secret: %w", t, err)
		}
		encoded = clean
		t.masked.Add(int64(count))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.replaced {
		return true, nil
	}
	return false, s.writeRow(from, kind, t, encoded)
}

// writeRow delivers a row, with s.mu held.
func (s *session) writeRow(from emitter, kind OperationKind, t *table, encoded []byte) error {
	if !t.open || t.read {
		if err := s.begin(from, t); err != nil {
			return err
		}
	}
	if s.op.Row == nil { // it was not a row: nothing of it may stay
		s.op = Operation{}
	}
	s.op.Kind, s.op.Table, s.op.Row = kind, t.Table, encoded
	if err := s.write(from); err != nil {
		return err
	}
	s.sinceSent++
	switch kind {
	case OpUpsert:
		t.upserts.Add(1)
	case OpUpdate:
		t.updates.Add(1)
	case OpDelete:
		t.deletes.Add(1)
	}
	return nil
}

// begin tells the destination that a table begins, unless it has been told,
// with s.mu held.
func (s *session) begin(from emitter, t *table) error {
	t.read = false // there is more of it
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

// replaceSecret hands a replaced secret to the platform while there is any way to
// it: the old value is worth nothing any more. It reports false if the sync is
// over.
func (s *session) replaceSecret(op *Operation) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return false, nil
	case s.failure != nil:
		return true, s.run.options.replaced.Write(op)
	}
	s.op = *op
	return true, s.force()
}

func (s *session) truncate(from emitter, name string) error {
	if err := s.ready(from); err != nil {
		return err
	}
	t, err := s.names.Lookup(name)
	if err != nil || !t.selected {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(from, t); err != nil {
		return err
	}
	s.op = Operation{Kind: OpTruncate, Table: t.Table}
	if err := s.write(from); err != nil {
		return err
	}
	s.sinceSent++
	t.truncates.Add(1)
	return nil
}

func (s *session) warn(from emitter, message string) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	return s.handOver(from, &Operation{Kind: OpWarning, Message: message})
}

// change declares a table that turned up during the sync.
func (s *session) change(from emitter, declared *schema.Table) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.accepts(from); err != nil {
		return err
	}
	if s.last != nil { // its parts belong to whom they belonged
		s.last.group(&s.names)
	}
	if err := s.declare(declared); err != nil {
		return err
	}
	if t, ok := s.names.Get(declared.Schema, declared.Name); ok && !t.selected {
		s.hold(t)
		return nil
	}
	s.op = Operation{Kind: OpSchemaChange, Table: declared}
	return s.write(from)
}

// beginAll tells the destination that the selected tables among the named ones
// begin. While the destination is busy it does not wait: the tables can then be
// read already, and begin with their first row. Names that no table has yet are
// passed over: it may be declared later.
func (s *session) beginAll(from emitter, names []string) error {
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	for _, name := range names {
		if t, err := s.names.Lookup(name); err == nil && t.selected {
			if err := s.begin(from, t); err != nil {
				return err
			}
		}
	}
	return nil
}

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

// errSecretState refuses a state.
var errSecretState = connector.Errorf(connector.Defect, "state: it would hold a secret of the configuration, and platforms keep states in the open: save something else, for instance a page token in place of a whole URL")

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

// endTable tells the destination that a table has ended, with s.mu held.
func (s *session) endTable(t *table, failure *connector.Error) error {
	t.open, t.read = false, false
	s.op = Operation{Kind: OpTableEnd, Table: t.Table, Err: failure}
	return s.force()
}

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

// close refuses every operation from here on. It reports false if one is stuck
// with the destination although the sync was told to end.
func (s *session) close() bool {
	s.closed.Store(true)
	if s.stuck {
		return false
	}
	var deadline time.Time
	for !s.mu.TryLock() {
		if s.ctx.Err() != nil {
			if deadline.IsZero() {
				deadline = time.Now().Add(s.run.options.grace)
			}
			if time.Now().After(deadline) {
				s.stuck = true
				s.left.Store(true)
				return false
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.mu.Unlock()
	return true
}

// lastWords sends what is left to say after Sync has returned with err:
// warnings, the failures of tables, the last state, and the ends of tables that
// it covers.
func (s *session) lastWords(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return nil // it is the sync's error already
	}
	enough := s.enough.Load()
	succeeded := err == nil && !enough
	if err := s.lastWarnings(succeeded); err != nil {
		return err
	}
	for _, t := range s.names.All() {
		switch {
		case succeeded && t.selected:
			if !t.began {
				s.op = Operation{Kind: OpTableBegin, Table: t.Table}
				if err := s.force(); err != nil {
					return err
				}
				t.began, t.open = true, true
			}
			if t.open && !t.read {
				t.read = true
				s.read = append(s.read, t)
			}
		case t.open && !t.read && !enough:
			if err := s.endTable(t, s.unread(t, err)); err != nil {
				return err
			}
		}
	}
	// The state comes last, whatever came after it was sent before. What a
	// source that broke its promise has made of it is sent, too.
	saved := s.snapshot()
	if !succeeded && !enough && s.sinceSent == 0 && len(s.read) == 0 && s.last != nil && bytes.Equal(s.last.State, saved.State) {
		return nil
	}
	refused := s.sendState(saved)
	if refused != nil && s.failure == nil { // by the runtime itself: no table is covered
		for _, t := range s.read {
			if err := s.endTable(t, s.run.fail(refused)); err != nil {
				return errors.Join(refused, err)
			}
		}
	}
	return refused
}

// lastWarnings tells the user what became of rows and of tables.
func (s *session) lastWarnings(succeeded bool) error {
	var warnings []Operation
	add := func(message string, refused *RefusedRows) {
		warnings = append(warnings, Operation{Kind: OpWarning, Message: s.run.redactor.text(message), Refused: refused})
	}
	if succeeded {
		for _, f := range s.failures {
			add(fmt.Sprintf("table %s failed, and the connector did not end the sync for it: %v", f.Table, f.Err), nil)
		}
	}
	for _, t := range s.names.All() {
		for _, message := range t.warnings() {
			add(message, nil)
		}
		if refused := t.refusedRows(); refused != nil && succeeded {
			refused.First = s.run.redactor.text(refused.First)
			add(refused.String(), refused)
		}
	}
	for _, op := range warnings {
		s.run.log.Warn(op.Message)
		s.op = op
		if err := s.force(); err != nil {
			return err
		}
	}
	return nil
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
