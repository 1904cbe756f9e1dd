package singer

import (
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A wire writes the messages of a sync. It is the [host.Destination] of the sync.
type wire struct {
	lines   *host.LineWriter
	log     *slog.Logger
	streams *streams
	clock   clock
	state   stateWriter
	begun   bool
	version int64 // the last one that was assigned

	lastTable  *schema.Table // of the previous row, which usually is the same
	lastStream *stream       // of lastTable
}

func newWire(lines *host.LineWriter, log *slog.Logger, s *streams) *wire {
	return &wire{lines: lines, log: log, streams: s, state: stateWriter{streams: s}}
}

// begin writes the SCHEMA messages of the selected streams.
func (w *wire) begin() error {
	w.begun = true
	for _, stream := range w.streams.selected() {
		if stream.fullLoad.versioned {
			stream.setVersion(w.newVersion())
		}
		if err := w.schema(stream); err != nil {
			return err
		}
	}
	return nil
}

// Write implements [host.Destination].
func (w *wire) Write(op *host.Operation) error {
	if !w.begun {
		if err := w.begin(); err != nil {
			return err
		}
	}
	switch op.Kind {
	case host.OpUpsert:
		stream, err := w.streamOf(op.Table)
		if err != nil {
			return err
		}
		stream.fullLoad.delivered = true
		w.clock.refresh()
		return w.lines.Line(stream.recordPrefix(), op.Row, w.clock.end)
	case host.OpDelete:
		stream, err := w.streamOf(op.Table)
		if err != nil {
			return err
		}
		w.clock.refresh()
		return w.lines.Line(stream.recordPrefix(), op.Row[:len(op.Row)-1], w.clock.deleted)
	case host.OpTruncate:
		return w.truncate(op.Table)
	case host.OpCheckpoint:
		line, err := w.state.message(op)
		if err != nil {
			return err
		}
		return w.lines.Line("", line, "")
	case host.OpSchemaChange:
		return w.declare(op.Table)
	}
	return w.note(op)
}

// note records an operation for which there is no message. The runtime has logged the
// warnings.
func (w *wire) note(op *host.Operation) error {
	switch op.Kind {
	case host.OpTableBegin, host.OpTableEnd:
		stream, err := w.streamOf(op.Table)
		if err != nil {
			return err
		}
		stream.fullLoad.open = op.Kind == host.OpTableBegin
		if op.Kind == host.OpTableEnd {
			stream.fullLoad.ended, stream.fullLoad.failed = true, op.Err != nil
		}
		return nil
	case host.OpWarning:
		if op.Refused != nil {
			if stream := w.streams.of(op.Refused.Table); stream != nil {
				stream.fullLoad.refused = true
			}
		}
		return nil
	}
	// The runtime refuses updates (SyncRequest.WholeRows) and new secrets.
	return fmt.Errorf("write a message: unexpected operation %v", op.Kind)
}

// WriteRows implements [host.BatchWriter].
func (w *wire) WriteRows(ops []host.Operation) error { return host.WriteEach(w, ops) }

// Flush implements [host.Flusher]: the lines have been written to the pipe.
func (w *wire) Flush() error { return w.lines.Flush() }

// streamOf returns the stream of a table.
func (w *wire) streamOf(t *schema.Table) (*stream, error) {
	if t == w.lastTable {
		return w.lastStream, nil
	}
	stream := w.streams.of(t)
	if stream == nil {
		return nil, fmt.Errorf("write a message: table %s was not declared", t)
	}
	w.lastTable, w.lastStream = t, stream
	return stream, nil
}

// schema writes a SCHEMA message.
func (w *wire) schema(stream *stream) error {
	return w.lines.Line("", stream.schemaMessage(w.streams.wantedColumns(stream.table)), "")
}

// declare writes the SCHEMA message of a table that was declared during the sync.
func (w *wire) declare(t *schema.Table) error {
	stream, err := w.streams.declare(t)
	if err != nil {
		return err
	}
	w.streams.warnAboutUnlisted(stream, w.log)
	return w.schema(stream)
}

// truncate activates a new version of a stream, to which the records that follow
// belong. It must not wait: a state that covers the truncate may be the last message.
func (w *wire) truncate(t *schema.Table) error {
	stream, err := w.streamOf(t)
	if err != nil {
		return err
	}
	stream.fullLoad.delivered = true
	stream.setVersion(w.newVersion())
	return w.activateVersion(stream)
}

// newVersion returns the time in milliseconds, or a greater number if a version with
// this time exists.
func (w *wire) newVersion() int64 {
	w.version = max(w.version+1, time.Now().UnixMilli())
	return w.version
}

// activateVersion writes an ACTIVATE_VERSION message with the version of a stream.
func (w *wire) activateVersion(stream *stream) error {
	b := rawjson.AppendString([]byte(`{"type":"ACTIVATE_VERSION","stream":`), stream.name)
	return w.lines.Line("", append(appendVersion(b, stream.version), '}'), "")
}

// appendVersion appends the member version.
func appendVersion(b []byte, version int64) []byte {
	return strconv.AppendInt(append(b, `,"version":`...), version, 10)
}
