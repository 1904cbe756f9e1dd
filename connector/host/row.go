package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// hugeRow is the capacity in bytes above which the buffer of a row is not reused.
const hugeRow = 16 << 20

// row checks, encodes and delivers one row.
func (s *session) row(from emitter, kind OperationKind, name string, row any, form schema.Form) error {
	for {
		if outdated, err := s.tryRow(from, kind, name, row, form); !outdated {
			return err
		}
	}
}

// tryRow does the work of row. If the table was declared again while the row was
// being encoded, it delivers nothing and reports true.
func (s *session) tryRow(from emitter, kind OperationKind, name string, row any, form schema.Form) (outdated bool, err error) {
	if err := s.ready(from); err != nil {
		return false, err
	}
	t, refused, err := s.target(from, name)
	switch {
	case refused:
		return false, err
	case err != nil:
		s.nameless.refuse(name, err)
		return false, err
	case !t.selected:
		return false, nil
	case kind == OpUpdate && s.request.WholeRows:
		return false, t.refuse(fmt.Errorf("table %s: the platform does not accept partial rows; deliver whole rows with Upsert if TakesUpdates reports false", t))
	}
	buf := s.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= hugeRow {
			s.buffers.Put(buf)
		}
	}()
	encoded, err := t.encoder.Append((*buf)[:0], row, form)
	if err != nil {
		return false, t.refuse(err)
	}
	*buf = encoded
	if s.run.redactor.inJSON(encoded) {
		clean, count, err := s.run.redactor.row(t.Table, encoded)
		if err != nil {
			return false, t.refuse(fmt.Errorf("table %s: mask a secret in a row: %w", t, err))
		}
		encoded = clean
		t.masked.Add(int64(count.all))
		t.maskedKeys.Add(int64(count.keys))
	}
	if err := s.checkRow(from, kind, t, encoded); err != nil {
		return false, err
	}
	if b := from.batch(); b != nil {
		if added, full := b.add(s, kind, t, encoded); full {
			return false, s.writeBatch(b)
		} else if added {
			return false, nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.replaced {
		return true, nil
	}
	s.startBatch(from)
	return false, s.writeRow(from, kind, t, encoded)
}

// writeRow delivers an encoded row. The caller holds s.mu.
func (s *session) writeRow(from emitter, kind OperationKind, t *table, encoded []byte) error {
	if !t.open || t.read {
		if err := s.begin(from, t); err != nil {
			return err
		}
	}
	if s.op.Row == nil { // the last operation was not a row: clear its fields
		s.op = Operation{}
	}
	s.op.Kind, s.op.Table, s.op.Row = kind, t.Table, encoded
	if err := s.write(from); err != nil {
		return err
	}
	s.count(kind, t, encoded)
	return nil
}

// count counts a row that was written. The caller holds s.mu, or that alone.
func (s *session) count(kind OperationKind, t *table, encoded []byte) {
	s.sinceSent.Add(1)
	s.bytesSent += len(encoded)
	switch kind {
	case OpUpsert:
		t.upserts.Add(1)
		t.zeroKeys.add(encoded)
	case OpUpdate:
		t.updates.Add(1)
	case OpDelete:
		t.deletes.Add(1)
	}
}

// truncate delivers the truncation of a table.
func (s *session) truncate(from emitter, name string) error {
	if err := s.ready(from); err != nil {
		return err
	}
	t, _, err := s.target(from, name)
	if err != nil || !t.selected {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(from, t); err != nil {
		return err
	}
	if err := s.accepts(from); err != nil {
		return err
	}
	if s.doc.Truncate(t.id) {
		if err := s.sendState(s.snapshot()); err != nil {
			return err
		}
	}
	s.op = Operation{Kind: OpTruncate, Table: t.Table}
	if err := s.write(from); err != nil {
		return err
	}
	s.sinceSent.Add(1)
	t.truncates.Add(1)
	return nil
}
