package hosttest

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
