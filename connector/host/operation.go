package host

import (
	"bytes"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// An OperationKind identifies what an [Operation] does.
type OperationKind uint8

// The kinds of operations.
const (
	// OpUpsert delivers a whole row: Table and Row.
	OpUpsert OperationKind = iota + 1
	// OpUpdate delivers the primary key of a row and the columns that change:
	// Table and Row.
	OpUpdate
	// OpDelete deletes the row with a primary key: Table and Row, which contains
	// only the primary key.
	OpDelete
	// OpTruncate deletes all rows of a Table that were delivered earlier.
	OpTruncate
	// OpCheckpoint carries a state that covers all operations before it: State,
	// and its Parts.
	OpCheckpoint
	// OpWarning carries a Message for the user of the platform.
	OpWarning
	// OpSchemaChange adds a selected Table that was not in the schema, or
	// replaces the declaration of a selected Table.
	OpSchemaChange
	// OpTableBegin precedes all other operations of a selected Table. It is
	// delivered when the connector starts to read the table or with the first
	// row. If a sync fails, the tables that it did not reach have neither
	// OpTableBegin nor OpTableEnd.
	OpTableBegin
	// OpTableEnd reports the end of a Table. If Err is nil, the table was read
	// to the end and the last checkpoint covers it. Otherwise, the table
	// failed. If a table was not read to the end because the sync failed for
	// another reason, the kind of Err is Interrupted.
	//
	// Every OpTableBegin is followed by an OpTableEnd, unless the destination
	// fails or ends the sync early. If the connector returns to a table that has
	// ended, the table begins again, and the last OpTableEnd counts. If a table
	// fails but the connector continues, the sync may still succeed. A warning
	// then reports the failure.
	OpTableEnd
	// OpReplacedSecret carries a value of the configuration that the source has
	// replaced: Field and Value. The platform stores it for later runs. No other
	// operation carries a secret.
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

// String returns the name of the kind in lower case, such as "table begin".
func (k OperationKind) String() string {
	if int(k) < len(operationNames) && k != 0 {
		return operationNames[k]
	}
	return "unknown operation"
}

// An Operation is one step of a sync. Its content has been checked against the
// schema, reduced to the selected columns, and cleared of secrets. The comment on
// each [OperationKind] names the fields that are set.
type Operation struct {
	// Kind identifies what the operation does.
	Kind OperationKind
	// Table is the table that the operation applies to.
	Table *schema.Table
	// Row is one JSON object on one line. Its values have the canonical form
	// that package schema documents. schema.NewRowReader splits it into cells.
	Row []byte
	// State is the whole state, as one JSON object on one line.
	// [Operation.Parts] splits it by table.
	State []byte
	// Message is the text of a warning.
	Message string
	// Refused is set in a warning about rows that were refused although the connector
	// went on. It is nil in all other warnings.
	Refused *RefusedRows
	// Err is the reason why a table failed, without secrets. It is nil if the
	// table was read to the end.
	Err *connector.Error
	// Field is the dotted name of a replaced field of the configuration, such
	// as "proxy.password". config.Form.Replace stores the new value in a
	// configuration.
	Field string
	// Value is the new value of the field.
	Value connector.Secret

	checkpoint *checkpoint
	parts      []StatePart
}

// Parts splits the state of a checkpoint by table, for platforms that store one
// state per table. It returns nil for other operations.
//
// The result has a part for each selected table and for each other table with a
// state, in the order of the schema. The shared part is last. The shared part is
// omitted if it is empty and was empty in the previous checkpoint. The first
// checkpoint of a sync always includes it, because the platform may hold one
// from an earlier sync.
//
// The parts may be stored separately (see [StatePart]). Together, they are larger than
// State if tables follow another one: each selected follower has a copy of the position
// of that table.
//
// The first call for a checkpoint takes time proportional to the size of the
// parts.
func (o *Operation) Parts() []StatePart {
	if o.parts == nil && o.checkpoint != nil {
		o.parts = o.checkpoint.parts()
	}
	return o.parts
}

// Clone returns a copy that remains valid after [Destination].Write has returned.
// The copy shares only Table, Err and Refused with the operation, which are not
// modified. A destination that keeps operations must keep clones.
func (o *Operation) Clone() *Operation {
	c := *o
	c.Row, c.State = bytes.Clone(o.Row), bytes.Clone(o.State)
	c.parts, c.checkpoint = slices.Clone(o.Parts()), nil
	for i, p := range c.parts {
		c.parts[i].State = bytes.Clone(p.State)
	}
	return &c
}
