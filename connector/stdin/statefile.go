package stdin

import (
	"bytes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// A stateFile is a destination that also saves the last state in a file. It writes
// the file after the lines that the state covers.
type stateFile struct {
	host.BatchWriter
	lines *host.LineWriter
	path  string
}

// Flush implements [host.Flusher].
func (f stateFile) Flush() error { return f.lines.Flush() }

// Write implements [host.Destination].
func (f stateFile) Write(op *host.Operation) error {
	if err := f.BatchWriter.Write(op); err != nil || op.Kind != host.OpCheckpoint {
		return err
	}
	if err := f.lines.Flush(); err != nil {
		return err
	}
	if err := atomicfile.Write(f.path, append(bytes.Clone(op.State), '\n'), 0o600); err != nil {
		kind := connector.Configuration // the place of the file
		if connector.KindOf(err) == connector.Transient {
			kind = connector.Transient
		}
		return connector.Errorf(kind, "save the state: %w", err)
	}
	return nil
}
