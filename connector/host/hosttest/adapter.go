package hosttest

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// An Adapter is a host under test: how it is started, and what its wire can say.
// Every host answers requests to check the connection, for the schema and for a
// sync. The zero value of each ability says that the wire lacks it.
type Adapter struct {
	// Serve starts the host in process, lets it answer one request with a copy
	// of c, and calls take with each event that reaches the platform, decoded
	// and in order, from one goroutine. Required.
	//
	// take is the platform. It may block: the host must feel that, through no
	// larger buffer than the wire has in use. Its error says that the platform
	// goes away: Serve closes the connection and does not call take again. The
	// event and its bytes belong to take.
	//
	// Serve returns once the host has ended and take has returned for the last
	// event, or, if req.Stuck is set, as soon as the host has ended. It returns
	// what the host's own function returned, a *connector.Error, or nil if the
	// request was answered, which includes a test that failed. What cannot be
	// decoded is an error, too.
	//
	// ctx is what tells the host to end, as a signal does. It does not stop the
	// platform, which goes on to read. The options come last, so that they win
	// over the adapter's own.
	Serve func(ctx context.Context, c connector.Connector, req Request, take func(*Event) error, opts ...host.Option) error

	// Form reports whether the wire describes the configuration.
	Form bool
	// Updates reports whether the wire takes a part of a row.
	Updates bool
	// Truncates reports whether the wire can say that a table begins anew.
	Truncates bool
	// Warnings reports whether warnings reach the user through the wire.
	Warnings bool
	// TableEnds reports whether the wire says that a table has ended or failed.
	TableEnds bool
	// NewTables reports whether the rows of a table that is declared during a
	// sync reach the platform.
	NewTables bool
	// NewColumns reports whether the values of columns that no table declares
	// reach the platform.
	NewColumns bool
	// OnlyNamed reports whether a selection of the wire can leave out tables and
	// columns that it does not name.
	OnlyNamed bool
	// ReplacedSecrets reports whether the platform stores new values of the
	// configuration.
	ReplacedSecrets bool

	// Terms are the platform's own words for the kinds of failures, as in an
	// event's Term. Optional: the default is that it has none.
	Terms map[connector.Kind]string
	// Column returns what is left of a declared column once it has crossed the
	// wire. Optional: the default is that everything is.
	Column func(schema.Column) schema.Column
	// Comparable returns an event's bytes without what differs between two runs
	// with the same input, such as the time. Optional: the default is that
	// nothing does.
	Comparable func(raw []byte) []byte
}

// An Action is what a platform asks for.
type Action uint8

// The actions.
const (
	// Sync asks for what is new.
	Sync Action = iota
	// Form asks for the fields of the configuration.
	Form
	// Check asks whether the source can be reached.
	Check
	// Schema asks for the tables.
	Schema
)

// A Request is one request of a platform.
type Request struct {
	// Action is what it asks for.
	Action Action
	// Configuration is a JSON object, or nil for none.
	Configuration []byte
	// State is the State of an event of an earlier sync, or nil for a first one.
	State []byte
	// Selection is what the user wants. Where the wire has no words for it, the
	// adapter spells it out, with the tables that the connector's Schema returns.
	Selection host.Selection
	// Stuck says that take may not return before Serve does.
	Stuck bool
}

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
