package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// hugeRow is the capacity in bytes above which the buffer of a row is not reused.
const hugeRow = 1 << 20

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
	t, err := s.names.Lookup(name)
	if err != nil || !t.selected {
		return false, err
	}
	if kind == OpUpdate && s.request.WholeRows {
		return false, fmt.Errorf("table %s: the platform does not accept partial rows; deliver whole rows with Upsert if TakesUpdates reports false", t)
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
			return false, fmt.Errorf("table %s: mask a secret in a row: %w", t, err)
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
	s.sinceSent++
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
	return nil
}

// truncate delivers the truncation of a table.
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
	s.doc.Truncate(t.id)
	s.op = Operation{Kind: OpTruncate, Table: t.Table}
	if err := s.write(from); err != nil {
		return err
	}
	s.sinceSent++
	t.truncates.Add(1)
	return nil
}
