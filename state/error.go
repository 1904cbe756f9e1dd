package state

import (
	"cmp"
	"strings"
)

// An Error says that a stored state is not one that this connector wrote: it
// was edited, belongs to another connector, or to another version of this one.
// Whoever runs the connector can mend it, so the runtime reports it as a fault
// of the configuration.
type Error struct {
	// Table is the part's name, or "" where the state as a whole is at fault.
	Table string
	// Key is the key in the part, or "".
	Key string
	// Problem says what is wrong.
	Problem string

	remedy string // what to do, where that is not a reset alone
}

// Error returns a sentence that ends in what to do.
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
	b.WriteString(cmp.Or(e.remedy, "this is not a state that this connector wrote: reset it to sync from the start"))
	return b.String()
}

// Configuration reports true: the user of the connector has to act.
func (e *Error) Configuration() bool { return true }
