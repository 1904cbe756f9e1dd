package connector

import "github.com/penstock-sdk/penstock/schema"

// An OperationKind tells the operations of a sync apart.
type OperationKind uint8

// The kinds of operation, one for each method of [Emitter] that delivers
// something.
const (
	OpUpsert OperationKind = iota + 1
	OpUpdate
	OpDelete
	OpTruncate
	OpCheckpoint
	OpWarning
	OpSchemaChange
)

var operationNames = [...]string{
	OpUpsert:       "upsert",
	OpUpdate:       "update",
	OpDelete:       "delete",
	OpTruncate:     "truncate",
	OpCheckpoint:   "checkpoint",
	OpWarning:      "warning",
	OpSchemaChange: "schema change",
}

// String returns the operation's name in lower case.
func (k OperationKind) String() string {
	if int(k) < len(operationNames) && k != 0 {
		return operationNames[k]
	}
	return "unknown operation"
}

// An Operation is one step of a sync, ready for a platform: checked, reduced
// to what the user selected, and free of secrets.
type Operation struct {
	// Kind says which of the fields below have a meaning.
	Kind OperationKind
	// Table is the table of an upsert, update, delete, truncate or schema
	// change.
	Table *schema.Table
	// Row is the row of an upsert, update or delete: one JSON object on one
	// line, its values in the canonical form that package schema lists.
	Row []byte
	// State is the state of a checkpoint: one JSON object on one line. It
	// covers the operations before this one.
	State []byte
	// Message is the text of a warning.
	Message string
}

// A Destination takes the operations of a sync, one at a time and in order.
// Every platform's wire is one, and so is a test that looks at what a connector
// delivers.
type Destination interface {
	// Write takes one operation. The operation and its bytes are the caller's
	// again when Write returns. Write may block: that slows the sync down. Its
	// error ends the sync.
	Write(op *Operation) error
}

// DestinationFunc is a function that is a [Destination].
type DestinationFunc func(op *Operation) error

// Write calls f.
func (f DestinationFunc) Write(op *Operation) error { return f(op) }
