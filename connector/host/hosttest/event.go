package hosttest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/schema"
)

// A Kind is the kind of an event.
type Kind uint8

// The kinds of events.
const (
	// Other is an event of no other kind, such as a line of a log.
	Other Kind = iota
	// Row is an operation on a table. It sets Op, Table and Row.
	Row
	// State is a state. It sets State.
	State
	// Warning is a warning for the user. It sets Message.
	Warning
	// TableEnd reports that a table has ended or failed. It sets Table and, for
	// a failure, Message.
	TableEnd
	// Failure reports why the request could not be answered or the sync failed.
	// It sets Message and Term, and Table if the wire reports the failures of tables
	// one by one.
	Failure
	// Tables is the answer to the action [Schema], or reports tables that a sync
	// adds. It sets Tables.
	Tables
	// Fields is the answer to the action [Form]. It sets Fields.
	Fields
	// Checked is the answer to the action [Check]. It sets OK and Message.
	Checked
	// ReplacedSecret is a new value of the configuration. It sets Field and
	// Value.
	ReplacedSecret
)

var kindNames = [...]string{"other", "row", "state", "warning", "table end", "failure", "tables", "fields", "checked", "replaced secret"}

// String returns the kind in lower case, such as "table end".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// An Event is a decoded message that reached the platform. Its kind determines which
// other fields are set.
type Event struct {
	// Kind is the kind of the event. Required.
	Kind Kind
	// Raw holds the bytes of the event on the wire. Required for all kinds.
	Raw []byte
	// Op is OpUpsert, OpUpdate, OpDelete or OpTruncate.
	Op host.OperationKind
	// Table is the table's qualified name, such as "shop.orders".
	Table string
	// Row is a JSON object with values in the canonical form of package schema,
	// without anything that the wire adds. It is {} or nil for a truncate.
	Row []byte
	// State is the whole state that the platform sends with the next sync. If
	// the wire keeps a state for each table, the adapter joins them.
	State []byte
	// Message is text for a person.
	Message string
	// Term is the platform's own term for the kind of a failure.
	Term string
	// OK reports whether a check succeeded.
	OK bool
	// Tables holds tables without anything that the wire adds.
	Tables []*schema.Table
	// Fields holds the fields of the configuration.
	Fields []FormField
	// Field is the dotted name of the field whose value was replaced.
	Field string
	// Value is the new value of the field.
	Value connector.Secret
}

// String returns the kind of the event and the beginning of its bytes. A nil event
// is "none".
func (e *Event) String() string {
	if e == nil {
		return "none"
	}
	return fmt.Sprintf("%v %s", e.Kind, shorten.Quote(e.Raw, 300))
}

// A FormField is a field of the configuration, as the platform shows it.
type FormField struct {
	// Name is the name of the field in the configuration.
	Name string
	// Secret reports whether the platform hides the value.
	Secret bool
	// Required reports whether the user must fill in the field.
	Required bool
	// Default is the default as JSON, or empty if there is none.
	Default string
}
