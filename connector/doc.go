// Package connector is what the author of a data connector needs: a connector
// is a program that reads a source and delivers its tables, incrementally, to a
// data platform.
//
// A connector is a struct. Its exported fields are its configuration, and three
// methods make it a [Connector]:
//
//	type Connector struct {
//		APIKey  connector.Secret `json:"api_key"  jsonschema:"title=API key"`
//		BaseURL string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
//	}
//
//	func (c *Connector) Schema(ctx context.Context) (schema.Schema, error)
//	func (c *Connector) Test(ctx context.Context) error
//	func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error
//
//	func main() { penstock.Main(&Connector{}) }
//
// Sync reads where the last sync ended from a [state.State], iterates over the
// source, and hands rows to an [Emitter]. Rows are structs, maps or raw JSON;
// package schema says which fit. The package's example is a whole connector.
//
// The package knows neither platforms nor processes. The main function calls
// penstock.Main, tests use package connectortest, and platforms of all kinds
// run connectors by package host.
//
// # Configuration
//
// The names of fields come from json tags. What a person reads, and the rules
// for values, come from jsonschema tags; package host/config has the details. A
// field that is not configuration is unexported or tagged `json:"-"`. A key, a
// password or a token is a [Secret].
//
// # Checkpoints
//
// A checkpoint promises that every row it covers was handed over before it: a
// sync that starts from the last state that arrived delivers everything that is
// missing, however the previous sync died. For this a connector has to follow
// one rule: first hand a row over, then advance the cursor. The runtime does
// the rest. [Emitter.Checkpoint] may be called after every row, because it costs
// next to nothing. A sync that returns nil needs no checkpoint of its own.
//
// With several goroutines, the state of one table must not be saved by a
// checkpoint of another. [Tables] takes care of that, and lets one table fail
// without the others; see also [Emitter.Scope].
//
// # Back pressure and cancellation
//
// An Emitter holds no more than some hundred kilobytes of rows. When the
// platform reads slowly, its methods block. When the platform goes away, or the
// sync is told to end, they return an error, and the sync ends. Its last state
// is delivered even then.
//
// # Errors
//
// Every error of a run has a [Kind]: the user can fix it, it passes by itself,
// or the connector is at fault. [KindOf] finds the kind of any error, and a
// connector returns an [*Error] to decide it. A panic in a method becomes an
// error, with its stack in the log. A panic in a goroutine that the connector
// has started itself cannot be caught: it ends the process.
//
// # Secrets
//
// A field of type [Secret] cannot be printed, logged or marshalled by accident.
// Its value is removed from everything that a run writes, in plain text and in
// the usual encodings: from logs, errors and warnings; from rows, where a
// warning says so; and a state that holds it is refused. Secrets of less than
// four bytes are removed where they stand as a word of their own, and those of
// less than eight are not looked for in rows and states. [Hide] does the same
// for a secret that is found at run time.
package connector
