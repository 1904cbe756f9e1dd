// Package connector runs data connectors: programs that read a source and
// deliver its tables, incrementally, to a data platform.
//
// A connector is a struct. Its exported fields are its configuration, three
// methods make it a [Connector], and [Main] makes that a program:
//
//	type Connector struct {
//		APIKey  connector.Secret `json:"api_key" jsonschema:"title=API key"`
//		BaseURL string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
//	}
//
//	func (c *Connector) Schema(ctx context.Context) (schema.Schema, error)
//	func (c *Connector) Test(ctx context.Context) error
//	func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error
//
//	func main() { connector.Main(&Connector{}) }
//
// Sync reads where the last sync got to from a [state.State], iterates over
// the source, and hands rows to an [Emitter]. Rows are structs, maps or raw
// JSON; package schema says which fit. The package's example is a whole
// connector.
//
// # The protocol
//
// A platform starts the program, writes one JSON object to its standard input
// and reads lines of JSON from its standard output. All fields of the request
// are optional:
//
//	secrets           the configuration, see [Configure]
//	state             the State of the last sync's last checkpoint
//	selection.action  "schema", "test", "spec" or "sync", the default
//	selection.tables  what to deliver, see [ParseSelection]
//
// The answer to "schema" is a line with the tables, to "test" a line with a
// status and a message, to "spec" a line with the JSON Schema of the
// configuration (see [Spec]). A sync answers with lines as they happen:
//
//	{"type":"RECORD","record":{"shop":{"orders":{"id":1,"total":"19.90"}}}}
//	{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:05Z"}}}
//	{"type":"LOG","log":{"level":"WARNING","message":"…"}}
//
// A RECORD is an upsert, unless it has "op", which is "UPDATE", "DELETE" or
// "TRUNCATE". The last line of a sync that succeeded is a STATE. Whatever goes
// wrong, with the request or with the run, the last line is a LOG of level
// SEVERE that says what, and the exit status is 1. Lines are always whole.
//
// # Checkpoints
//
// A STATE promises that every row it covers stands on a line before it: a sync
// that starts from the last STATE that arrived delivers everything that is
// missing, however the one before it died. For this a connector has to follow
// one rule: first hand a row over, then advance the cursor. The runtime does
// the rest. [Emitter.Checkpoint] may be called after every row, for it costs
// next to nothing; a STATE is sent every so often ([CheckpointEvery]), and at
// the end. A sync that returns nil needs no checkpoint of its own.
//
// With several goroutines, the state of one table must not be saved by a
// checkpoint of another. [Tables] sees to that, and lets one table fail
// without the others; see also [Emitter.Scope].
//
// # Back pressure and cancellation
//
// An Emitter holds no more than some hundred kilobytes of lines. When the
// platform reads slowly, its methods block; when the platform closes the pipe,
// or the process is told to end, they return an error, and so the sync ends.
// Its last state is sent even then.
//
// # Errors
//
// Every error of a run is an [*Error] and has a [Kind]: the user can mend it,
// it passes by itself, or the connector is at fault. [KindOf] finds the kind of
// any error; a connector returns an *Error of its own to decide it. A panic of
// a connector becomes an error, too, with its stack in the log; but not one in
// a goroutine that the connector has started by itself.
//
// # Secrets
//
// A field of type [Secret] can't be printed, logged or marshalled by accident.
// Its value is removed from everything that a run writes, in plain text and in
// the usual encodings: from logs, errors and warnings; from rows, where a
// warning says so; and a state that would hold it is refused. Secrets of less
// than four bytes are removed where they stand as a word of their own, and
// those of less than eight are not looked for in rows and states.
//
// # Tests and other hosts
//
// [Run] is Main with a reader and a writer; [Sync] runs one sync in process and
// hands its [Operation] values to a [Destination]. Package connectortest builds
// on these.
package connector
