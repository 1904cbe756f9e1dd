package hosttest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// A Kind tells events apart.
type Kind uint8

// The kinds of events.
const (
	// Other is anything that the kinds below do not describe, such as a line of
	// a log.
	Other Kind = iota
	// Row is an operation on a table: Op, Table and Row.
	Row
	// State is a state: State.
	State
	// Warning is a warning for the user: Message.
	Warning
	// TableEnd says that a Table has ended or, with a Message, failed.
	TableEnd
	// Failure says why the request could not be answered or the sync failed:
	// Message and Term.
	Failure
	// Tables is the answer to [Schema], or the tables that a sync adds: Tables.
	Tables
	// Fields is the answer to [Form]: Fields.
	Fields
	// Checked is the answer to [Check]: OK and Message.
	Checked
	// ReplacedSecret is a new value of the configuration: Field and Value.
	ReplacedSecret
)

var kindNames = [...]string{"other", "row", "state", "warning", "table end", "failure", "tables", "fields", "checked", "replaced secret"}

// String returns the kind in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// An Event is something that reached the platform. Its kind says which of the
// other fields are set.
type Event struct {
	// Kind says what it is.
	Kind Kind
	// Raw are its bytes on the wire. Required for all kinds.
	Raw []byte
	// Op is OpUpsert, OpUpdate, OpDelete or OpTruncate.
	Op host.OperationKind
	// Table is the table's qualified name, such as "shop.orders".
	Table string
	// Row is a JSON object with values in the canonical form of package schema,
	// without what the wire adds. It is {} or nil for a truncate.
	Row []byte
	// State is all that the platform hands back to the next sync. Where the wire
	// keeps a state for each table, the adapter joins them.
	State []byte
	// Message is a text for a person.
	Message string
	// Term is the platform's own word for the kind of a failure.
	Term string
	// OK reports whether a check succeeded.
	OK bool
	// Tables are tables, without what the wire adds.
	Tables []*schema.Table
	// Fields are the fields of the configuration.
	Fields []FormField
	// Field is the name of a field whose value is replaced.
	Field string
	// Value is what takes its place.
	Value connector.Secret
}

// String describes an event for a failure.
func (e *Event) String() string {
	if e == nil {
		return "none"
	}
	const shown = 300
	raw := e.Raw
	if len(raw) > shown {
		raw = raw[:shown:shown]
	}
	return fmt.Sprintf("%v %q", e.Kind, raw)
}

// A FormField is a field of the configuration as the platform shows it.
type FormField struct {
	// Name is the name of the member in the configuration.
	Name string
	// Secret reports whether the value is hidden.
	Secret bool
	// Required reports whether the field has to be filled in.
	Required bool
	// Default is the default in JSON, or empty if there is none.
	Default string
}
