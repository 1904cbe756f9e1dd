package schema

// A NameError reports that a name does not identify a table.
type NameError struct {
	// Name is the name that was looked up.
	Name string
	// Ambiguous is true if several tables have the name, and false if no table
	// has it.
	Ambiguous bool

	text string
}

// Error returns a sentence that lists up to ten tables of the schema by names
// that can be looked up. If the name is ambiguous, it also lists the tables
// that have the name. For example:
//
//	table "ordres" is not in the schema, which has orders, carts
func (e *NameError) Error() string { return e.text }
