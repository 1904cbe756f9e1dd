package schema

// A Form says how much of a row is wanted.
type Form uint8

const (
	// Full is a whole row: what it leaves out is null at the destination.
	Full Form = iota
	// Partial is the primary key and the columns that change.
	Partial
	// Keys is the primary key alone; other columns are left out.
	Keys
)
