package connector

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A session is one sync: where all emitters of it lead to.
type session struct {
	run       *run
	doc       *state.Document
	dst       Destination
	selection Selection

	tables  atomic.Pointer[map[string]*target]
	buffers sync.Pool
	wait    sync.WaitGroup
	ended   chan struct{}
	closed  atomic.Bool

	mu        sync.Mutex // guards what follows, and the order of operations
	op        Operation
	failure   error // of the destination: final
	lastState []byte
	sentAt    time.Time
	sinceSent int
	pending   bool // a checkpoint was saved and not sent

	declaring sync.Mutex // guards what follows, and changes of tables
	declared  []*target
}

// A target is a table of the sync and what happened to it.
type target struct {
	table    *schema.Table
	encoder  *schema.Encoder
	selected bool

	upserts, updates, deletes, truncates atomic.Int64
	refused                              atomic.Int64
	masked                               atomic.Int64
	firstRefusal                         atomic.Pointer[string]
}

func (t *target) rows() int64 { return t.upserts.Load() + t.updates.Load() + t.deletes.Load() }

func newSession(r *run, doc *state.Document, sel Selection, dst Destination) *session {
	s := &session{run: r, doc: doc, dst: dst, selection: sel, ended: make(chan struct{}), sentAt: time.Now()}
	s.buffers.New = func() any { return new([]byte) }
	s.tables.Store(&map[string]*target{})
	s.wait.Go(func() { s.tend(r.options) })
	return s
}

// end stops what the session runs beside the sync. What is stuck with the
// destination is left behind.
func (s *session) end() {
	stuck := !s.close()
	close(s.ended)
	if !stuck {
		s.wait.Wait()
	}
}

// declareAll makes the tables of the schema known, and tells the user of what
// the selection got wrong.
func (s *session) declareAll(tables schema.Schema) error {
	for _, t := range tables.Tables() {
		s.declare(t)
		for _, key := range t.PrimaryKey() {
			if s.selection.dropsColumn(t, key) {
				if err := s.warn(fmt.Sprintf("column %s of table %s is part of the primary key: it is delivered although it is deselected", key, t)); err != nil {
					return err
				}
			}
		}
	}
	// Both names of a table lead to it, unless a name could mean several.
	known := maps.Clone(*s.tables.Load())
	for name := range known {
		if _, ok := tables.Table(name); !ok {
			delete(known, name)
		}
	}
	s.tables.Store(&known)
	for _, name := range s.selection.unknown(tables) {
		s.run.log.Warn("the selection names what is not in the schema", "name", name)
	}
	return nil
}

func (s *session) declare(t *schema.Table) {
	drop := func(column string) bool { return s.selection.dropsColumn(t, column) }
	target := &target{table: t, encoder: schema.NewEncoder(t, drop), selected: s.selection.wantsTable(t)}
	if !target.selected {
		s.doc.Hold(t.Name, t.String())
	}
	s.declaring.Lock()
	defer s.declaring.Unlock()
	known := maps.Clone(*s.tables.Load())
	known[t.Name], known[t.String()] = target, target
	s.tables.Store(&known)
	s.declared = append(s.declared, target)
}

// target returns the table of a name that an author gave.
func (s *session) target(name string) (*target, error) {
	tables := *s.tables.Load()
	if t := tables[name]; t != nil {
		return t, nil
	}
	var known []string
	s.declaring.Lock()
	for _, t := range s.declared {
		if tables[t.table.Name] == t {
			known = append(known, t.table.Name)
		} else {
			known = append(known, t.table.String())
		}
	}
	s.declaring.Unlock()
	if len(known) > 10 {
		known = append(known[:10], "…")
	}
	return nil, fmt.Errorf("table %q is not in the schema, which has %s", name, strings.Join(known, ", "))
}

// ready reports why no operation can be taken, if so, from an emitter whose
// checkpoints save the tables.
func (s *session) ready(tables []string) error {
	if s.closed.Load() {
		return ErrClosed
	}
	if s.run.ctx.Err() != nil {
		return context.Cause(s.run.ctx)
	}
	return s.doc.Err(tables...)
}

