package connector

import "github.com/penstock-sdk/penstock/schema"

// An Emitter takes what a sync delivers. All methods are safe for concurrent
// use. A method that returns nil has handed its operation over: it is
// delivered, in order, before any checkpoint that comes after it.
//
// Methods block while the platform reads slower than the connector writes. They
// return an error once the sync is told to end or after it has returned
// ([ErrClosed]); Sync should then return that error. Tables are named as in
// the schema, and a row is a struct, a pointer to one, a map with string keys or
// raw JSON, as package schema describes. A row that does not fit its table is a
// [*schema.RowError], and an unknown table is an error, too; nothing is
// delivered then. Rows and tables that the user does not want are dropped
// without an error. The row is the caller's again when a method returns.
//
// The interface is for calling, not for implementing elsewhere: it may gain
// methods.
type Emitter interface {
	// Upsert delivers a whole row: it replaces the one with the same primary
	// key, and columns that it leaves out become null. In a table without
	// primary key it is appended.
	Upsert(table string, row any) error

	// Update delivers a part of a row: the primary key and the columns that
	// change. Where the destination has no such row, nothing happens. A
	// platform that cannot take partial rows makes it an error that names the
	// table; TakesUpdates tells in advance.
	Update(table string, row any) error

	// Delete deletes the row with the primary key of the given row, whose
	// other columns do not matter.
	Delete(table string, row any) error

	// Truncate deletes all rows that were delivered before. Use it at the
	// start of a table's full load where the source does not say what it
	// deletes.
	Truncate(table string) error

	// Checkpoint says that everything so far may be forgotten: a sync that
	// starts from the state as it is now delivers the rest. It costs next to
	// nothing and may be called after every row: hosts send the state to the
	// platform at intervals, and at the end.
	Checkpoint() error

	// Warn shows a message to the user on the platform. Use it for what the
	// user can do something about, and [Logger] for the rest.
	Warn(message string) error

	// Selected reports whether the user wants the table. Asking saves
	// requests; the rows of other tables are dropped in any case.
	Selected(table string) bool

	// TakesUpdates reports whether the platform takes partial rows. If not,
	// deliver whole rows by Upsert instead of calling Update.
	TakesUpdates() bool

	// Declare adds a table that turned up during the sync, or replaces its
	// declaration. A table without a schema's name belongs to the source's
	// schema; if the source has several, leaving the name out is an error.
	Declare(table schema.Table) error

	// Scope returns an emitter whose checkpoints save the state of the named
	// tables only. With one for each of several goroutines, none can save
	// what another has not handed over yet. [Tables] does this for you.
	Scope(tables ...string) Emitter

	// SyncTables calls sync with an emitter whose checkpoints save the state of
	// the named tables only, and tells the platform that these begin and end.
	// When sync returns nil, their state is saved. When it returns an error or
	// panics, the state stays where the last checkpoint left it, whatever later
	// checkpoints and further calls for these tables say, and the platform
	// learns that they failed: their rows come again in the next sync. The
	// emitter is closed when sync returns. The error wraps that of sync. The
	// first table is synced once at a time, while further ones may come with
	// several. Sync has to wait for such calls that it makes in goroutines.
	// [Tables] does all this for you.
	SyncTables(sync func(out Emitter) error, tables ...string) error
}
