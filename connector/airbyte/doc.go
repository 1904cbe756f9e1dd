// Package airbyte makes a connector an Airbyte source. Every program that calls
// penstock.Main includes it through [Host]:
//
//	package main
//
//	import (
//		"context"
//
//		"github.com/penstock-sdk/penstock"
//		"github.com/penstock-sdk/penstock/connector"
//		"github.com/penstock-sdk/penstock/schema"
//		"github.com/penstock-sdk/penstock/state"
//	)
//
//	// Connector holds the configuration.
//	type Connector struct {
//		Greeting string `json:"greeting"`
//	}
//
//	// Word is a row of the table words.
//	type Word struct {
//		Text string `json:"text" schema:"primary_key"`
//	}
//
//	func (c *Connector) Schema(context.Context) (schema.Schema, error) {
//		return schema.New("book", schema.TableOf[Word]("words"))
//	}
//
//	func (c *Connector) Test(context.Context) error { return nil }
//
//	func (c *Connector) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
//		return out.Upsert("words", Word{c.Greeting})
//	}
//
//	func main() { penstock.Main(&Connector{Greeting: "hello"}) }
//
// If the program is named source-book, it answers "source-book spec". Under any other
// name, it answers "book airbyte spec". [Serve] answers a command line without a
// process, for tests.
//
// # Commands
//
// A command writes messages to standard output, one JSON object on each line. The log
// goes to standard error.
//
//   - spec writes a SPEC message: the form of the configuration.
//   - check --config FILE writes a CONNECTION_STATUS message: SUCCEEDED, or FAILED with
//     the reason. An invalid configuration is also reported as FAILED. The exit status
//     is 0 in both cases.
//   - discover --config FILE writes a CATALOG message: a stream for each table. The
//     configuration must be valid, even if the schema does not depend on it.
//   - read --config FILE --catalog FILE [--state FILE] writes the records and states of
//     the streams in the configured catalog.
//
// Each command also takes --debug, which sets the level of the log. A failure is a
// TRACE message of type ERROR, and the exit status is 1. For an invalid command line,
// the exit status is 2. Unknown members in the files are ignored.
//
// # Reading by hand
//
// A configured catalog lists the streams to read. Each is an object with the stream as
// discover prints it. These commands make a configured catalog with jq, read all
// streams, keep their states, and read what has changed since:
//
//	go build -o source-book .
//	./source-book discover --config config.json |
//		jq 'select(.catalog) | {streams: [.catalog.streams[] | {stream: ., sync_mode: "incremental", destination_sync_mode: "append_dedup"}]}' >catalog.json
//	./source-book read --config config.json --catalog catalog.json >messages.jsonl
//	grep '^{"type":"STATE"' messages.jsonl | paste -sd, | sed 's/.*/[&]/' >state.json
//	./source-book read --config config.json --catalog catalog.json --state state.json
//
// # Streams
//
// A stream has the name of its table. If the source has several schemas, the name of
// the schema is the namespace of the stream; otherwise, there is no namespace. The
// types of columns become:
//
//	BOOLEAN             boolean
//	SHORT, INT, LONG    integer
//	FLOAT, DOUBLE       number
//	DECIMAL             string, because Airbyte decodes a number as a float
//	NAIVE_DATE          string with the format date
//	NAIVE_DATETIME      string with the format date-time, without a time zone
//	UTC_DATETIME        string with the format date-time, with a time zone
//	BINARY              string with the content encoding base64
//	JSON                object if the column holds objects only (see
//	                    schema.Column.Object), otherwise any value
//	STRING, XML         string
//
// The records of a table with a primary key have two more columns. The integer
// _ab_cdc_cursor grows with each record, within a sync and from one sync to the next,
// so that a destination knows which record of a row is the last. It begins at the time
// of the sync in nanoseconds, so it does not grow if the clock of the machine has been
// set back by more than the time between two syncs. The time _ab_cdc_deleted_at is set
// in the record of a deleted row. Both columns are delivered even if the configured
// catalog does not list them. If it lists columns without _ab_cdc_deleted_at, the user
// receives a warning with the first deleted row, because a platform may remove the
// column, and the deleted row would then look like a row of nulls.
//
// The names of these columns are compared without regard to case. If a table itself
// declares a column with one of the names, that column is delivered, and the other one is
// not added. Deleted rows of a table with its own column _ab_cdc_deleted_at cannot be
// delivered; the user receives a warning. If a row has a column with one of the names
// that its table does not declare, the column is not delivered, and the user receives a
// warning.
//
// # Operations
//
//   - An upsert is a RECORD with the whole row. Its values are exactly those that the
//     connector delivered.
//   - A delete is a RECORD with the primary key, _ab_cdc_deleted_at and
//     _ab_cdc_cursor. A destination that does not know these columns keeps the row, and
//     its other columns become null.
//   - A partial update cannot be expressed, because a record replaces the whole row.
//     The method Update of the emitter returns an error, and TakesUpdates returns
//     false.
//   - A truncate cannot be expressed either. The user receives one warning for each
//     table, which asks for the sync mode full refresh | overwrite. In that mode, the
//     destination replaces the rows of earlier syncs, and nothing is sent. The sync
//     continues.
//   - A new value of the configuration, such as a refresh token, is a CONTROL message
//     with the whole configuration, during any command that uses the source.
//   - A table that the connector declares during a sync is not in the configured
//     catalog. Its rows are not delivered, and the user receives a warning.
//
// # States
//
// The platform keeps a state for each stream and hands all of them over with the next
// read. At each checkpoint, a stream whose state has changed or that has had records
// receives a STATE message of type STREAM, which also contains the number of these
// records. Each stream receives at least one in a sync. If records were written but the
// part of the state did not change, the state contains a member __penstock that
// makes it differ from the last one. The next read ignores this member. If a table has
// this name, underscores are appended to the name of the member.
//
// If the connector uses the shared part of the state, the STATE messages are of type
// GLOBAL instead. It uses the shared part if it has called state.State.Shared before the
// first checkpoint, or if the saved part is not empty. A connector that first calls it
// later sends states of both types in its first sync, which a platform may reject; the
// user receives a warning. PyAirbyte does not keep states of type GLOBAL; see below.
//
// The flag --state accepts a list of STATE messages, a single one, a message of type
// LEGACY, and the object that such a message holds: a whole state, as other hosts store
// it, or the state of each stream under the name of the stream. In a list, the last message of a
// stream counts. The files {}, [] and null mean a first sync. A stream without a
// state, or with the state null, is read from the start: that is how Airbyte resets a
// stream. The sync mode has no effect on what is read: in the mode full_refresh, the platform hands
// over a state only to resume a sync that failed. If the platform hands over the
// state of a stream that the catalog does not list, the connector keeps it for
// followers and for later syncs. A stream that the source no longer has is skipped
// with a warning, and its state is ignored.
//
// # Statuses
//
// All streams are STARTED at the beginning of a sync. A stream is RUNNING with its first
// record, and COMPLETE or INCOMPLETE at the end of the sync. A stream that the
// connector has not begun is complete if the sync succeeds. If a table fails, its
// stream is INCOMPLETE, a TRACE message of type ERROR names it, the other streams
// become COMPLETE with their states, and the exit status is 1. The failure types are
// config_error for errors of kind Configuration, transient_error for Transient and
// Interrupted, and system_error for Defect.
//
// A sync that a time budget ends early (host.TimeBudget) is COMPLETE for all streams,
// because the next sync resumes from its states.
//
// # PyAirbyte
//
// PyAirbyte runs a program without an image. It passes no arguments before the command,
// so the name of the program must begin with "source-":
//
//	source = airbyte.get_source("source-book", local_executable="./source-book", config={"greeting": "hello"})
//
// PyAirbyte 0.71.3 differs from the platform:
//
//   - It does not deduplicate within one read. If a read delivers two records of the
//     same key, the table has both rows. Rows of earlier reads are replaced.
//   - It replaces a table without a key by the rows of the last read. To keep the
//     earlier rows, read such tables with write_strategy="append". The strategy applies
//     to all streams of a read, so read the tables with keys separately.
//   - It keeps a deleted row. _ab_cdc_deleted_at is set, and the other columns are null.
//   - It does not keep states of type GLOBAL, so it reads everything each time.
//   - If one table fails, it discards the records and states of all.
//
// # Limits
//
// A signal ends a read, which then writes its last states. A platform that is not reading
// receives them if it reads again within 1.8 seconds. The process ends within two seconds
// and dies of the signal, even if the platform does not. On Linux, a line of up to 4,096
// bytes is never cut in a pipe. See "Readers and disks" in package host. As the first
// process of a container, it exits with 128 plus the number of the signal instead. A
// connector has 0.6 seconds to return.
//
// A file must not be larger than 128 MiB. A sync whose state grows beyond host.MaxState
// fails. States are written in one line, without a limit of their own.
//
// A field of the configuration that takes any JSON has no type in the form. A field
// that is a map has a type, but Airbyte's form cannot show its members.
package airbyte
