package warehouse

// Counts is what a sync did to a table.
type Counts struct {
	Upserts   int64 `json:"upserts"`
	Updates   int64 `json:"updates"`
	Deletes   int64 `json:"deletes"`
	Truncates int64 `json:"truncates"`
	// Missed is how many updates and deletes found no row.
	Missed int64 `json:"missed"`
}

// Rows is how many records there were.
func (c Counts) Rows() int64 { return c.Upserts + c.Updates + c.Deletes + c.Truncates }
