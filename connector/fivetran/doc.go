// Package fivetran serves a connector to Fivetran over gRPC. A connector needs no code for
// it but an option of Main. The package is a module of its own, so that only programs that
// use it depend on gRPC.
//
// # Example
//
// This is a complete source for Fivetran:
//
//	package main
//
//	import (
//		"context"
//
//		"github.com/penstock-sdk/penstock"
//		"github.com/penstock-sdk/penstock/connector"
//		"github.com/penstock-sdk/penstock/connector/fivetran"
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
//	func main() { penstock.Main(&Connector{}, fivetran.Host) }
//
// The program serves until a signal ends it:
//
//	go get github.com/penstock-sdk/penstock/connector/fivetran
//	go build -o tower .
//	./tower fivetran --port 50051
//
// It still serves the other platforms. Without Fivetran, the command fivetran-bridge of this
// module reads such a source (see package
// github.com/penstock-sdk/penstock/connector/fivetran/cmd/fivetran-bridge), and the command
// penstock writes its tables to a database. It reads the configuration from the file
// configuration.json in the working directory, which must exist first:
//
//	echo '{"tower":"North"}' > configuration.json
//	penstock sync -- fivetran-bridge --schema tower localhost:50051
//
// The bridge can also start the source itself, with the same configuration:
//
//	penstock sync -- fivetran-bridge --schema tower -- ./tower fivetran --port {port}
//
// # Two ways to run at Fivetran
//
// Fivetran runs programs in Go as sources of its Partner SDK, for companies that have an
// agreement with Fivetran. Its build runs "make build" and expects the program bin/server,
// which it starts with the flag --port. This Makefile is enough:
//
//	build:
//		CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -o bin/server .
//
// Everybody else can run Python programs of Fivetran's Connector SDK. The command "penstock
// package fivetran" makes such a program, which starts the connector. It does not need this
// package.
//
// # The command line
//
// A program whose name begins with "server" takes the flags directly. A program with any
// other name needs the first argument "fivetran". Without any argument, a program of
// penstock.Main reads a request from standard input, whatever its name, so "server" needs the
// flag --port.
//
//	--port PORT        default 50051; 0 chooses a free port, which the log names
//	--address ADDRESS  default all addresses of the machine, IPv4 and IPv6
//	--dialect DIALECT  partner-sdk (the default) or connector-sdk, see Dialect
//	--log-level LEVEL  debug, info, warn or error
//	--version, --help
//
// The log is written to standard output, one JSON object per line with the members level,
// message and message-origin, as Fivetran requires. What the connector prints goes to standard
// error.
//
// A signal ends the server: it accepts no more requests, and a sync that is running sends its
// last checkpoint and the status UNAVAILABLE. A client that is not reading is disconnected.
// The process ends within 4.5 seconds, with the exit status 0.
//
// # The service
//
// The service is fivetran_sdk.v2.SourceConnector, as the protocol buffers of the Partner SDK
// define it. Messages have up to 128 MB in both directions, and requests may be compressed with
// gzip. A larger row fails its table. Requests may overlap.
//
//   - ConfigurationForm describes the exported fields of the connector: text, passwords for
//     fields that hold secrets, dropdowns for enumerations, and toggles. All values arrive as
//     text. Objects, lists and maps are entered as JSON; the description of the field says so.
//     An empty text counts as not set, except for a text field with a default in the dialect
//     partner-sdk: there, the form contains the default, so the user has removed it. There is
//     one test, "connection", which calls the connector's Test.
//   - Test reports the error of a connector as an answer. It says what to do if the error is a
//     *connector.Error with a kind and a hint.
//   - Schema lists the tables: without schemas if all of them have the same one, and by schema
//     otherwise. In the first case, Declare refuses a table of another schema during a sync. A
//     DECIMAL has parameters if its column has a precision. If the connector's Schema does not
//     need the configuration, none is needed here.
//   - Update syncs. It sends up to 100 records, or about 100 KB, per message. A record waits for
//     others for at most half a second, and records are sent before every other message.
//
// The user's selection of schemas, tables and columns is respected, also for those that appear
// later. The columns of a primary key are always delivered. If the selection includes no table
// of the source, the sync succeeds, and the user receives a warning.
//
// # Operations
//
//	upsert, update, delete   records of these types; a delete has only the primary key
//	truncate                 a record of the type TRUNCATE
//	checkpoint               a checkpoint, after all records that it covers
//	warning                  a warning
//	a table that is declared a schema change
//	during the sync
//
// Fivetran sets a column that an upsert omits to null.
//
// The source cannot hand a replaced secret back to Fivetran, so connector.ReplaceSecret returns
// connector.ErrNotReplaced.
//
// connector.OnDelivered is called for a checkpoint that has been written to the connection.
//
// # Values
//
// The types of columns have the same names at Fivetran, and values keep all their digits, with
// two exceptions:
//
//   - A time has up to nine digits after the second. If a source sends others than zeros after
//     them, the user receives a warning for the column. A row with a time in the year 0, in
//     UTC, fails its table.
//   - A number in a FLOAT or DOUBLE column is a float.
//
// In a column that the table does not declare, an integer is a LONG or, with more than 63 bits,
// a DECIMAL. Another number is a DOUBLE if that keeps its digits, and otherwise a DECIMAL. Times
// and bytes are text there, in RFC 3339 and base64, and objects and lists are JSON.
//
// # Failures
//
// If one table fails, the others are still synced. The last checkpoint is sent before the
// status, which has the sentence that says what to do, and a code for the kind of failure:
//
//	Configuration  INVALID_ARGUMENT, after a task with the same sentence
//	Transient      UNAVAILABLE
//	Defect         INTERNAL
//	Interrupted    UNAVAILABLE
//
// If several tables fail, the status has the sentences of all of them, and the kind is
// Configuration if that of one table is, or else Transient if that of one is.
//
// A sentence of more than 2,000 bytes is shortened; the log has the whole one.
package fivetran