// row checks, encodes and delivers one row.
func (s *session) row(kind OperationKind, tables []string, name string, row any, form schema.Form) error {
	if err := s.ready(tables); err != nil {
		return err
	}
	t, err := s.target(name)
	if err != nil || !t.selected {
		return err
	}
	buf := s.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= hugeChunk {
			s.buffers.Put(buf)
		}
	}()
	encoded, err := t.encoder.Append((*buf)[:0], row, form)
	if err != nil {
		t.refused.Add(1)
		why := err.Error()
		t.firstRefusal.CompareAndSwap(nil, &why)
		return err
	}
	*buf = encoded
	if s.run.redactor.inJSON(encoded) {
		clean, count, err := s.run.redactor.json(encoded)
		if err != nil {
			return fmt.Errorf("table %s: a row that holds a secret: %w", t.table, err)
		}
		encoded = clean
		t.masked.Add(int64(count))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(Operation{Kind: kind, Table: t.table, Row: encoded}); err != nil {
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

// write hands one operation to the destination, with s.mu held.
func (s *session) write(op Operation) error {
	if s.failure != nil {
		return s.failure
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return s.force(op)
}

// force is write for the runtime's own last words.
func (s *session) force(op Operation) error {
	s.op = op // one Operation for all, so that none is allocated
	if err := s.dst.Write(&s.op); err != nil {
		s.failure = err
		s.run.cancel(err)
		return err
	}
	return nil
}

func (s *session) truncate(tables []string, name string) error {
	if err := s.ready(tables); err != nil {
		return err
	}
	t, err := s.target(name)
	if err != nil || !t.selected {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(Operation{Kind: OpTruncate, Table: t.table}); err != nil {
		return err
	}
	s.sinceSent++
	t.truncates.Add(1)
	return nil
}

func (s *session) warn(message string) error {
	message = s.run.redactor.text(message)
	s.run.log.Warn(message)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(Operation{Kind: OpWarning, Message: message})
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
		return ErrClosed
	}
	if err := save(tables...); err != nil {
		return err
	}
	s.pending = true
	o := s.run.options
	if s.sinceSent < o.checkpointRows && time.Since(s.sentAt) < o.checkpointInterval {
		return nil
	}
	return s.sendState()
}

// finish saves the whole state of a sync that has succeeded. It is sent last.
func (s *session) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc.Finish()
}

// sendState sends what is saved, with s.mu held.
func (s *session) sendState() error {
	saved := s.doc.Saved()
	if s.run.redactor.inJSON(saved) {
		return Errorf(Defect, "state: it would hold a secret of the configuration, and platforms keep states in the open: save something else, for instance a page token in place of a whole URL")
	}
	if err := s.force(Operation{Kind: OpCheckpoint, State: saved}); err != nil {
		return err
	}
	s.lastState, s.sentAt, s.sinceSent, s.pending = saved, time.Now(), 0, false
	return nil
}

// sendOverdue sends a checkpoint that has waited for a later one in vain. What
// is wrong with it, the connector is told by its next call.
func (s *session) sendOverdue() {
	if !s.mu.TryLock() {
		return // something is under way: the next tick will do
	}
	defer s.mu.Unlock()
	if !s.pending || s.closed.Load() || s.failure != nil || time.Since(s.sentAt) < s.run.options.checkpointInterval {
		return
	}
	if err := s.sendState(); err != nil {
		s.failure = err
	}
}

// close refuses every operation from here on. It reports false if one is stuck
// with the destination although the sync was told to end.
func (s *session) close() bool {
	s.closed.Store(true)
	var deadline time.Time
	for !s.mu.TryLock() {
		if s.run.ctx.Err() != nil {
			if deadline.IsZero() {
				deadline = time.Now().Add(s.run.options.grace)
			}
			if time.Now().After(deadline) {
				return false
			}
		}
		time.Sleep(time.Millisecond)
	}
	s.mu.Unlock()
	return true
}

// lastWords sends what is left to say after Sync has returned: warnings, then
// the last state.
func (s *session) lastWords(succeeded bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return nil // it is the sync's error already
	}
	for _, t := range s.declared {
		for _, message := range t.warnings(succeeded) {
			message = s.run.redactor.text(message)
			s.run.log.Warn(message)
			if err := s.force(Operation{Kind: OpWarning, Message: message}); err != nil {
				return err
			}
		}
	}
	// The state comes last, whatever came after it was sent before. What a
	// source that broke its word has made of it is sent, too.
	if succeeded || s.sinceSent > 0 || s.lastState == nil || !bytes.Equal(s.lastState, s.doc.Saved()) {
		return s.sendState()
	}
	return nil
}

// warnings returns what the user should know of the table's rows.
func (t *target) warnings(succeeded bool) []string {
	var all []string
	replaced := t.encoder.Replaced()
	for _, column := range slices.Sorted(maps.Keys(replaced)) {
		all = append(all, fmt.Sprintf("table %s, column %s: bytes that are not UTF-8 were replaced by U+FFFD in %d rows",
			t.table, column, replaced[column]))
	}
	if n := t.masked.Load(); n > 0 {
		all = append(all, fmt.Sprintf("table %s: a secret of the configuration was masked in %d values", t.table, n))
	}
	// A connector that goes on after a refused row lost it knowingly or not.
	if n := t.refused.Load(); n > 0 && succeeded {
		all = append(all, fmt.Sprintf("%d rows were refused and are not delivered; the first: %s", n, *t.firstRefusal.Load()))
	}
	return all
}

// onlySchema returns the schema that a table declared on the way belongs to
// if its author does not say.
func (s *session) onlySchema() string {
	s.declaring.Lock()
	defer s.declaring.Unlock()
	if len(s.declared) == 0 {
		return ""
	}
	return s.declared[0].table.Schema
}
