// Package host is for those who add a platform: it runs a connector as
// platforms need it, so that a host has only its platform's format to write.
// Authors of connectors need package connector instead.
//
// A [Run] is a connector at work for one request. It has what every host would
// otherwise write again: a validated copy of the connector, Open and Close
// around its methods, panics turned into errors, limits for methods that do not
// end, a log, and no secret in anything that comes out:
//
//	run := host.New(ctx, c)
//	defer run.Close()
//	if _, err := run.Configure(configuration); err != nil {
//		return errors.New(run.Explain(err))
//	}
//	return run.Sync(host.SyncRequest{State: lastState}, destination)
//
// The package's example is a whole host.
//
// # Configuration
//
// [Run.Form] gives the configuration as data, for platforms that show a form of
// their own, and its Spec as a JSON Schema. [Run.Configure] takes a JSON object
// whose values may all be text.
//
// # Syncs
//
// [Run.Sync] hands each [Operation] to a [Destination], one at a time. Rows are
// ready to be sent: they fit their table, lack what the user deselected, and
// have one form for each type of column. schema.NewRowReader takes them apart for
// platforms with typed values.
//
// An operation is handed over when Write returns nil. A checkpoint covers
// exactly what was written before it, so a host must not let a state overtake a
// row. A destination that blocks slows the connector down. One that has had
// enough returns [ErrEnough].
//
// What the user wants is a [Selection]: data with a default on each level, so
// that tables and columns that appear later are decided as well.
//
// A platform that keeps one state per table takes [Operation.Parts] and gives
// them back through [Run.JoinState], as they are.
//
// Tables begin and end one by one ([OpTableBegin], [OpTableEnd]). One may fail
// while the others are read to their end; the sync then fails as a whole, and
// [Run.Unreported] is what the ends of tables have not told.
//
// # Errors
//
// Every error of a Run is a *connector.Error with a kind, which each platform
// has its own terms for:
//
//   - Configuration: the user has to act;
//   - Transient: try again later;
//   - Defect: the connector's author has to act;
//   - Interrupted: the run was told to end.
//
// [Run.Explain] turns an error into a sentence for a person. Errors that a host
// adds go through [Run.Classify], and other text through [Run.Redact].
//
// # Processes
//
// A host that is a process describes itself as a [Wire], and exports it by
// [With]. [Main] then takes over standard output, signals, the log and the exit
// status; see there for what the process guarantees. [Process.NewRun] makes the
// run, and [Process.NewLineWriter] writes an answer that consists of lines and
// does not wait for a reader for ever.
//
// Package hosttest checks that a host keeps what every platform is promised.
package host
