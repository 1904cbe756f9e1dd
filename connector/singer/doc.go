// Package singer makes a connector a Singer tap, for Meltano and for the programs that
// read Singer messages, which are called targets. A connector needs no code for it:
// penstock.Main includes [Host].
//
// # Example
//
// This is a complete tap, without a line about Singer:
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
//	type Bell struct {
//		ID   int64  `json:"id" schema:"primary_key"`
//		Tone string `json:"tone"`
//	}
//
//	type Connector struct {
//		Tower string `json:"tower" jsonschema:"title=Tower"`
//	}
//
//	func (c *Connector) Schema(context.Context) (schema.Schema, error) {
//		return schema.New("tower", schema.TableOf[Bell]("bells"))
//	}
//
//	func (c *Connector) Test(context.Context) error { return nil }
//
//	func (c *Connector) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
//		return out.Upsert("bells", &Bell{ID: 1, Tone: c.Tower + " C"})
//	}
//
//	func main() { penstock.Main(&Connector{}) }
//
// A target reads the output of the tap:
//
//	go build -o tap-tower .
//	./tap-tower --config config.json --discover >catalog.json
//	./tap-tower --config config.json --catalog catalog.json | target-jsonl >states.jsonl
//	tail -n 1 states.jsonl >state.json
//	./tap-tower --config config.json --catalog catalog.json --state state.json | target-jsonl
//
// In Meltano, the tap is an extractor whose executable is the program and whose
// capabilities are catalog, discover, state and about.
//
// # The command line
//
// A program whose name begins with "tap-" takes the flags of a tap. Its commands for
// people, such as "sync", and requests on standard input still work (see package
// stdin). A program with any other name needs the first argument "singer".
//
//	--config FILE, -c     the configuration; may be repeated
//	--discover, -d        write the catalog
//	--catalog FILE        the streams and columns to sync; also --properties, -p
//	--state FILE, -s      the value of the last STATE message
//	--test, --test schema check the connection, or write only the SCHEMA messages
//	--about               describe the tap; --format json or text
//	--version, --help
//	--log-level, --log-format
//
// If --config is repeated, the members of a later file replace those of an earlier one.
// If both values of a member are objects, they are merged in the same way. The
// configuration cannot be read from environment variables (--config ENV).
//
// The exit status is 0 for success, 2 for an invalid command line, and 1 for any other
// failure. Singer has no message for a failure or a warning: both are written to the
// log, which is standard error. If one table fails, the others are still synced. The
// exit status is then 1, and the last message is the STATE.
//
// A signal ends a sync, which then writes its last STATE. The exit status is 1, because
// the sync is not complete. A target that is not reading receives the STATE if it reads
// again within 4.3 seconds of the signal. The process ends within 4.5 seconds, even if the
// target does not. On Linux, a line of up to 4,096 bytes is never cut in a pipe. See
// "Readers and disks" in package host.
//
// # Messages
//
// A sync writes the SCHEMA messages of all selected streams, then RECORD and STATE
// messages. A STATE covers the records before it. A table that the connector declares
// during the sync gets its SCHEMA message then.
//
// The stream of a table has the name of the table. If the source has several schemas,
// the name of the schema and a dash precede it, as in "sales-orders". The record of a
// row has exactly the bytes that package schema documents. Its time_extracted is at
// most one millisecond behind the clock.
//
// The JSON Schema of a column is the form that most targets accept. A DECIMAL is a
// string, so that no digit is lost. A NAIVE_DATETIME is a string without a format,
// because "date-time" requires a zone. A column that no table declares is in the
// records but not in the SCHEMA, and most targets ignore it.
//
// # Deleted rows
//
// A deleted row is a record of its key and of the time in "_sdc_deleted_at". The SCHEMA
// and the catalog of every table with a key have this property. It cannot be
// deselected, because the record would then look like a row of nulls. A column of the
// source with this name is not delivered, because a target would take its rows for
// deleted ones. Case does not matter. The log names the column.
//
// The effect of an operation depends on the target:
//
//	target                         deleted row              truncate, full load        table without a key
//	target-jsonl                   a line with the mark     ignored                    appends
//	meltanolabs-target-csv         a row of nulls, no mark  ignored                    appends
//	meltanolabs-target-postgres    a row of nulls, marked   marks older versions       appends
//	  with hard_delete             the same                 removes older versions
//	pipelinewise-target-postgres   a row of nulls, marked   not known                  fails
//	  with hard_delete             removed
//	target-duckdb                  as pipelinewise's        not known                  fails
//
// Targets that are built with the Meltano SDK, such as meltanolabs-target-csv, may
// drop the mark unless their setting add_record_metadata is true. Set it. Otherwise,
// a deleted row becomes a row of nulls without a mark.
//
// Singer cannot express a partial update, because a record replaces the whole row.
// [connector.Emitter].Update returns an error that names the table, and TakesUpdates
// returns false: the connector must read the whole row.
//
// # Truncates and full loads
//
// A truncate is an ACTIVATE_VERSION message, which tells the target to remove the rows
// of older versions. The version is the time in milliseconds. The later records of the
// table in this sync have the version. The records of all other syncs have no version.
// meltanolabs-target-postgres also removes rows without a version. Other targets of the
// Meltano SDK may keep them.
//
// A full refresh of Meltano delivers everything again without a truncate. Rows that the
// source no longer has stay at the target.
//
// If the catalog sets the replication method of a stream to FULL_TABLE, the bookmark
// of the stream is dropped, and the sync reads the table from the beginning. The
// method is the metadata "replication-method", or else FULL_TABLE if the stream's
// "replication_method" or the metadata "forced-replication-method" says so. The
// records then have a version, and ACTIVATE_VERSION follows at the end, so that the
// target removes the rows that the source no longer has. To avoid removing rows by
// mistake, the message is not sent in these cases:
//
//   - The sync failed, even if only another table did, or was interrupted, or ended
//     early because of [host.TimeBudget].
//   - The sync has delivered no row of the table, which may mean that the source was
//     not read.
//   - A row of the table was refused.
//   - The shared part of the state is not empty, or the sync has migrated the state. The
//     table may then have a position besides its bookmark. In the case of a shared
//     position, the table may not be read from the beginning either: remove "penstock"
//     from the state as well.
//
// The connector must deliver the whole table if it has no state, as in a first sync. A
// table that follows another one is read with it, so that the other table is read from
// the beginning, too.
//
// # Selection
//
// The catalog lists a stream by its tap_stream_id. The first of these that it has for a
// stream or column decides whether that is selected: the inclusion "unsupported" or
// "automatic", "selected", "selected-by-default". If it has none of them, the stream or
// column is selected. Keys are always selected. A stream that the catalog does
// not list is not selected, and neither is a column that the schema of its stream
// does not list, unless that schema is empty. The log warns about columns that the
// catalog does not list, and about streams that the source does not have. Without a
// catalog, everything is selected.
//
// A table that the connector declares during the sync is selected if there is no
// catalog, or if the catalog lists it. Otherwise, its rows are not delivered, and the
// log says so.
//
// # State
//
// The value of a STATE has a bookmark for each stream. The member "penstock" has what
// all streams share:
//
//	{
//		"bookmarks": {
//			"orders": {"cursor": "2026-01-02T03:04:05Z", "_plain": ["cursor"], "_json": "{\"orders\":{}}", "_version": 0}
//		},
//		"penstock": {"_shared": "{}", "_version": 0}
//	}
//
// After a full refresh, Meltano merges the new state into the old one. It keeps the
// members of an old object that the new object lacks. Therefore, the values of a
// bookmark count only if "_plain" lists them, and everything nested is text, which
// Meltano replaces as a whole. Numbers that a program might round or spell differently
// are also text: those with a fraction, and integers of more than 53 bits.
//
// People may edit the values of a bookmark. To start a table from a position, replace
// its whole bookmark by {"cursor": "2026-01-01T00:00:00Z"}: all members count if it has
// neither "_plain" nor "_json". If other tables follow the table, edit the value in the
// bookmark instead. If the bookmark is replaced, the sync cannot tell which rows these
// tables have received, so it reads the table from the beginning. To read any table from
// the beginning, remove its bookmark. The bookmark of a deselected stream stays. The
// bookmark of a stream that the source does not have is dropped, and the log says so.
//
// An empty file, null and {} are the state of a first sync. The state may also be the
// whole STATE message, or what "meltano state get" prints.
//
// If the connector keeps a position in the shared part of the state, a state without
// it, as after a full refresh, resets the bookmarks of all streams, including those that
// are not selected.
//
// # Limits
//
// Singer has no message that hands a replaced secret back, such as a rotated refresh
// token. [connector.ReplaceSecret] returns an error that wraps
// [connector.ErrNotReplaced], and its second example stores the value in a file.
// BATCH messages are not written.
package singer
