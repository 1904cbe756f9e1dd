package host

import (
	"bytes"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// An OperationKind tells the operations of a sync apart.
type OperationKind uint8

// The kinds of operations.
const (
	// OpUpsert delivers a whole row: Table and Row.
	OpUpsert OperationKind = iota + 1
	// OpUpdate delivers the primary key of a row and the columns that change:
	// Table and Row.
	OpUpdate
	// OpDelete deletes the row with a primary key: Table and Row, which holds
	// the primary key only.
	OpDelete
	// OpTruncate deletes all rows of a Table that were delivered before.
	OpTruncate
	// OpCheckpoint gives the state that covers everything before it: State,
	// and its Parts.
	OpCheckpoint
	// OpWarning has a Message for the user of the platform.
	OpWarning
	// OpSchemaChange adds a Table that the user wants and the schema did not
	// have, or replaces its declaration.
	OpSchemaChange
	// OpTableBegin comes before all other operations of a Table that the user
	// selected: when the connector begins to read it, or with its first row. In
	// a sync that fails, tables that were not reached have neither a begin nor
	// an end.
	OpTableBegin
	// OpTableEnd says that a Table was read to its end and that the last
	// checkpoint covers it or, with Err, that it failed. Every begin is followed
	// by an end, unless the destination fails or ends the sync early. The Err of
	// a table that was not read to its end because the sync failed for another
	// reason is of kind Interrupted. If the connector returns to a table that has
	// ended, it begins anew: the last end counts. A connector may survive the
	// failure of a table, so that the sync succeeds; a warning says so.
	OpTableEnd
	// OpReplacedSecret hands back a value of the configuration that the source
	// has replaced: Field and Value. The platform stores it for later runs. It
	// is the one operation that carries a secret.
	OpReplacedSecret
)

var operationNames = [...]string{
	OpUpsert:         "upsert",
	OpUpdate:         "update",
	OpDelete:         "delete",
	OpTruncate:       "truncate",
	OpCheckpoint:     "checkpoint",
	OpWarning:        "warning",
	OpSchemaChange:   "schema change",
	OpTableBegin:     "table begin",
	OpTableEnd:       "table end",
	OpReplacedSecret: "replaced secret",
}

// String returns the operation's name in lower case.
func (k OperationKind) String() string {
	if int(k) < len(operationNames) && k != 0 {
		return operationNames[k]
	}
	return "unknown operation"
}

// An Operation is one step of a sync, ready for a platform: checked, reduced
// to what the user selected, and free of secrets. Its kind says which of the
// other fields are set.
type Operation struct {
	// Kind is what the operation does.
	Kind OperationKind
	// Table is the table that it does it to.
	Table *schema.Table
	// Row is one JSON object on one line. Its values have the canonical form
	// that package schema lists; schema.NewRowReader takes it apart.
	Row []byte
	// State is the whole state: one JSON object on one line. [Operation.Parts]
	// takes it apart.
	State []byte
	// Message is the text of a warning.
	Message string
	// Refused is set in a warning about rows that the connector lost because it
	// ignored their errors. It is nil in all other warnings.
	Refused *RefusedRows
	// Err is why a table failed, free of secrets. It is nil for one that was
	// read to its end.
	Err *connector.Error
	// Field is the dotted name of a replaced field of the configuration, such
	// as "proxy.password"; config.Form.Replace puts its new value there.
	Field string
	// Value is the new value of the field.
	Value connector.Secret

	checkpoint *checkpoint
	parts      []StatePart
}

// A StatePart is the part of a state that belongs to one table, or the part
// that the tables share.
type StatePart struct {
	// Table is the table. It is nil for the part that belongs to no table in
	// particular.
	Table *schema.Table
	// State is a state that holds this part alone: one JSON object on one line,
	// to be kept as it is and given back to [Run.JoinState]. It is {} if there
	// is nothing to keep.
	State []byte
	// Selected reports whether the user wants the table. A table that is not
	// selected keeps the state that it had. The shared part is selected.
	Selected bool
	// Changed reports whether the part differs from the one in the last
	// checkpoint that the destination was given. In the first one of a sync,
	// every part has changed.
	Changed bool
}

// Parts returns the state of a checkpoint in parts, for platforms that keep one
// state per table: a part for each selected table and for each other table that
// has a state, in the order of the schema; then the shared part. That is left out
// if it is empty and was so at the last checkpoint; the first checkpoint of a sync
// has it in any case, because the platform may hold one of an earlier sync. Each
// call takes time in proportion to the state. It returns nil for other
// operations.
func (o *Operation) Parts() []StatePart {
	if o.parts == nil && o.checkpoint != nil {
		o.parts = o.checkpoint.parts()
	}
	return o.parts
}

// Clone returns a copy that stays valid when Write has returned. It shares with
// the operation only its table, error and refused rows, which nobody changes. A destination
// that keeps operations keeps clones.
func (o *Operation) Clone() *Operation {
	c := *o
	c.Row, c.State = bytes.Clone(o.Row), bytes.Clone(o.State)
	c.parts, c.checkpoint = slices.Clone(o.Parts()), nil
	for i, p := range c.parts {
		c.parts[i].State = bytes.Clone(p.State)
	}
	return &c
}

// A Destination takes the operations of a sync, one at a time and in order.
// Every wire is one, and so is a test that looks at what a connector delivers.
type Destination interface {
	// Write takes one operation. It must not change it, and the operation and
	// its bytes are the caller's again when Write returns; [Operation.Clone]
	// keeps them. Write may block, which slows the sync down. Its error ends the
	// sync: [ErrEnough] with success, any other as a failure, after which Write
	// is not called any more.
	//
	// If Write still blocks when the grace of a run that was told to end is
	// over, [Run.Sync] returns without it: a host that writes to the same place
	// afterwards has to be ready for that.
	Write(op *Operation) error
}

// DestinationFunc is a function that is a [Destination].
type DestinationFunc func(op *Operation) error

// Write calls f.
func (f DestinationFunc) Write(op *Operation) error { return f(op) }
