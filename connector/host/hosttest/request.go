package hosttest

import (
	"github.com/penstock-sdk/penstock/connector/host"
)

// A Request is one request from a platform.
type Request struct {
	// Action is the requested action.
	Action Action
	// Configuration is a JSON object, or nil if the platform sends none.
	Configuration []byte
	// State is the state of an event of the previous sync, or nil for the first
	// sync.
	State []byte
	// Selection holds the tables and columns that the user wants. If the wire
	// cannot express a default for tables or columns that a selection does not
	// name, the adapter lists them all. It gets them from the connector's Schema
	// method.
	Selection host.Selection
	// Stuck reports that take may block until Serve has returned, so that Serve
	// must not wait for it.
	Stuck bool
}

// An Action is the kind of a request.
type Action uint8

// The actions.
const (
	// Sync requests the rows that changed since the state was saved.
	Sync Action = iota
	// Form requests the fields of the configuration.
	Form
	// Check requests a check of the connection to the source.
	Check
	// Schema requests the tables.
	Schema
)
