package connector

import (
	"fmt"
	"strings"
)

// A TableFailure is the error of one table.
type TableFailure struct {
	// Table is the name passed to [Tables.Add].
	Table string
	// Err is the reason for the failure.
	Err error
}

// A TablesError reports which tables of a sync failed, and why. An [*Error]
// wraps it. The kind of that Error is Configuration if any table failed with
// that kind, otherwise Defect if any table did, otherwise Transient if any table
// did, otherwise Interrupted.
type TablesError struct {
	// Total is the number of tables that were to be synced. [Tables.Sync] counts
	// a table and its followers as one.
	Total int
	// Failures lists the tables that failed, in the order in which they were
	// added.
	Failures []TableFailure
}

// Error returns a message with the name and the error of every failed table. Tables whose
// errors have the same text are listed before it, so that it occurs once.
func (e *TablesError) Error() string {
	var texts []string
	tables := map[string][]string{} // by the text of their error
	for _, f := range e.Failures {
		text := fmt.Sprint(f.Err) // a TablesError of a caller may have no error
		if tables[text] == nil {
			texts = append(texts, text)
		}
		tables[text] = append(tables[text], f.Table)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d tables failed", len(e.Failures), e.Total)
	separator := ": "
	for _, text := range texts {
		fmt.Fprintf(&b, "%s%s: %s", separator, strings.Join(tables[text], ", "), text)
		separator = "; "
	}
	return b.String()
}

// Unwrap returns the error of each failed table.
func (e *TablesError) Unwrap() []error {
	all := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		all[i] = f.Err
	}
	return all
}

// kind returns the kind of the failure that a person should act on first.
func (e *TablesError) kind() Kind {
	has := map[Kind]bool{}
	for _, f := range e.Failures {
		has[KindOf(f.Err)] = true
	}
	for _, k := range []Kind{Configuration, Defect, Transient} {
		if has[k] {
			return k
		}
	}
	return Interrupted
}
