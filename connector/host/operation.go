package host

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
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
	// Parts and Version.
	OpCheckpoint
	// OpWarning has a Message for the user of the platform.
	OpWarning
	// OpSchemaChange adds a Table that the schema did not have, or replaces
	// its declaration.
	OpSchemaChange
	// OpTableBegin comes before all other operations of a Table that the user
	// selected.
	OpTableBegin
	// OpTableEnd says that a Table was read to its end or, with Err, that it
	// failed. The checkpoint that covers its last rows may come later. If the
	// connector returns to a table that has ended, it begins anew.
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
	// that package schema lists; schema.NewReader takes it apart.
	Row []byte
	// State is the whole state: one JSON object on one line.
	State []byte
	// Parts are the parts of State, for platforms that keep a state per table.
	Parts []StatePart
	// Version is the version of the state's shape, for states that are kept in
	// parts; see [Run.JoinState]. State contains it.
	Version int
	// Message is the text of a warning.
	Message string
	// Err is why a table failed. It is nil for one that was read to its end.
	Err *connector.Error
	// Field is the name of a replaced field of the configuration.
	Field string
	// Value is what takes its place.
	Value connector.Secret
}

// A StatePart is the part of a state that belongs to one table, or the part
// that the tables share.
type StatePart struct {
	// Table is the name under which the connector keeps the part: the table's
	// own name, or its qualified one. For the shared part it is
	// [state.SharedName].
	Table string
	// JSON is the part: one JSON object on one line. It is {} for a part that
	// held something at the last checkpoint and is empty now.
	JSON []byte
	// Changed reports whether the part differs from the one in the last
	// checkpoint that the destination was given. In the first one of a sync,
	// every part has changed.
	Changed bool
}

// Shared reports whether the part is the one that the tables share.
func (p StatePart) Shared() bool { return p.Table == state.SharedName }

// Clone returns a copy that shares nothing with the operation but its table,
// which nobody changes. A destination that keeps operations keeps clones.
func (o *Operation) Clone() *Operation {
	c := *o
	c.Row, c.State = bytes.Clone(o.Row), bytes.Clone(o.State)
	c.Parts = slices.Clone(o.Parts)
	for i, p := range c.Parts {
		c.Parts[i].JSON = bytes.Clone(p.JSON)
	}
	return &c
}

// A Destination takes the operations of a sync, one at a time and in order.
// Every wire is one, and so is a test that looks at what a connector delivers.
type Destination interface {
	// Write takes one operation. The operation and its bytes are the caller's
	// again when Write returns; [Operation.Clone] keeps them. Write may block,
	// which slows the sync down. Its error ends the sync: [ErrEnough] with
	// success, any other as a failure.
	Write(op *Operation) error
}

// DestinationFunc is a function that is a [Destination].
type DestinationFunc func(op *Operation) error

// Write calls f.
func (f DestinationFunc) Write(op *Operation) error { return f(op) }

// parts compares a snapshot with the one before it, which is nil at first.
func parts(now, before *state.Snapshot) []StatePart {
	all := make([]StatePart, 0, len(now.Parts))
	was := map[string][]byte{}
	if before != nil {
		for _, p := range before.Parts {
			was[p.Name] = p.JSON
		}
	}
	for _, p := range now.Parts {
		all = append(all, StatePart{Table: p.Name, JSON: p.JSON, Changed: !bytes.Equal(p.JSON, was[p.Name])})
		delete(was, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		all = append(all, StatePart{Table: name, JSON: []byte("{}"), Changed: true})
	}
	slices.SortFunc(all, func(a, b StatePart) int { return strings.Compare(a.Table, b.Table) })
	return all
}
