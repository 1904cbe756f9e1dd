package warehouse

// Counts holds the numbers of records that a sync applied to a table.
type Counts struct {
	Upserts   int64 `json:"upserts"`
	Updates   int64 `json:"updates"`
	Deletes   int64 `json:"deletes"`
	Truncates int64 `json:"truncates"`
	// Missed is the number of updates and deletes that found no row.
	Missed int64 `json:"missed"`
}

// Rows returns the number of records of all kinds.
func (c Counts) Rows() int64 { return c.Upserts + c.Updates + c.Deletes + c.Truncates }
