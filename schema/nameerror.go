package schema

// A NameError reports a name that means no table.
type NameError struct {
	// Name is the name that was looked up.
	Name string
	// Ambiguous says that several tables have the name. Otherwise none has it.
	Ambiguous bool

	text string
}

// Error returns a sentence that names tables that there are, by names that can
// be looked up, and for an ambiguous name the tables that have it:
//
//	table "ordres" is not in the schema, which has orders, carts
func (e *NameError) Error() string { return e.text }
