package schema

// A Form selects which columns of a row are encoded.
type Form uint8

const (
	// Full is a whole row. A column that it omits is null at the destination.
	Full Form = iota
	// Partial is an update: the primary key and the columns that change. A
	// column that it omits keeps its value at the destination.
	Partial
	// Keys is the primary key only. Other columns are omitted.
	Keys
)
