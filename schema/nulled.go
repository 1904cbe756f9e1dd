package schema

// Nulled describes the values of a column that an [Encoder] replaced by null,
// because the table's [Unfit] is NullUnfit.
type Nulled struct {
	// Rows is the number of rows.
	Rows int
	// First is the error that the first of them would have been.
	First *RowError
}
