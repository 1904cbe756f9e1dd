package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Connector reads one kind of source. It is a pointer to a struct: the
// struct's exported fields are its configuration, these three methods do the
// work. The value that is given to [Main] or [Run] holds the defaults; each run
// works on a copy of it with the configuration filled in, so that methods can
// read fields and keep what they need in unexported ones.
//
// A connector can do more by having further methods. Each of these interfaces
// is optional:
//
//   - [Opener] prepares a run, for instance makes a client. Without it, methods
//     find nothing but the fields.
//   - [io.Closer] cleans up after a run. Without it, nothing is cleaned up.
//   - [Validator] checks the configuration beyond what its JSON Schema says.
//     Without it, the schema's word is the last.
//   - [StateMigrator] brings states of earlier versions up to date. Without
//     it, the state's shape is version 0 and stays as it is.
//
// The methods are called one at a time, and one run calls only the ones that
// it needs.
type Connector interface {
	// Schema returns the tables of the source. It is called before every sync
	// and when a platform asks for the schema. Where it needs no configuration
	// it gets called without one, too, and before Open.
	Schema(ctx context.Context) (schema.Schema, error)

	// Test reports whether the source can be reached with the configuration.
	// Its error is shown to the person who fills in the form: it says what to
	// mend. It should take seconds.
	Test(ctx context.Context) error

	// Sync reads what is new since the state was saved and hands it to out.
	// When it returns nil, the runtime saves the state: everything has been
	// handed over. When it returns an error, what checkpoints saved before is
	// kept, and the next sync goes on from there. Once ctx is done, out refuses
	// further operations and Sync has to return.
	Sync(ctx context.Context, st state.State, out Emitter) error
}

// An Opener is a [Connector] that prepares a run. Open is called once, after
// the configuration was checked and before Schema, Test or Sync. It is left
// out for a schema that is asked for without a valid configuration. Its error
// ends the run, as an error of the method would that it goes before.
type Opener interface {
	Open(ctx context.Context) error
}

// A Validator is a [Connector] with rules for its configuration that a JSON
// Schema can't say, such as one field that requires another. Validate is
// called after the schema's rules have passed, and makes no requests. Its error
// is shown to the person who fills in the form; errors.Join reports several.
type Validator interface {
	Validate() error
}

// A StateMigrator is a [Connector] whose state has changed its shape since it
// was first released. See [state.Parse] for what migrations do.
type StateMigrator interface {
	StateMigrations() []state.Migration
}

// An Emitter takes what a sync delivers. All methods are safe for concurrent
// use. A method that returns nil has handed its operation over: what is handed
// over is delivered, in order, before any checkpoint that comes after it.
//
// Methods block while the platform reads slower than the connector writes, and
// return an error once the sync is told to end or after it has returned
// ([ErrClosed]); Sync should then return that error. Tables are named as in
// the schema, and a row is a struct, a pointer to one, a map with string keys or
// raw JSON, as package schema describes. A row that doesn't fit its table is a
// [*schema.RowError], a table that is not in the schema an error, too; nothing
// is delivered then. Rows and tables that the user does not want are dropped
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
	// change. Where the destination has no such row, nothing happens.
	Update(table string, row any) error

	// Delete deletes the row with the primary key of the given row, whose
	// other columns don't matter.
	Delete(table string, row any) error

	// Truncate deletes all rows that were delivered before. Use it at the
	// start of a table's full load where the source doesn't say what it
	// deletes.
	Truncate(table string) error

	// Checkpoint says that everything up to here may be forgotten: a sync that
	// starts from the state as it is now delivers the rest. It costs next to
	// nothing and may be called after every row: what it saves is sent to the
	// platform every so often (see [CheckpointEvery]), and at the end. St is
	// the state that Sync was given.
	Checkpoint(st state.State) error

	// Warn shows a message to the user on the platform. It is for what the user
	// can do something about; use [Logger] for the rest.
	Warn(message string) error

	// Selected reports whether the user wants the table. Asking saves
	// requests: what is not wanted is dropped in any case.
	Selected(table string) bool

	// Declare adds a table that turned up during the sync, or replaces its
	// declaration.
	Declare(table schema.Table) error

	// Scope returns an emitter whose checkpoints save the state of the named
	// tables alone. With one for each of several goroutines none can save
	// what another has not handed over yet. [Tables] does this for you.
	Scope(tables ...string) Emitter

	// finish is a checkpoint of tables that were read to their end.
	finish() error
}
