package hosttest

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
