package state

// An OrderError reports that a source returned a value after a greater one
// although the cursor has the option [Sorted]. More such values may follow, so
// the cursor returns to where the sync started, both in the current and in the
// saved state. To fix the connector, remove the option, or the mistake in its paging
// if a page was read again.
type OrderError struct {
	// Table is the name of the table whose rows are not sorted.
	Table string
}

// Error returns a sentence that names the table and what to fix.
func (e *OrderError) Error() string {
	return "state: table " + e.Table + ": the rows are not sorted by the value of the cursor: remove the option state.Sorted; " +
		"if the source does sort them, a page was read again: check the paging of the requests"
}
