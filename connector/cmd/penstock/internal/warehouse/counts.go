package warehouse

// Counts holds the numbers of records that a sync applied to a table.
type Counts struct {
	Upserts   int64 `json:"upserts"`
	Updates   int64 `json:"updates"`
	Deletes   int64 `json:"deletes"`
	Truncates int64 `json:"truncates"`
	// Missed is the number of updates and deletes that found no row, and MissedDeletes
	// that of the deletes.
	Missed        int64 `json:"missed"`
	MissedDeletes int64 `json:"missed_deletes"`
}

// Rows returns the number of records that hold a row. A truncate holds none.
func (c Counts) Rows() int64 { return c.Upserts + c.Updates + c.Deletes }
