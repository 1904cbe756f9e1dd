package hosttest

import (
	"context"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// An Adapter describes a host under test: how to start it, and what its wire can
// express. Every host must answer the actions Check, Schema and Sync. All other
// abilities are optional, and their zero value means that the wire lacks them.
type Adapter struct {
	// Serve starts the host in process and lets it answer one request with a
	// copy of c. It decodes everything that reaches the platform into events,
	// and calls take with each event, in order and from one goroutine. Required.
	//
	// The function take acts as the platform. While take blocks, the host must
	// block, too: Serve must not add a buffer that the wire does not have in
	// production. If take returns an error, the platform has disconnected.
	// Serve then closes the connection and does not call take again. The
	// function take owns the event and its bytes.
	//
	// Serve returns after the host has ended and take has returned for the last
	// event. If req.Stuck is set, it returns as soon as the host has ended. It
	// returns the error of the host's own function, a *connector.Error. The
	// error is nil if the request was answered, even if the answer is that a
	// check of the connection failed. Serve also returns an error if it cannot
	// decode the output of the host.
	//
	// When ctx is done, the host must end, as after a signal. The platform
	// continues to read. Apply opts after the adapter's own options, so that
	// opts take precedence.
	Serve func(ctx context.Context, c connector.Connector, req Request, take func(*Event) error, opts ...host.Option) error

	// Form reports whether the wire describes the configuration.
	Form bool
	// Updates reports whether the wire can express an update of some columns
	// of a row.
	Updates bool
	// Truncates reports whether the wire can express the truncation of a table.
	Truncates bool
	// Warnings reports whether the wire carries warnings for the user.
	Warnings bool
	// TableEnds reports whether the wire reports that a table has ended or
	// failed.
	TableEnds bool
	// NewTables reports whether the rows of a table that is declared during a
	// sync reach the platform.
	NewTables bool
	// NewColumns reports whether the values of columns that no table declares
	// reach the platform.
	NewColumns bool
	// OnlyNamed reports whether a selection of the wire can deselect the tables
	// and columns that it does not name.
	OnlyNamed bool
	// UnconfiguredSchema reports whether the wire answers the action [Schema] even if
	// the configuration is missing or not valid. The connector's Schema must not need
	// the configuration then.
	UnconfiguredSchema bool
	// TextValues reports whether all values of a configuration reach the host as text, so
	// that the host cannot know that a value was not text. The adapter converts them.
	TextValues bool
	// ReplacedSecrets reports whether the platform stores new values of the
	// configuration.
	ReplacedSecrets bool

	// Terms maps kinds of failures to the platform's own terms, as in the Term
	// of an event. Optional; by default, failures have no terms.
	Terms map[connector.Kind]string
	// Column returns a declared column in the form in which it arrives, without
	// the properties that the wire cannot express. Optional; by default, columns
	// arrive unchanged.
	Column func(schema.Column) schema.Column
	// Comparable returns the bytes of an event without parts that differ
	// between two runs with the same input, such as the time. Optional; by
	// default, all bytes are compared.
	Comparable func(raw []byte) []byte
}
