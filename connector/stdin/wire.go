package stdin

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A wire writes answers in the form of the protocol. It is the [host.Destination] of
// a sync.
type wire struct {
	lines    *host.LineWriter
	prefixes map[prefixKey]string
	last     prefixKey // of the previous row, which usually is the same
	prefixed string    // the prefix of last
	text     bool      // write the schema for people
}

type prefixKey struct {
	table *schema.Table
	kind  host.OperationKind
}

func newWire(lines *host.LineWriter) *wire {
	return &wire{lines: lines, prefixes: map[prefixKey]string{}}
}

// Write implements [host.Destination].
func (w *wire) Write(op *host.Operation) error {
	switch op.Kind {
	case host.OpUpsert, host.OpUpdate, host.OpDelete:
		return w.lines.Line(w.prefix(op), op.Row, recordEnd)
	case host.OpTruncate:
		return w.lines.Line(w.prefix(op), emptyRow, recordEnd)
	case host.OpCheckpoint:
		return w.lines.Line(stateStart, op.State, stateEnd)
	case host.OpWarning:
		return w.log(warning, op.Message)
	case host.OpReplacedSecret:
		// The old value is no longer valid, so the platform must receive the new
		// one before the connector continues.
		line := Line{Kind: Secrets, Secrets: map[string]string{op.Field: op.Value.Reveal()}}
		if err := w.write(&line); err != nil {
			return err
		}
		return w.lines.Flush()
	case host.OpSchemaChange, host.OpTableBegin, host.OpTableEnd:
		return nil // a table appears with its first record
	}
	return fmt.Errorf("write the answer: unknown operation %d", op.Kind)
}

// WriteRows implements [host.BatchWriter].
func (w *wire) WriteRows(ops []host.Operation) error { return host.WriteEach(w, ops) }

// Flush implements [host.Flusher]: the lines have been written to the pipe.
func (w *wire) Flush() error { return w.lines.Flush() }

var (
	emptyRow = []byte("{}")
	opsOf    = map[host.OperationKind]Op{
		host.OpUpsert: Upsert, host.OpUpdate: Update, host.OpDelete: Delete, host.OpTruncate: Truncate,
	}
)

// prefix returns the part of a RECORD line before the row. It is cached for each
// table and operation.
func (w *wire) prefix(op *host.Operation) string {
	key := prefixKey{op.Table, op.Kind}
	if key == w.last {
		return w.prefixed
	}
	p, ok := w.prefixes[key]
	if !ok {
		p = string(appendRecordStart(nil, opsOf[op.Kind], op.Table.Schema, op.Table.Name))
		w.prefixes[key] = p
	}
	w.last, w.prefixed = key, p
	return p
}

// The levels of the LOG lines that a wire writes.
const (
	warning = "WARNING"
	severe  = "SEVERE"
)

// log writes a LOG line.
func (w *wire) log(level, message string) error {
	return w.write(&Line{Kind: Log, Level: level, Message: message})
}

func (w *wire) write(l *Line) error {
	b := l.Append(nil)
	return w.lines.Line("", b[:len(b)-1], "")
}

// schema writes the answer to the action schema. Tables and columns are in the order
// of their declaration.
func (w *wire) schema(s schema.Schema, redact func(string) string) error {
	if w.text {
		return w.lines.Line("", schemaText(s, redact), "")
	}
	return w.lines.Line("", AppendSchema(nil, s.Tables()), "")
}

// test writes the answer to the action test.
func (w *wire) test(ok bool, message string) error {
	b := []byte(`{"status":"FAILURE","message":`)
	if ok {
		b = []byte(`{"status":"SUCCESS","message":`)
	}
	return w.lines.Line("", append(rawjson.AppendString(b, message), '}'), "")
}
