// Package connectortest tests connectors without a platform.
//
// [Run] proves that a connector keeps its contract: it loses nothing when it crashes,
// stops when told to, never leaks a secret, and more. This is a complete test:
//
//	package main
//
//	import (
//		"fmt"
//		"net/http"
//		"testing"
//
//		"github.com/penstock-sdk/penstock/connectortest"
//	)
//
//	func TestConnector(t *testing.T) {
//		c := &Connector{APIKey: "key-0123456789", BaseURL: "http://shop.test"}
//		connectortest.Run(t, c, connectortest.Source(newShop))
//	}
//
//	// newShop returns the API that the connector reads.
//	func newShop() http.Handler {
//		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			if r.Header.Get("Authorization") != "Bearer key-0123456789" {
//				w.WriteHeader(http.StatusUnauthorized)
//				return
//			}
//			fmt.Fprint(w, `[{"id":1,"total":"19.90"},{"id":2,"total":"5.00"}]`)
//		})
//	}
//
// Package [github.com/penstock-sdk/penstock/connectortest/fakeapi] makes such handlers,
// with pages, limits and faults.
//
// [RunBinary] tests the program that contains the connector, or a program in another
// language, through its standard input and output.
//
// [Sync] runs one sync and returns what it delivered. Use it to test which rows a
// connector reads:
//
//	func TestOrders(t *testing.T) {
//		c := &Connector{APIKey: "key-0123456789", BaseURL: "http://shop.test"}
//		first := connectortest.Sync(t, c, connectortest.Source(newShop))
//		orders := connectortest.Rows[Order](t, first, "orders")
//		assert.Len(t, orders, 2)
//
//		second := connectortest.Sync(t, c, connectortest.Source(newShop), connectortest.From(first.State))
//		connectortest.AssertState(t, second, string(first.State))
//	}
//
// [Schema] and [Test] call the connector's methods of the same names. [AssertRows],
// [AssertState] and [Golden] compare a [Result] with the expected one. A [Platform]
// holds the rows that several syncs have delivered. [At] sets the clock.
//
// In a subtest of Run, a value that the source replaces, such as a refresh token, takes
// the place of the one in the connector's field from the next sync on, as on a platform
// (see [connector.ReplaceSecret]). RunBinary sends it from the next request on. A response
// to a request that contains a refresh token is never cut off, because a new refresh token
// in it would be lost.
//
// Functions that take a connector work on a copy of it. The connector's fields are its
// configuration. All options have the type [Option], and passing one to a function that
// it does not apply to is a test error. Parallel tests may call all functions.
//
// # Rules
//
// Run checks the rules of the contract, each in a subtest. The names of the
// subtests are stable. If a rule is broken, the subtest reports what happened, with the rows or
// the state that prove it, then the rule ("contract:"), and then how to fix it
// ("to fix it:"). A cursor that is saved too early looks like this:
//
//	--- FAIL: TestConnector/Resume
//	    a sync was cut off right after checkpoint 11 of 27, and another one resumed from
//	    its last state; their rows differ from those of one uninterrupted sync:
//	    table shop.orders: 1 difference
//	        id=7: missing, want {"id":7,"total":"19.90"}
//	    the state: {"orders":{"cursor":7}}
//	    contract: a checkpoint covers exactly the rows that were delivered before it: …
//	    to fix it: deliver a row first, then advance the cursor, then checkpoint; …
//
// These are the rules:
//
//	Spec          the configuration can be described by a JSON Schema, its values are
//	              valid, and every secret is a connector.Secret
//	Schema        the tables are the same each time, names are valid and distinct,
//	              and the types of primary keys suit a key
//	Test          succeeds with the configuration; fails with an error of kind
//	              Configuration and without secrets if a required field is missing,
//	              a secret is wrong, or the source rejects every request
//	Sync          delivers rows that fit declared tables, one row for each primary
//	              key, and a checkpoint as the last operation; a function reads each
//	              declared table
//	Unread        a first sync requests every page that a response names, no column
//	              has a misspelled name, and no number loses digits
//	Determinism   two syncs from an empty state deliver equal rows and states
//	Incremental   a second sync delivers nothing new, and the state stays the same;
//	              the cursor of a table moves; a state that is an hour ahead does
//	              no harm
//	Resume        a sync from any checkpoint delivers everything that is missing
//	Progress      a checkpoint saves the position of a table once the table has been
//	              read, and does not wait for other tables
//	Crash         syncs that die at any point, many times in a row, lose nothing
//	Cancel        a canceled sync ends within seconds, between rows and during
//	              requests; it leaks no goroutine and leaves a state to resume from
//	SlowConsumer  a slow platform receives the same rows, and the source is not read
//	              far ahead
//	Selection     if a table, or a column that is not part of the primary key, is
//	              deselected, everything else stays the same
//	Reselection   a table that is selected later, deselected for some syncs, or reset
//	              arrives completely
//	WholeRows     a platform that does not accept partial rows ends up with the same data
//	Secrets       the spec, the schema, rows, states, warnings, errors and logs contain no
//	              secret
//	Race          the order in which responses arrive does not change the rows
//	Faults        a sync survives random faults (429, 500, 503, timeouts, resets,
//	              truncated bodies, broken connections), or fails with an error of
//	              kind Transient; a rejected request is never mistaken for an empty
//	              response, also if the source rejects only the requests to
//	              one endpoint
//	StateSize     the state stays small
//	Compatibility a new version works with the configurations and tables of existing
//	              users, which the file of the option Contract records
//
// Resume, Crash, Cancel, Reselection, Race and Faults compare the rows on a platform, not
// the operations: a row may arrive twice if the platform ends up with the same data. They
// also check that every delete arrives, even if the platform never had the row. Rows
// of tables without a primary key may also arrive again after an interruption, because
// a resumed sync cannot always avoid it.
//
// A correct connector passes if its source does not change during the test and the
// options describe its peculiarities. The log names the tables without rows and the
// columns without values, because nothing about them is tested. It also names what is
// often a mistake, although a correct connector may do it. Go prints the log of a test
// that passes only with the flag -v, so read it once after each change of the tables:
//
//	go test -v -run TestConnector
//
// These mistakes appear in the log:
//
//   - A table is read in full in each sync, and has no cursor.
//   - Every sync delivers the rows of a table without a primary key again, and does not
//     truncate the table.
//   - No checkpoint among the rows of a table saves a position of that table.
//   - A table has no rows and the connector never names it, in a connector without
//     [connector.Tables]. With Tables, this is a failure of Sync.
//   - No column takes a member of the records.
//   - Some records of a list become no row.
//   - Records that the source calls deleted, by a member such as deleted or archived,
//     become rows, and no column has the member.
//   - A column has a value where the source has null.
//
// Run cannot prove what a source that never changes cannot show: that the right rows
// are read, and that a row arriving later with exactly the cursor's value is picked
// up. Test those with [Sync]. Mistakes with time zones show only in a zone other than
// UTC, so also run the tests with TZ=Asia/Kathmandu. A time that is parsed in the wrong
// zone shows only in a test that compares values, such as one with [AssertRows] or
// [Golden]. Only RunBinary checks output that bypasses the loggers, such as fmt.Print.
//
// # Options
//
// These options apply to Run:
//
//	Source         the source is a handler in memory, and time is virtual
//	Network        requests go through a round tripper
//	ThroughProxy   the connections to a source such as a database break
//	Endless        syncs never return by themselves
//	Contract       a file records what Compatibility compares
//	Skip           a subtest does not run, and prints the reason
//	Seed           the random choices are those of an earlier test, which has logged its seed
//	Restarts       how many syncs Resume and Crash restart; by default, 40
//	StateLimit     how large the state may be
//	Volatile       the values of these columns differ from sync to sync
//	VolatileState  the values of these keys of the state differ from sync to sync
//	Repeats        several rows of these tables may have the same primary key
//
// All except Source, Network and ThroughProxy also apply to RunBinary. Sync accepts
// Source, Network and Endless, and [From], [Select], [Into] and [With] of its own.
//
// # Unread pages and columns
//
// Unread reads the responses of a first sync. A response names a next page by a URL (a
// Link header with rel=next, or a member such as next, links.next.href or
// @odata.nextLink), by a token (next_page_token, nextCursor, endCursor), by a bool
// (has_more, hasNextPage) or by a total. If no request of the sync asks for such a page,
// the suite requests it itself. The subtest fails if all of the following apply:
//
//   - The page has records that no response of the sync contained and that no row has.
//   - The connector has delivered every record of the page before. A record is
//     delivered if a row has its key and at least one more of its values. A part of the
//     key that is not in the record, such as that of its parent, may be in the objects
//     around the record or in the URL.
//   - The sync requested none of the next pages of this method and path.
//
// Otherwise, the log says where the sync stopped: a connector that knows how to request
// a page stops on purpose, for example at a limit or at rows that are too old. A
// connector that always stops exactly at the end of the first page needs the option
// [Skip].
//
// A column is misspelled if all rows have null or a zero value in it, no record has a
// member of its name, and the records have a member that no column takes and whose name
// differs only in case, separators or one letter of a long word: titel and title. Words
// that differ in their last letter, such as approved and approver, are different words.
//
// A number has lost digits if the record has 12345678901234562.89 and the row has
// 12345678901234562, which is the nearest float64. Let a record of the test source have
// such an amount: smaller ones survive a float64. Differences below one millionth are
// not reported, nor numbers with an exponent.
//
// # Rejected requests
//
// Faults makes the source reject requests with 501 from a random request on, and then the
// requests to one endpoint at a time, with 403 and 501, from the first and from a later
// one on. An endpoint is a method and a path without IDs, or an operation of GraphQL or
// JSON-RPC. If such a sync succeeds, every table must have all rows. If it fails, every
// table that it has reported as read to its end must have them (see [host.OpTableEnd]).
// A table may lack rows without an error if the connector names it in a call of
// [connector.Emitter].Warn, and rows may lack values that the connector does without. The
// next sync, without faults, must deliver all rows that are missing.
//
// At most 40 syncs run with one endpoint rejected, and none begins after 30 seconds in
// real time. The log names the endpoints that were left out.
//
// # Tables that are selected later
//
// Reselection runs a first sync without a table and another one with it, cuts a sync off
// among the rows of a table and runs the next one without it, and removes the table's
// part from the last state, as a user does who resets the table. It tries up to six
// tables that have rows, which the seed chooses. In the end, all rows must be on the
// platform: a warning is not enough, because the source still has them. If the source
// forgets its rows, skip the subtest. Reselection does not deselect columns, because the
// runtime warns users about rows that lack a column.
//
// # Sources
//
// Run reads the source a few hundred times. The best source is a handler in memory
// with a few hundred rows and small pages, set by the option [Source]. Time is then
// virtual: Run takes a second or so, however long the connector backs off or limits
// its rate. A server on loopback works too, but in real time. A recording of package
// replay, set by the option [Network], suits Sync but not Run: Run starts syncs from
// states that the recording does not contain.
//
// A source that forgets what is acknowledged, such as a queue, must keep its messages for
// these tests, because syncs from earlier states read them again. For a source that is
// neither HTTP nor behind a network, such as a queue in memory, the option
// Source(func() http.Handler { return http.NotFoundHandler() }) makes time virtual.
//
// Unread, Faults, and parts of Cancel, Race and SlowConsumer intercept requests. They
// see a request if its context is, or is derived from, the context of Sync, and if a
// client of package transport sends it, or another client whose network is
// [transport.RoundTripper]. They pass requests on to a plain network. A connector
// with its own network, for example one with a client certificate, needs the option
// [Network]. If no request can be intercepted, Faults is skipped, and the subtests log
// the reason.
//
// With the option [ThroughProxy], Faults, Cancel and SlowConsumer also test a connector
// whose source is not an HTTP API, such as a database: they break connections and count
// bytes.
//
// The option [Endless] tests a connector whose Sync never returns by itself, such as
// that of a queue or a log.
//
// Some subtests send a wrong secret. Don't run them against a real source that locks
// accounts. The suite looks for secrets of eight bytes or more, and for the parts of
// secrets where a text was truncated. Choose secrets that do not occur in rows and do not
// start with a word: "refresh-token-1" is a bad choice. While the subtest Secrets runs, it
// replaces the default loggers of slog and log, also for other tests of the same process.
//
// # Which subtest finds which fault
//
// The package's own tests run the suite on connectors that have one fault each. This
// table names the subtest that finds each fault. Other subtests may find it, too:
//
//	a password in plain text                                 Spec
//	columns in the order of a map                            Schema
//	tables in an order that changes                          Schema
//	a test that always succeeds                              Test
//	a test whose error loses its kind                        Test
//	a test that needs no credentials                         Test
//	a primary key that lacks a column                        Sync
//	a key that is converted to a float                       Sync
//	a row without its primary key                            Sync
//	a refused row whose error is ignored                     Sync
//	a table that was not declared                            Sync
//	rows of an unknown table whose errors are ignored        Sync
//	a secret in the state                                    Sync
//	rows in another order than promised                      Sync
//	updates of rows that were never delivered                Sync
//	a table declared again with another key                  Sync
//	a declared table whose name differs only in case         Sync
//	a page that is read twice with different values          Sync
//	a declared table that no function reads                  Sync
//	a truncate before each page                              Sync
//	a page token that is misspelled                          Unread
//	a next URL that is misspelled                            Unread
//	a Link header that is ignored                            Unread
//	a flag for more pages that is ignored                    Unread
//	a column whose name is misspelled                        Unread
//	a column whose name is in another style                  Unread
//	an amount that is converted to a float                   Unread
//	a column that is not from the source                     Determinism
//	a state value that is not from the source                Determinism
//	a position that is kept in memory                        Determinism
//	a second sync that panics                                Incremental
//	a state that grows                                       Incremental
//	a state from the future that is rejected                 Incremental
//	a truncate in a sync that resumes                        Incremental
//	a first sync that reads one page                         Incremental
//	a cursor that is never advanced                          Incremental
//	a cursor that is advanced to a zero value                Incremental
//	a checkpoint before the row                              Resume
//	a checkpoint for rows not yet delivered                  Resume
//	a resumed sync that starts after the cursor's value      Resume
//	a resumed sync that skips a page                         Resume
//	a resumed sync that ends after one page                  Resume
//	a resumed sync that omits a value                        Resume
//	a resumed sync that forgets a deletion                   Resume
//	a delete that follows its checkpoint                     Resume
//	a state saved before the table begins                    Resume
//	a checkpoint between a row and its children              Resume
//	a cursor in the part of another table                    Progress
//	a position counted twice after a resume                  Crash
//	a table that is given up after two interrupted syncs     Crash
//	a leaked goroutine                                       Cancel
//	requests without the sync's context                      Cancel
//	a wait that ignores the context                          Cancel
//	a queue that drops rows when it is full                  SlowConsumer
//	a source that is read far ahead                          SlowConsumer
//	a table that must be selected                            Selection
//	children delivered only with their parent                Selection
//	a table that is read only with another one               Selection
//	a first load that is recorded for all tables             Reselection
//	a child that does not follow its parent                  Reselection
//	a position that all tables share                         Reselection
//	a table that is not read again once it was deselected    Reselection
//	a copy of a position that a reset leaves behind          Reselection
//	a position in the part of another table                  Reselection
//	updates without asking whether the platform accepts them WholeRows
//	partial rows that replace whole ones                     WholeRows
//	a secret in slog's default log                           Secrets
//	a secret in the log package's output                     Secrets
//	a secret in a warning                                    Secrets
//	a table that depends on another one's progress           Race
//	an error that is ignored                                 Faults
//	an ignored error in one of several tables                Faults
//	rows delivered again after a failure                     Faults
//	an error that loses its kind                             Faults
//	a rejected request that counts as an empty page          Faults
//	a state that contains rows                               StateSize
//	a column of another type                                 Compatibility
//	a table that was renamed                                 Compatibility
//	a column that has disappeared                            Compatibility
//	a required field that is new                             Compatibility
//
// Faults in the use of connections need the option [ThroughProxy]:
//
//	rows read without the sync's context                     Cancel
//	rows received far ahead                                  SlowConsumer
//	an error of rows that is ignored                         Faults
//	a reconnect that skips a row                             Faults
//	rows read again with other values after a reconnect      Faults
//	an error of a driver that loses its kind                 Faults
//
// Faults of connectors and programs whose syncs never end need the option [Endless]:
//
//	an endless sync that never makes a checkpoint            Sync
//	an endless cursor that is not sorted                     Sync
//	an end that is ignored                                   Sync
//	a checkpoint before an entry of a log                    Resume
//	an endless program that never writes a state             Sync
//	an endless program that ignores the signal               Sync
//
// Faults of programs are found by these subtests of [RunBinary]:
//
//	a spec that is not a JSON Schema                         Spec
//	a schema without tables                                  Schema
//	a schema that differs each time                          Schema
//	a test that fails                                        Test
//	a test that always succeeds                              Test
//	a test that checks nothing                               Test
//	a greeting on standard output                            Sync
//	a refused row whose error is ignored                     Sync
//	a state that grows                                       Incremental
//	a state before its records                               Resume
//	a position kept in a file                                Kill
//	a signal that is ignored                                 Terminate
//	a line cut at 4,096                                      Terminate
//	a panic when the pipe is closed                          ClosedPipe
//	a request that is not read                               Garbage
//	an exit status that is always 0                          Garbage
//	a selection that is ignored                              Selection
//	a secret on standard error                               Secrets
//	a secret in base64 on standard error                     Secrets
//	a secret in JSON in JSON on standard error               Secrets
//	a secret escaped twice for a URL on standard error       Secrets
//	a secret in entities on standard error                   Secrets
//	a secret as bytes on standard error                      Secrets
//	a truncated secret on standard error                     Secrets
//	a replaced secret on standard error                      Secrets
//	a secret in an incomplete line                           Secrets
//	a secret in the help                                     Secrets
//	a secret as a default in the spec                        Secrets
//	a secret in the name of a column                         Secrets
//	a value taken from the clock                             Determinism
//	a state that contains rows                               StateSize
//	a column of another type                                 Compatibility
package connectortest
