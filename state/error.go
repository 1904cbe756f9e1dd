package state

import (
	"cmp"
	"strings"
)

// An Error reports that a saved state was not written by this connector. The
// state was edited, or it belongs to another connector or to another version of
// this one. The user of the connector can fix this, so the runtime reports it
// as an error in the configuration.
type Error struct {
	// Table is the name of the part, or "" if the error is about the whole
	// state.
	Table string
	// Key is the key in the part, or "" if the error is about the whole part.
	Key string
	// Problem describes the error.
	Problem string

	remedy string // what to do, or "" to reset the state
}

// Error returns a sentence that ends with what the user can do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("state: ")
	if e.Table != "" {
		b.WriteString("table " + e.Table)
		if e.Key != "" {
			b.WriteString(", key " + e.Key)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Problem + "; ")
	b.WriteString(cmp.Or(e.remedy, "this connector did not write this state: reset it to sync from the start"))
	return b.String()
}

// Configuration returns true. It classifies the error as one that the user of
// the connector must fix.
func (e *Error) Configuration() bool { return true }
