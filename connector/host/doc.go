// Package host runs connectors for data platforms. Use it to add a platform. The
// author of a connector uses package connector instead.
//
// A platform has its own format for configurations, rows and states. A host
// translates between that format and a [Run], which uses a connector for one
// request. This function is a complete host for a platform that reads lines of
// text:
//
//	package example
//
//	import (
//		"context"
//		"errors"
//		"fmt"
//		"io"
//
//		"github.com/penstock-sdk/penstock/connector"
//		"github.com/penstock-sdk/penstock/connector/host"
//	)
//
//	// Serve syncs c once and writes its rows and states to w.
//	func Serve(ctx context.Context, c connector.Connector, configuration, lastState []byte, w io.Writer) error {
//		run := host.New(ctx, c)
//		err := run.Configure(configuration)
//		if err == nil {
//			err = run.Sync(host.SyncRequest{State: lastState, WholeRows: true}, host.DestinationFunc(
//				func(op *host.Operation) (err error) {
//					switch op.Kind {
//					case host.OpUpsert, host.OpDelete:
//						_, err = fmt.Fprintf(w, "%v\t%v\t%s\n", op.Kind, op.Table, op.Row)
//					case host.OpTruncate:
//						_, err = fmt.Fprintf(w, "%v\t%v\n", op.Kind, op.Table)
//					case host.OpCheckpoint:
//						_, err = fmt.Fprintf(w, "state\t%s\n", op.State)
//					case host.OpWarning:
//						_, err = fmt.Fprintf(w, "warning\t%s\n", op.Message)
//					}
//					return err
//				}))
//		}
//		if err = errors.Join(err, run.Close()); err != nil {
//			return errors.New(run.Explain(err))
//		}
//		return nil
//	}
//
// A Run does everything that is the same for all platforms. It validates the
// configuration and fills a copy of the connector with it. It calls Open before
// the other methods and Close after them. It turns panics into errors and
// abandons a method that does not return in time. It provides the log, and it
// removes secrets from everything that leaves the run.
//
// # Configuration
//
// [Run.Form] returns the configuration as data, for platforms that show their
// own form. The form's Spec method returns it as a JSON Schema. [Run.Configure]
// accepts a JSON object. The values of the object may all be strings.
//
// # Syncs
//
// [Run.Sync] passes each [Operation] to a [Destination], one at a time, and the rows of
// tables that are synced at the same time together if it is a [BatchWriter]. A row is
// ready to be sent: it fits its table, it omits the columns that the user
// deselected, and its values have the canonical form of their column types. For
// platforms with typed values, schema.NewRowReader splits a row into cells. A destination
// whose platform cannot hold some of these rows implements [RowChecker]. Such a row then fails
// its table. An error of Write would end the sync of all tables. A destination whose platform
// cannot hold every table that is declared during a sync implements [TableChecker].
//
// An operation is delivered when Write returns nil. A checkpoint covers exactly
// the operations that were written before it, so a host must not let a state
// overtake a row. A destination that blocks slows the connector down.
//
// A sync can end early and successfully. A destination that cannot accept more
// operations returns [ErrEnough]. A host that ends a sync for another reason closes
// [SyncRequest].End. The option [TimeBudget] ends a sync after a given time.
// [Run.EndedEarly] reports that a sync has ended in this way.
//
// The run tells a connector which states were delivered, so that the connector can
// acknowledge the messages of a queue. A destination that buffers operations must
// therefore implement [Flusher]. No state is larger than [MaxState], so that a host
// can limit the size of a request.
//
// A [Selection] states which tables and columns the user wants. It is data with
// a default at each level, so it also covers tables and columns that appear
// later.
//
// A platform that stores one state per table uses [Operation.Parts]. It passes
// the parts unchanged to [Run.JoinState] before the next sync. It may store the parts of
// different tables at different times; see [StatePart].
//
// Each table begins and ends individually ([OpTableBegin], [OpTableEnd]). One
// table may fail while the others are read to the end. The sync as a whole then
// fails, and [Run.Unreported] returns the part of its error that no OpTableEnd
// has reported.
//
// # Errors
//
// Every error of a Run is a *connector.Error. Its kind determines how a platform
// should treat it:
//
//   - Configuration: the user must act.
//   - Transient: retry later.
//   - Defect: the author of the connector must act.
//   - Interrupted: the run was told to end.
//
// [Run.Explain] turns an error into a sentence for a person. A host passes its
// own errors through [Run.Classify] and other text through [Run.Redact].
//
// # Processes
//
// A host that runs as a process describes itself as a [Wire] and exports it with
// [With]. [Main] takes over standard output, signals, the log and the exit
// status, and documents what the process guarantees. [Process.NewRun] creates the
// run, and [Process.NewRunContext] the run of one of several requests.
// [Process.NewLineWriter] returns a writer for a response that consists of lines.
// [Run.Finish] ends a response. [Process.Print] writes text for people.
// [Process.NewLog] and [Process.NewPlatformLog] return the log. [ParseCommand]
// parses a command line, [Process.UsageError] reports an invalid one, and
// [ReadObject] reads the files that it names.
//
// # Readers and disks
//
// A process reports success only if everything was written, and it always ends:
//
//   - On Linux, a line of up to 4,096 bytes, with its end, is never cut in a pipe, even if
//     the process is killed, unless another process writes to the same pipe. A longer line
//     is cut if the process ends while the reader is not reading. On other systems, and in
//     sockets, lines are written one at a time once a signal has arrived, and one of them
//     may be cut.
//   - A reader that stops reading slows the sync down. If it is still not reading when a
//     signal arrives, it has until 0.2 seconds before the deadline of the wire to read
//     again. If it does, it receives all lines, with the last state and the failure.
//     Otherwise, the process ends without them, and the log says that the reader, not the
//     connector, has caused the failure.
//   - If a disk is full, a regular file is cut back to the end of its last whole line. Text
//     of other programs is not removed. If another program has extended the file in the
//     meantime, it is not cut back. The failure has the kind Transient and wraps the error
//     of the operating system, such as syscall.ENOSPC.
//   - If standard output is closed, the process ends with status 1 before it does anything.
//     See [Main].
//   - Pipes and sockets may be in non-blocking mode.
//
// Package hosttest checks that a host keeps the guarantees that every platform
// relies on.
package host
