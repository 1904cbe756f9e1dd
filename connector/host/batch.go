package host

import (
	"errors"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// A batch holds rows of one call of SyncTables that its emitters have accepted, until
// they are written to the destination. Tables that are synced at the same time would
// otherwise wait for each other at every row, and move the memory that they share from one
// processor's cache to another's and back.
//
// Whoever holds session.mu also holds the mutexes of all batches, so that nothing is
// accepted at the same time, and writes all batches before an operation of its own. Hence an
// operation follows every row that was accepted before it. The exception is a row in a batch,
// which may precede or follow rows in other batches. All rows of a table that are in a batch
// are in one, that of the last call that has named the table.
type batch struct {
	unit  *unit
	mu    sync.Mutex // locked after session.mu
	rows  []batchedRow
	data  []byte // the rows
	saved bool   // a checkpoint was saved that session.pending does not record yet
	ended bool   // nothing is accepted any more

	// Only whoever holds session.mu, or locks it alone, uses the fields below.
	ops     []Operation
	written []batchedRow // the rows being written
	content []byte       // of them
}

// A batchedRow is the row that ends at an index of the data of a batch.
type batchedRow struct {
	kind  OperationKind
	table *table
	end   int
}

const (
	// batchRows and batchBytes are the sizes at which a batch is written, unless another
	// one is being written. The connector goes on meanwhile, until the batch has
	// maxBatch times the size.
	batchRows, batchBytes = 64, 32 << 10
	maxBatch              = 4
	// maxBatches is the number of calls of SyncTables at a time up to which there are
	// batches. It bounds their memory and the time to lock them all. Among more calls, few
	// run at the same moment anyway.
	maxBatches = 16
	// batchWait bounds the time that a row waits for more rows.
	batchWait = 50 * time.Millisecond
)

// batch returns the batch for rows of the emitter, or nil.
func (e emitter) batch() *batch {
	if e.unit == nil {
		return nil
	}
	return e.unit.batch.Load()
}

// startBatch gives the unit of the emitter a batch if several units are running and the
// destination accepts batches. The caller holds s.mu, and then writes all batches.
func (s *session) startBatch(from emitter) {
	running := s.units.count.Load()
	if from.unit == nil || from.unit.batch.Load() != nil || from.unit.returned.Load() || running < 2 || running > maxBatches {
		return
	}
	if _, ok := s.dst.(BatchWriter); !ok {
		return
	}
	for _, name := range from.unit.parts {
		if t, err := s.lookup(name); err == nil {
			t.batched = from.unit
		}
	}
	b := &batch{unit: from.unit}
	s.mu.add(b)
	from.unit.batch.Store(b)
}

// endBatch removes the batch of a unit, which was written. The caller holds s.mu.
func (s *session) endBatch(u *unit) {
	b := u.batch.Load()
	if b == nil {
		return
	}
	b.ended = true
	s.mu.remove(b)
	for _, name := range u.parts {
		if t, err := s.lookup(name); err == nil && t.batched == u {
			t.batched = nil
		}
	}
}

// accepts reports whether an operation need not take the long way, on which it is refused,
// begins a table or sends a state. The caller holds b.mu.
func (b *batch) accepts(s *session) bool {
	return !b.ended && s.units.count.Load() <= maxBatches && !s.closed.Load() && s.enough.Load() == nil && s.ctx.Err() == nil
}

// has reports whether the batch has n times the size at which it is written. The caller holds
// b.mu.
func (b *batch) has(n int) bool { return len(b.rows) >= n*batchRows || len(b.data) >= n*batchBytes }

// add adds a row if the batch accepts it, and reports whether the batch is then full.
func (b *batch) add(s *session, kind OperationKind, t *table, encoded []byte) (added, full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.accepts(s) || t.batched != b.unit || t.replaced || !t.open || t.read || len(encoded) > batchBytes {
		return false, false
	}
	b.data = append(b.data, encoded...)
	b.rows = append(b.rows, batchedRow{kind, t, len(b.data)})
	return true, b.has(1)
}

// checkpoint calls save if no state has to be sent now.
// Otherwise, it reports false.
func (b *batch) checkpoint(s *session, save func() error) (done bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := s.run.options
	if !b.accepts(s) || int(s.sinceSent.Load())+len(b.rows) >= o.checkpointRows || time.Since(s.sentAt) >= o.checkpointInterval {
		return false, nil
	}
	if err := save(); err != nil {
		return true, err
	}
	b.saved = true
	return true, nil
}

// take takes the rows from the batch to write them. The caller holds b.mu, and s.mu or that
// alone.
func (b *batch) take(s *session) {
	b.rows, b.written = b.written[:0], b.rows
	b.data, b.content = b.content[:0], b.data
	s.pending = s.pending || b.saved
	b.saved = false
}

// writeBatch writes a batch that has the size for it.
func (s *session) writeBatch(b *batch) error {
	if !s.mu.tryLockAlone() {
		b.mu.Lock()
		wait := b.has(maxBatch)
		b.mu.Unlock()
		if !wait {
			return nil
		}
		s.mu.lockAlone()
	}
	defer s.mu.unlockAlone()
	b.mu.Lock()
	b.take(s)
	b.mu.Unlock()
	err := s.writeTaken(b)
	if last := len(b.written) - 1; last >= 0 && s.closed.Load() {
		s.noteLate(b.written[last].kind, b.written[last].table.Table)
	}
	return err
}

// writeBatches writes all batches. The caller holds s.mu.
func (s *session) writeBatches() error {
	for _, b := range s.mu.batches {
		b.take(s)
		if err := s.writeTaken(b); err != nil {
			return err
		}
	}
	return nil
}

// writeTaken writes the rows that were taken from a batch, even if the sync ends early: their
// operations were accepted. The caller holds s.mu, or that alone.
func (s *session) writeTaken(b *batch) error {
	if len(b.written) == 0 {
		return nil
	}
	b.ops = b.ops[:0]
	start := 0
	for _, r := range b.written {
		b.ops = append(b.ops, Operation{Kind: r.kind, Table: r.table.Table, Row: b.content[start:r.end:r.end]})
		start = r.end
	}
	if err := s.deliver(func() error { return writeRows(s.dst.(BatchWriter), b.ops) }); err != nil {
		return err
	}
	for i, r := range b.written {
		s.count(r.kind, r.table, b.ops[i].Row)
	}
	clear(b.ops)
	return nil
}

// writeRows calls WriteRows of the destination.
func writeRows(dst BatchWriter, ops []Operation) error {
	err := dst.WriteRows(ops)
	if errors.Is(err, ErrEnough) {
		return connector.Errorf(connector.Defect, "the destination's WriteRows returned ErrEnough, although the connector was told that the rows are accepted")
	}
	return err
}

// writeIdleBatches writes the rows that have waited for more, until the session ends.
func (s *session) writeIdleBatches() {
	tick := time.NewTicker(batchWait)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return
		case <-tick.C:
			s.writeIdle()
		}
	}
}

// writeIdle writes all batches.
func (s *session) writeIdle() {
	s.mu.Lock()          // TryLock would hardly ever succeed while another table is being written
	defer s.mu.Unlock()  // even if the destination calls runtime.Goexit
	_ = s.writeBatches() // the next operation returns the error
}
