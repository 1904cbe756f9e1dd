package fivetran

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

const (
	// maxBatchBytes is the size of the records from which on a message is sent, even if it has
	// fewer records than are allowed.
	maxBatchBytes = 100_000
	// maxBatchAge is how long a record waits for others.
	maxBatchAge = 500 * time.Millisecond
)

// A tableName identifies a table.
type tableName struct{ schema, name string }

// An updateStream sends the operations of a sync as messages. It is the [host.Destination] of
// the sync. CheckRow and CheckTable refuse the rows that messages cannot carry, and the tables
// that they cannot name, before they are written.
type updateStream struct {
	stream  grpc.ServerStream
	dialect Dialect
	naming  naming
	checks  rowChecks

	mu        sync.Mutex // guards the fields below and serializes the messages
	out       *outbox
	batch     protocol.Batch
	timer     *time.Timer // sends the batch when its first record is maxBatchAge old
	armed     bool
	closed    bool
	err       error // of a message that could not be sent
	encoders  map[tableName]*rowEncoder
	lastTable *schema.Table // of the previous row, which usually is the same
	last      *rowEncoder   // of lastTable
}

func newUpdateStream(stream grpc.ServerStream, d Dialect) *updateStream {
	// gRPC would answer a compressed request with compressed messages. They cost more than
	// they save next to a platform's server, and their buffers are released too early.
	_ = grpc.SetSendCompressor(stream.Context(), encoding.Identity) // fails once a message was sent only
	u := &updateStream{stream: stream, dialect: d, out: newOutbox(stream), encoders: map[tableName]*rowEncoder{}}
	u.batch.Start(u.out.buffer())
	u.timer = time.AfterFunc(time.Hour, u.sendOld)
	u.timer.Stop()
	return u
}

// close sends what is left. From then on, nothing is sent but a task.
func (u *updateStream) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.timer.Stop()
	err := u.sendBatch()
	u.closed = true
	return err
}

// sendOld sends the batch, because its first record has waited long enough.
func (u *updateStream) sendOld() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.closed {
		_ = u.sendBatch() // Write and close return the error
	}
}

// Write implements [host.Destination].
func (u *updateStream) Write(op *host.Operation) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.write(op)
}

// WriteRows implements [host.BatchWriter].
func (u *updateStream) WriteRows(ops []host.Operation) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range ops {
		if err := u.write(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

// CheckTable implements [host.TableChecker].
func (u *updateStream) CheckTable(t *schema.Table) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.naming.check(t)
}

// Flush implements [host.Flusher]: it waits until the messages have been written to the
// connection.
func (u *updateStream) Flush() error {
	u.mu.Lock()
	err := u.sendBatch()
	u.mu.Unlock()
	if err != nil {
		return err
	}
	return u.out.wait(u.stream.Context())
}

// write sends an operation, or adds it to the batch. The caller holds u.mu.
func (u *updateStream) write(op *host.Operation) error {
	switch {
	case u.err != nil:
		return u.err
	case u.closed:
		return errors.New("send an operation: the sync has ended")
	}
	switch op.Kind {
	case host.OpUpsert:
		return u.record(op, protocol.Upsert)
	case host.OpUpdate:
		return u.record(op, protocol.Update)
	case host.OpDelete:
		return u.record(op, protocol.Delete)
	case host.OpTruncate:
		return u.record(op, protocol.TruncateTable)
	case host.OpCheckpoint:
		state := string(op.State)
		return u.send(&protocol.UpdateResponse{Checkpoint: &state})
	case host.OpWarning:
		return u.warn(op.Message)
	case host.OpSchemaChange:
		u.naming.add(op.Table)
		tables := u.naming.tables([]*schema.Table{op.Table})
		return u.send(&protocol.UpdateResponse{SchemaChange: &tables})
	case host.OpTableBegin, host.OpTableEnd:
		return nil // the status reports the failure of a table
	}
	// The runtime refuses new secrets.
	return fmt.Errorf("send an operation: unexpected operation %v", op.Kind)
}

// record adds a record to the batch.
func (u *updateStream) record(op *host.Operation, typ protocol.RecordType) error {
	e := u.encoder(op.Table)
	if len(op.Row) > maxBatchBytes { // so that only one record can make a message too large
		if err := u.sendBatch(); err != nil {
			return err
		}
	}
	before := u.batch.Size()
	record, err := e.append(u.batch.Begin(), op.Row, typ)
	if err != nil {
		return err
	}
	u.batch.End(record)
	if size := u.batch.Size() - before; size > protocol.MaxMessage-maxMessageHead {
		u.batch.Start(nil)
		return tooLarge(op.Table, size) // CheckRow has refused it
	}
	if u.batch.Len() == protocol.MaxRecords || u.batch.Size() >= maxBatchBytes {
		if err := u.sendBatch(); err != nil {
			return err
		}
	} else if !u.armed {
		u.armed = true
		u.timer.Reset(maxBatchAge)
	}
	for _, column := range e.takeShortened() {
		message := fmt.Sprintf("table %s: column %s has times with more than nine digits after the second, and Fivetran accepts nine: the others are not delivered; declare the column as STRING to keep them", op.Table, column)
		if err := u.warn(message); err != nil {
			return err
		}
	}
	return nil
}

// maxMessageHead is the size of the tags and lengths around a single record.
const maxMessageHead = 16

// encoder returns the encoder for the rows of a table.
func (u *updateStream) encoder(t *schema.Table) *rowEncoder {
	if t != u.lastTable {
		name := tableName{t.Schema, t.Name}
		e := u.encoders[name]
		if e == nil || e.table != t { // the table is new, or has been declared again
			e = newRowEncoder(t, u.naming.schemaOf(t))
			u.encoders[name] = e
		}
		u.lastTable, u.last = t, e
	}
	return u.last
}

// warnUser sends a warning that is not one of the sync.
func (u *updateStream) warnUser(text string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.warn(text)
}

// warn sends a warning. The caller holds u.mu.
func (u *updateStream) warn(text string) error {
	text = u.dialect.message(text)
	return u.send(&protocol.UpdateResponse{Warning: &text})
}

// task sends a task for the user, which ends the sync.
func (u *updateStream) task(text string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	text = u.dialect.message(text)
	return u.send(&protocol.UpdateResponse{Task: &text})
}

// send sends the batch, and then a message.
func (u *updateStream) send(m *protocol.UpdateResponse) error {
	if err := u.sendBatch(); err != nil {
		return err
	}
	b := m.Append(u.out.buffer())
	if len(b) > protocol.MaxMessage {
		return connector.Errorf(connector.Defect, "a message of %d bytes is larger than Fivetran accepts (%d bytes)", len(b), protocol.MaxMessage)
	}
	u.err = u.out.send(b, b)
	return u.err
}

// sendBatch sends the records of the batch.
func (u *updateStream) sendBatch() error {
	if u.err != nil || u.batch.Len() == 0 {
		return u.err
	}
	if u.armed {
		u.armed = false
		u.timer.Stop()
	}
	message, whole := u.batch.Message()
	u.err = u.out.send(message, whole)
	u.batch.Start(u.out.buffer())
	return u.err
}
