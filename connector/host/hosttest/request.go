package hosttest

import "github.com/penstock-sdk/penstock/connector/host"

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
