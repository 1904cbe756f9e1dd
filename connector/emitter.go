package connector

import "github.com/penstock-sdk/penstock/schema"

// An Emitter accepts the rows that a sync delivers. All methods are safe for
// concurrent use.
//
// If a method returns nil, its operation has been accepted and will be
// delivered in order, before any later checkpoint. A method blocks while the
// platform reads more slowly than the connector writes. It returns an error
// once the sync is told to end. Sync should return that error.
//
// Sync must wait for its goroutines. If one of them calls a method after Sync
// has returned, the method returns [ErrClosed], and the sync fails with an error
// of kind [Defect], unless it was told to end.
//
// A table is named as in the schema. A row is a struct, a pointer to a struct,
// a map with string keys, raw JSON or a [*schema.Row], as package schema
// describes. If a row does not fit its table, the method returns a
// [*schema.RowError] and delivers nothing. If the platform cannot hold a row that
// fits, the method also returns an error and delivers nothing, and the table fails
// even if the connector ignores the error. An unknown table is also an error. If a sync
// succeeds although the connector has ignored errors of rows, the user receives a warning.
// Operations on tables that the user has not selected are dropped without an
// error, and so are the values of deselected columns, except those of the
// primary key. A method does not retain the row after it returns.
//
// Do not implement Emitter in other packages: it may gain methods.
type Emitter interface {
	// Upsert delivers a whole row. The row replaces the row with the same
	// primary key, and omitted columns become null. If the table has no primary
	// key, the row is appended.
	Upsert(table string, row any) error

	// Update delivers a partial row: the primary key and the columns that
	// change. It has no effect if the destination has no row with that key. If
	// the platform does not accept partial rows, Update returns an error that
	// names the table. Call TakesUpdates to find out in advance.
	Update(table string, row any) error

	// Delete deletes the row that has the same primary key as row. The other
	// columns of row are ignored. It has no effect if the destination has no
	// row with that key, and it does not delete rows of other tables that
	// refer to the row.
	Delete(table string, row any) error

	// Truncate deletes all rows of the table that were delivered earlier. Use
	// it at the start of a full load of a table if the source does not report
	// deletions. If the state has a position of the table, delete the position
	// first (see the method Delete of state.Part): the state of a checkpoint of
	// another table, which may be sent between the two calls, must not have it.
	// The state without the position is then sent before the rows are deleted. A
	// deletion that follows is saved at once, until the next checkpoint of the table.
	Truncate(table string) error

	// Checkpoint saves the current state. A sync that starts from it must
	// deliver everything that has not been delivered before this call.
	// Checkpoint is cheap and may be called after every row, because the state
	// is sent to the platform only at intervals and at the end of the sync. If it
	// returns nil, the state has been saved but not necessarily sent; see
	// [OnDelivered].
	Checkpoint() error

	// Warn shows a message to the user of the platform. Use it for problems
	// that the user can act on, and [Logger] for everything else.
	Warn(message string) error

	// Selected reports whether the user has selected the table or a table that
	// follows it (see [schema.Table.Following]). Use it to avoid requests for
	// rows that would be dropped. [Tables] calls it for you. Selected returns
	// true for an unknown table, so that the first operation on the table
	// returns an error.
	Selected(table string) bool

	// SelectedColumns returns the names of the declared columns of a table that
	// the user has selected, in the order of their declaration. The columns of
	// the primary key are always among them. If the table is not selected, the
	// result is empty. An unknown table is an error.
	//
	// Use it to request only these columns, as in the SELECT of a query, and
	// deliver the rows with a [schema.Row]. Columns that the table does not
	// declare are not listed, although they may be selected. A column that the
	// connector needs itself, such as that of the cursor, may have been
	// deselected: request it all the same.
	SelectedColumns(table string) ([]string, error)

	// TakesUpdates reports whether the platform accepts partial rows. If it
	// does not, deliver whole rows with Upsert instead of calling Update.
	TakesUpdates() bool

	// Declare adds a table that was discovered during the sync, or replaces the
	// declaration of a table. If the table does not name a schema, it belongs to
	// the source's only schema. If the source has several schemas, omitting the
	// name is an error.
	//
	// If the platform cannot hold the table, Declare returns an error and changes
	// nothing. Operations on the table then return the same error, and the tables
	// that are synced with it fail, even if the connector ignores the errors.
	Declare(table schema.Table) error

	// Scope returns an emitter whose checkpoints save only the state of the
	// named tables. A name that no table has is an error at the next checkpoint,
	// or at the end of the sync. If each goroutine of a connector uses its own
	// scope, no goroutine can save a position whose rows another has yet to
	// deliver. [Tables] does this for you.
	Scope(tables ...string) Emitter

	// SyncTables calls sync with an emitter whose checkpoints save only the
	// state of the named tables and of the tables that follow them. It reports
	// to the platform when these tables begin and end. [Tables] calls it for
	// you.
	//
	// If sync returns nil, the state of the tables is saved. If sync returns an
	// error or panics, the tables have failed: their state stays as it was at
	// their last checkpoint, and neither a later checkpoint nor another call
	// for these tables saves more of it in this sync. The failure is reported
	// to the platform, and the next sync delivers their missing rows.
	// SyncTables returns an error that wraps the one from sync. The emitter is
	// closed when sync returns.
	//
	// At least one table must be named. A name that no table has when sync
	// returns is an error. So is a follower without the table that it follows.
	// It is an error to call SyncTables while another call with the same first
	// table is running. Calls may share the other tables. If the connector's
	// Sync calls SyncTables in goroutines, Sync must wait for them before it
	// returns. The function must wait for its own goroutines: an operation on
	// its emitter after it has returned is refused, and the sync fails with an
	// error of kind Defect.
	SyncTables(sync func(out Emitter) error, tables ...string) error
}
