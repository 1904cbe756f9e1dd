package schema

// A Column describes one column of a table.
type Column struct {
	// Name is the name of the column. It must be unique within its table even
	// if case is ignored. Required.
	Name string
	// Type is the type of the column. Required.
	Type Type
	// PrimaryKey marks a column of the table's primary key. Every row must have
	// the column, and its value must not be null. Optional.
	PrimaryKey bool
	// Nullable indicates that rows may have a null in the column, or may omit
	// it. It is informational: only primary keys reject null. Optional.
	Nullable bool
	// Precision and Scale are the total number of digits of a TypeDecimal
	// column and the number of digits after its decimal point. A number that
	// does not fit them is an error (see [Unfit]). Optional; by default, the
	// destination chooses both, and every number fits.
	Precision, Scale int
	// Object states that every value of a TypeJSON column is a JSON object or null,
	// so that a platform with types of its own can tell objects from lists. It is
	// informational: rows are not checked. [TableOf] sets it for structs and maps.
	// Optional.
	Object bool
	// Description explains to people what the column contains. Optional.
	Description string
}
