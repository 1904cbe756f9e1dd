package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Connector reads one kind of source. It must be a pointer to a struct. The
// exported fields of the struct are its configuration, and these three methods
// do the work.
//
// The value passed to penstock.Main holds the defaults of the configuration.
// Each run uses a copy of it, filled with the configuration. The methods may
// read its fields and may keep data in its unexported fields.
//
// A connector may implement further methods. Each of these interfaces is
// optional:
//
//   - [Opener] prepares a run, for example by creating a client. Without it,
//     the other methods find only the configuration.
//   - [io.Closer] cleans up after a run. Without it, nothing is cleaned up.
//   - [Validator] checks the configuration beyond its JSON Schema. Without it,
//     the JSON Schema alone decides.
//   - [StateMigrator] converts the states of earlier versions. Without it, the
//     state has version 0 and is used as it is.
//
// The methods are called one at a time, and a run calls only those it needs.
type Connector interface {
	// Schema returns the tables of the source. It is called before every sync
	// and when a platform requests the schema. If the configuration is not
	// valid, Schema is called without a preceding Open, because many connectors
	// can describe their tables without a configuration.
	Schema(ctx context.Context) (schema.Schema, error)

	// Test reports whether the source can be reached with the configuration.
	// Its error is shown to the person who fills in the configuration and should
	// say what to fix. Test should return within seconds. Its context expires
	// after 20 seconds. If no connection to the source could be made, the error is
	// reported with the kind Configuration, because the address is probably wrong.
	// To choose another kind, return an *Error.
	Test(ctx context.Context) error

	// Sync reads what is new since st was saved and delivers it to out.
	//
	// Returning nil means that everything has been delivered, so the runtime
	// saves the state. If Sync returns an error, the state of the last
	// checkpoint is kept and the next sync continues from there. Once ctx is
	// done, out refuses further operations and Sync must return.
	//
	// Sync must wait for the goroutines that it starts; see [Go]. It need not
	// come to an end by itself: a sync that reads a queue may run until ctx is
	// done. If ctx is done because the time budget of the sync is used up, the
	// sync succeeds with the state of the last checkpoint, and the error that
	// Sync returns for that reason is ignored.
	Sync(ctx context.Context, st state.State, out Emitter) error
}

// An Opener is a [Connector] that prepares a run. Open is called once, after
// the configuration has been validated and before Schema, Test or Sync. It is
// not called if Schema is called without a valid configuration. Its error ends
// the run, just as an error from Schema, Test or Sync would.
type Opener interface {
	Open(ctx context.Context) error
}

// A Validator is a [Connector] with rules for its configuration that a JSON
// Schema cannot express, such as a field that requires another field. Validate
// is called once the configuration satisfies the JSON Schema. It must not make
// requests. Its error is shown to the person who fills in the configuration.
// Use errors.Join to report several errors.
type Validator interface {
	Validate() error
}

// A StateMigrator is a [Connector] whose state has changed its structure since
// the first release. StateMigrations returns the migrations from oldest to
// newest. See [state.Parse] for how they are applied.
type StateMigrator interface {
	StateMigrations() []state.Migration
}
