package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Connector reads one kind of source. It is a pointer to a struct: the
// struct's exported fields are its configuration, and these three methods do
// the work. The value that main passes on holds the defaults. Each run works on
// a copy of it with the configuration filled in, so that methods can read
// fields and keep what they need in unexported ones.
//
// A connector may implement further methods. Each of these interfaces is
// optional:
//
//   - [Opener] prepares a run, for instance makes a client. Without it, methods
//     find only the fields.
//   - [io.Closer] cleans up after a run. Without it, nothing is cleaned up.
//   - [Validator] checks the configuration beyond its JSON Schema. Without it,
//     the schema decides alone.
//   - [StateMigrator] brings states of earlier versions up to date. Without
//     it, the state has version 0 and stays as it is.
//
// The methods are called one at a time, and a run calls only those it needs.
type Connector interface {
	// Schema returns the tables of the source. It is called before every sync
	// and when a platform asks for the schema. Without a valid configuration it
	// is called, too, and before Open, because many schemas need none.
	Schema(ctx context.Context) (schema.Schema, error)

	// Test reports whether the source can be reached with the configuration.
	// Its error is shown to the person who fills in the form and says what to
	// fix. It should take seconds: after 20 seconds its context ends.
	Test(ctx context.Context) error

	// Sync reads what is new since the state was saved and hands it to out.
	// When it returns nil, the runtime saves the state: everything has been
	// handed over. When it returns an error, the state of the last checkpoint
	// is kept, and the next sync continues from there. Once ctx is done, out
	// refuses further operations and Sync has to return.
	Sync(ctx context.Context, st state.State, out Emitter) error
}

// An Opener is a [Connector] that prepares a run. Open is called once, after
// the configuration was checked and before Schema, Test or Sync. It is not
// called for a schema without a valid configuration. Its error ends the run,
// just as an error from Schema, Test or Sync would.
type Opener interface {
	Open(ctx context.Context) error
}

// A Validator is a [Connector] with rules for its configuration that a JSON
// Schema cannot express, such as one field that requires another. Validate is
// called after the schema's rules have passed, and makes no requests. Its error
// is shown to the person who fills in the form; errors.Join reports several.
type Validator interface {
	Validate() error
}

// A StateMigrator is a [Connector] whose state has changed its shape since its
// first release. See [state.Parse] for what migrations do.
type StateMigrator interface {
	StateMigrations() []state.Migration
}
