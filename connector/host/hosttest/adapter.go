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
