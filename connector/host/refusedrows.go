package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// RefusedRows reports rows that did not fit their table. The runtime refused
// them, but the connector ignored the errors and the sync succeeded. The rows
// are not delivered.
type RefusedRows struct {
	// Table is the table.
	Table *schema.Table
	// Count is the number of refused rows.
	Count int64
	// First is the error of the first refused row, free of secrets.
	First string
}

// String returns the message of the warning: the count, then fixed text, then
// First.
func (r RefusedRows) String() string {
	return fmt.Sprintf("%d rows were refused and are not delivered; the first: %s", r.Count, r.First)
}
