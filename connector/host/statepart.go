package host

import "github.com/penstock-sdk/penstock/schema"

// A StatePart is the part of a state that belongs to one table, or the shared
// part, which belongs to no table.
//
// A platform may store the part of a table as soon as it has stored the rows of the
// table that it received before the part. It need not wait for other tables. If a sync
// is interrupted, it may therefore keep the parts of different checkpoints. It must not
// store a part before these rows. If it deletes the rows of a table, it must also delete
// the part. [Run.JoinState] documents what a platform can rely on if it follows these
// rules.
//
// The shared part concerns all tables. Store it only when all rows that were received
// before it have been stored.
type StatePart struct {
	// Table is the table, or nil for the shared part.
	Table *schema.Table
	// State is a state that contains only this part, as one JSON object on one
	// line. Store it unchanged and pass it to [Run.JoinState] before the next
	// sync. It is {} if the part is empty. If the table follows another one, it
	// contains a copy of that table's position.
	State []byte
	// Selected reports whether the user has selected the table. A table that is
	// not selected keeps its previous state. Selected is true for the shared
	// part.
	Selected bool
	// Used reports whether the connector has asked for the shared part in this sync. A
	// later checkpoint may then fill a part that is still empty. Used is false for the
	// part of a table.
	Used bool
	// Changed reports whether the part differs from the previous checkpoint
	// that the destination received. It is true for every part of the first
	// checkpoint of a sync. If the position of a table changes, the parts of its
	// followers change, too, even if they had no rows.
	Changed bool
}
