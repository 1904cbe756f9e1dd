// Package connector defines the interfaces that the author of a data connector
// implements and calls.
//
// A data connector reads a source and delivers its tables to a data platform. It
// is written as a struct. The exported fields of the struct are its
// configuration, and the three methods of the interface [Connector] do the work:
//
//	package main
//
//	import (
//		"context"
//		"time"
//
//		"github.com/penstock-sdk/penstock"
//		"github.com/penstock-sdk/penstock/connector"
//		"github.com/penstock-sdk/penstock/schema"
//		"github.com/penstock-sdk/penstock/state"
//		"github.com/penstock-sdk/penstock/transport"
//		"github.com/penstock-sdk/penstock/transport/auth"
//		"github.com/penstock-sdk/penstock/transport/paging"
//	)
//
//	type Connector struct {
//		APIKey  connector.Secret `json:"api_key"  jsonschema:"title=API key"`
//		BaseURL string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
//	}
//
//	type Order struct {
//		ID        int64     `json:"id" schema:"primary_key"`
//		Status    string    `json:"status"`
//		UpdatedAt time.Time `json:"updated_at"`
//	}
//
//	func (c *Connector) client(ctx context.Context) (*transport.Client, error) {
//		return transport.New(c.BaseURL,
//			transport.WithAuth(auth.Bearer(c.APIKey.Reveal())), transport.WithLogger(connector.Logger(ctx)))
//	}
//
//	func (c *Connector) Schema(context.Context) (schema.Schema, error) {
//		return schema.New("shop", schema.TableOf[Order]("orders"))
//	}
//
//	func (c *Connector) Test(ctx context.Context) error {
//		api, err := c.client(ctx)
//		if err != nil {
//			return err
//		}
//		_, err = api.Do(ctx, transport.Request{Path: "/ping"})
//		return err
//	}
//
//	func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
//		api, err := c.client(ctx)
//		if err != nil {
//			return err
//		}
//		cursor := state.NewCursor[time.Time](st, "orders")
//		request := transport.Request{Path: "/orders", RecordsAt: "data"}
//		for order, err := range transport.Records[Order](ctx, api, request, paging.NextURL{At: "next"}) {
//			if err != nil {
//				return err
//			}
//			if order.UpdatedAt.Before(cursor.Start()) {
//				continue // delivered by an earlier sync
//			}
//			if err := out.Upsert("orders", &order); err != nil {
//				return err
//			}
//			cursor.Advance(order.UpdatedAt)
//		}
//		return nil
//	}
//
//	func main() { penstock.Main(&Connector{}) }
//
// Sync reads the position of the last sync from a [state.State], iterates over
// the source, and passes rows to an [Emitter]. A row is a struct, a map, raw JSON
// or a schema.Row, which is for tables whose columns are known only at run time.
// Package schema defines which rows fit a table.
//
// This package knows no platform and starts no process. A program calls
// penstock.Main, a test uses package connectortest, and package host runs
// connectors for every platform.
//
// # Configuration
//
// The json tag of a field sets its name in the configuration. The jsonschema
// tag sets its title, its description and the rules for its values. Package
// host/config documents both. A field that is not configuration must be
// unexported or tagged `json:"-"`. Use type [Secret] for a key, a password or a
// token.
//
// # Checkpoints
//
// A checkpoint saves the state. It guarantees that every row it covers was
// delivered before it. However a sync ends, the next sync starts from the last
// checkpoint that arrived and delivers everything that is missing.
//
// The guarantee depends on one rule: deliver a row first, then advance the
// cursor. The runtime does the rest. [Emitter.Checkpoint] is cheap enough to
// call after every row. When Sync returns nil, the runtime saves the state
// without a call of Checkpoint.
//
// A checkpoint is not yet at the platform when Checkpoint returns nil. If a source
// drops what is acknowledged, acknowledge it with [OnDelivered].
//
// If several goroutines deliver rows, a checkpoint of one table must not save
// the state of another. [Tables] ensures this and also lets one table fail
// without stopping the others. See also [Emitter.Scope].
//
// # Deletes
//
// A row that disappears from the source stays at the platform until the connector reports
// it. What to do depends on the source:
//
//   - It reports deletions, in a feed of changes or in a list of deleted keys: call
//     [Emitter.Delete] with the key. A first sync may report rows that were never
//     delivered. That has no effect, so the connector need not check it.
//   - It keeps the row and sets a flag, such as "archived": call Delete for a row with the
//     flag, and Upsert for all others. A row that is restored is then a row again. Tag the
//     field of the flag `schema:"-"`: it is false in every row that is delivered. If people want
//     to see such rows, deliver the flag as a column instead, and do not call Delete.
//   - It reports nothing, and the table can be read as a whole: in each sync, call
//     [Emitter.Truncate], then deliver all rows. Keep no cursor. While the sync runs, the
//     platform may show a part of the table. If the platform cannot express a truncate,
//     the rows that disappeared stay there.
//   - It reports nothing, and the table is too large for that, but its keys can be listed:
//     deliver the changed rows with a cursor, and compare the listed keys with those of the
//     last sync, which a value in the state holds (see [state.Part]). Call Delete for those
//     that are missing. The state must stay small, so this is for thousands of rows.
//     For more rows, read the whole table from time to time: delete the cursor, then call
//     Truncate.
//
// A row is not deleted because a row that it refers to is, nor because its parent is
// delivered again without it: the items that were removed from an order stay. Call Delete
// for each of them, with keys that a value in the state holds, or read the table of the
// children as a whole.
//
// Platforms rarely remove a row. Fivetran and the tool penstock set the column
// _fivetran_deleted; an Airbyte source sets _ab_cdc_deleted_at, and a Singer tap
// _sdc_deleted_at. Airbyte has no truncate: the user receives a warning that says how to
// clear the stream. On Singer, the effect depends on the target. See packages airbyte and
// singer. A table without a primary key has no deletes, only truncates.
//
// The example Deletes shows the first three.
//
// # Selection
//
// The user of a platform selects the tables and columns to deliver. The runtime
// drops everything else, so a connector need not check each row. To save requests,
// [Tables] skips tables that need not be read, and other code calls
// [Emitter.Selected]. A connector that queries its source for columns calls
// [Emitter.SelectedColumns].
//
// If the rows of a table come with those of another one, the schema says so; see
// [schema.Table.Following]. Once the user selects such a table again, the runtime
// makes the next sync read the rows that it has missed. For tables that share one
// position, such as that of a replication log, see [state.State.Missed]. For columns
// that are selected later, see [state.Part.NewColumns].
//
// # Back pressure and cancellation
//
// An Emitter buffers no more than a few hundred kilobytes of rows. Its methods
// block while the platform reads more slowly than the connector writes. If the
// platform goes away, or the sync is told to end, they return an error and the
// sync ends. The runtime then still sends the last state.
//
// # Errors
//
// Every error of a run has a [Kind]. The kind states whether the user can fix
// the error, whether it is temporary, or whether the connector is at fault.
// [KindOf] returns the kind of any error. To choose the kind, return an
// [*Error].
//
// The runtime turns a panic in a method into an error and logs its stack.
//
// # Goroutines
//
// Start goroutines with [Go], which turns a panic into an error and logs its stack.
// A panic in a goroutine that a go statement has started cannot be recovered, and
// ends the process.
//
// Sync must wait for its goroutines before it returns. Once Sync has returned, the
// state does not change and operations are refused. If a goroutine still makes an
// operation then, the sync fails with an error of kind [Defect], because rows that
// the goroutine has yet to deliver would be lost.
//
// # Syncs without an end
//
// A queue or a log has no end, and its Sync may run until it is told to end. Add
// such tables with [Tables.AddEndless], and make checkpoints. For a platform that
// runs syncs at intervals, the program sets a time budget with the option
// host.TimeBudget, or the user with the flag --time-budget of the command sync. When
// the budget is used up, operations are refused, the context of Sync is done, and
// the sync succeeds with the state of the last checkpoint. Sync should then return
// the error that it received.
//
// # Secrets
//
// A [Secret] cannot be printed, logged or marshaled by accident. The runtime
// also removes the value of every Secret field from everything that a run
// writes:
//
//   - It masks the value in logs, errors, warnings and answers, as [redacted].
//   - It masks the value in rows, also in the names of columns and of members of
//     JSON, and warns the user, with the number of values and of those in the
//     primary key: different rows may then have the same key.
//   - It refuses a state that contains the value.
//
// It recognizes the value in plain text; with the escapes of JSON, URLs and HTML,
// up to eight levels deep, such as JSON within JSON; with the quotes of SQL, CSV and
// shells; as quoted-printable text; in base64, with any text around it; in
// hexadecimal; and as printed bytes. In text for people, it also masks a part of nine
// bytes or more where the text was cut. The password in a connection string, the
// private key in the JSON of a service account, and each line of a key in the PEM
// format are secrets of their own.
//
// A short secret may occur in other text by chance. A secret shorter than four bytes
// is therefore masked only where it is a separate word of a text, one shorter than
// six bytes is not looked for in base64 and hexadecimal, and one shorter than eight
// bytes is not looked for in rows and states. For the same reason, numbers, dates
// and times in rows are not masked. A secret that the connector transforms in
// another way, such as to the other case or to base32, is not recognized. Text that
// is printed instead of logged, with fmt.Println or to os.Stderr, is not searched.
//
// Use [Hide] for a secret that is obtained during a run.
package connector
