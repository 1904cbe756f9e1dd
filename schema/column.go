package schema

// A Column describes one column of a table.
type Column struct {
	// Name is the column's name, unique in its table. Required.
	Name string
	// Type is the column's type. Required.
	Type Type
	// PrimaryKey says that the column is part of the table's primary key: it
	// is in every row and never null.
	PrimaryKey bool
	// Nullable says that rows may hold a null, or leave the column out.
	// It informs; the primary key apart, nulls are accepted everywhere.
	Nullable bool
	// Precision and Scale are the number of all digits and of those after the
	// point of a TypeDecimal column. Optional: zero leaves both to the
	// destination.
	Precision, Scale int
	// Description says to a person what the column holds. Optional.
	Description string
}
