package host

// A Destination receives the operations of a sync, one at a time and in order.
// Each wire implements it, and so does a test that inspects the rows of a
// connector.
type Destination interface {
	// Write accepts one operation. It must not modify op and must not retain op
	// or its bytes after it returns; see [Operation.Clone]. Write may block,
	// which slows the sync down.
	//
	// If Write returns [ErrEnough], the sync ends early and successfully. Any
	// other error makes the sync fail, and Write is not called again. To refuse a
	// single row, implement [RowChecker]; to refuse a table that is declared during the
	// sync, implement [TableChecker].
	//
	// When Write has returned nil for an [OpCheckpoint], the run tells the connector
	// that the platform has received the state; see connector.OnDelivered. A
	// destination that may still hold the state back must implement [Flusher].
	//
	// If the run is told to end and Write still blocks after the period that
	// [Grace] sets, [Run.Sync] returns while Write is running. A host that then
	// writes to the same place must allow for that.
	Write(op *Operation) error
}

// A Flusher is a [Destination] that may hold operations back after Write has returned
// nil, for example in a buffer.
type Flusher interface {
	Destination

	// Flush hands everything that Write has accepted to the platform, and returns
	// nil once that is done. For a process, this means that the bytes have been
	// written to its output. The run calls Flush before it tells the connector that
	// a state was delivered; see connector.OnDelivered. It does not call Flush for
	// any other purpose. It may call Flush while Write is running.
	//
	// After an error, the run does not report the state. Flush may block as long as
	// the platform is not reading, and need not be faster than Write when the run
	// is told to end.
	Flush() error
}

// A BatchWriter is a [Destination] that accepts several rows with one call. If several
// tables are synced at the same time, the run gathers the rows of each for up to 50 ms, so
// that the tables do not wait for each other at every row. The rows that were gathered
// are written before any other operation that follows them.
type BatchWriter interface {
	Destination

	// WriteRows accepts operations of the kinds [OpUpsert], [OpUpdate] and [OpDelete],
	// in order and under the same rules as Write. It must not return [ErrEnough], since
	// the connector has been told that all of the rows are accepted. A destination that
	// limits the rows of a sync does not implement BatchWriter.
	WriteRows(ops []Operation) error
}

// WriteEach calls Write of dst for each operation, in order, until one returns an error. It
// is the WriteRows of a [BatchWriter] that does nothing else for several rows.
func WriteEach(dst Destination, ops []Operation) error {
	for i := range ops {
		if err := dst.Write(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

// A DestinationFunc is a function that implements [Destination].
type DestinationFunc func(op *Operation) error

// Write returns f(op).
func (f DestinationFunc) Write(op *Operation) error { return f(op) }
