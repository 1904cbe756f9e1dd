package state

// An OrderError says that a source whose cursor is [Sorted] delivered a value
// after a greater one. Nobody knows what else is still to come, so the cursor
// is put back to where the sync found it, in what is saved too. The connector
// has to drop the option.
type OrderError struct {
	// Table is the table whose source is not sorted.
	Table string
}

// Error names the table and the way out.
func (e *OrderError) Error() string {
	return "state: table " + e.Table + ": the source is not sorted by its cursor, as state.Sorted promised: drop the option"
}
