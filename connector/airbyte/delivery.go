package airbyte

import (
	"fmt"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A delivery is the [host.Destination] of a sync.
type delivery struct {
	*wire
	run        *host.Run
	saved      *savedState
	namespaced bool   // the source has several schemas
	mark       string // see markOf

	// mu guards the fields below. A call of Write holds it, even while the reader of the
	// messages is not reading.
	mu      sync.Mutex
	streams []*stream // in the order of the configured catalog
	byName  map[tableName]*stream
	targets map[*schema.Table]*target
	last    *schema.Table // of the previous row, which usually is the same
	target  *target       // of last
	end     recordEnd
	buf     []byte // reused for every row
	// global is set once the connector uses the shared part of the state. A platform may
	// reject a sync that sends states of both types, so it is not reset.
	global   bool
	anyState bool // a checkpoint was written
}

// newDelivery returns the destination of a sync of the given streams of a source, which
// begins from a saved state.
func newDelivery(w *wire, run *host.Run, tables schema.Schema, streams []*stream, saved *savedState) *delivery {
	d := &delivery{
		wire: w, run: run, saved: saved, streams: streams, namespaced: hasSeveralSchemas(tables),
		byName: map[tableName]*stream{}, targets: map[*schema.Table]*target{},
		end: recordEnd{cursor: w.now()}, mark: markOf(tables),
	}
	// The platform holds a state of type GLOBAL already.
	_, d.global = decoded(saved.shared)[state.SharedName]
	for _, s := range streams {
		d.byName[nameOf(s.table)] = s
	}
	return d
}

// Write implements [host.Destination].
func (d *delivery) Write(op *host.Operation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch op.Kind {
	case host.OpUpsert, host.OpDelete:
		return d.row(op)
	case host.OpCheckpoint:
		return d.checkpoint(op)
	case host.OpTruncate:
		return d.truncate(op)
	case host.OpWarning: // the runtime has logged it
		return d.log("WARN", op.Message)
	case host.OpTableBegin:
		return d.begin(op)
	case host.OpTableEnd:
		return d.endTable(op)
	case host.OpReplacedSecret:
		return d.replace(op.Field, op.Value)
	case host.OpSchemaChange:
		return nil // the next discover reports it
	}
	return connector.Errorf(connector.Defect, "write a message: unexpected operation %v", op.Kind)
}

// WriteRows implements [host.BatchWriter].
func (d *delivery) WriteRows(ops []host.Operation) error { return host.WriteEach(d, ops) }

// Flush implements [host.Flusher]: the messages have been written to the pipe.
func (d *delivery) Flush() error { return d.lines.Flush() }

// warn logs a warning and writes it for the user.
func (d *delivery) warn(text string) error {
	text = d.run.Redact(text)
	d.run.Log().Warn(text)
	return d.log("WARN", text)
}

// streamOf returns the stream of a table, which may have been declared again since it
// was discovered. It returns nil for a table that the user has not selected.
func (d *delivery) streamOf(t *schema.Table) *stream {
	return d.byName[nameOf(t)]
}

// start writes the first status of each stream, before the sync.
func (d *delivery) start() error {
	for _, s := range d.streams {
		if err := d.status(s.descriptor, statusStarted); err != nil {
			return err
		}
	}
	return nil
}

// begin records that a table is read, possibly again.
func (d *delivery) begin(op *host.Operation) error {
	t, err := d.targetOf(op.Table)
	if err != nil {
		return err
	}
	t.failure, t.done = nil, false
	return nil
}

// endTable records the end of a table. The last status of its stream is written at the
// end of the sync, because the table may begin again, and its state may change.
func (d *delivery) endTable(op *host.Operation) error {
	t, err := d.targetOf(op.Table)
	if err != nil {
		return err
	}
	t.failure, t.done = op.Err, op.Err == nil
	return nil
}

// truncate warns that the rows of a table stay in the destination. If the destination replaces
// the rows of earlier syncs anyway, only those of this sync stay.
func (d *delivery) truncate(op *host.Operation) error {
	t, err := d.targetOf(op.Table)
	if err != nil || t.warned.truncate || t.overwrites && t.total == 0 {
		return err
	}
	t.warned.truncate = true
	if t.overwrites {
		return d.warn(fmt.Sprintf("table %s was emptied after rows of it had been delivered in this sync, and Airbyte cannot remove them: "+
			"the connector must call Truncate before it delivers rows", op.Table))
	}
	return d.warn(fmt.Sprintf("table %s is read in full, and Airbyte cannot remove rows that no longer exist: set its sync mode to full refresh | overwrite", op.Table))
}
