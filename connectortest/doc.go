// Package connectortest tests connectors, in process: without a platform and
// without the protocol.
//
// [Run] proves that a connector keeps its contract. It is one line of a
// connector's own tests:
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 7})
//	}
//
// [RunBinary] proves the program that is made of it, or one that is written in
// another language, by the protocol.
//
// [Sync] makes one sync and captures what it delivers, for tests of what a
// connector reads:
//
//	func TestOrders(t *testing.T) {
//		c := &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 2}
//		first := connectortest.Sync(t, c)
//		orders := connectortest.Rows[Order](t, first, "orders")
//		assert.Len(t, orders, 5)
//
//		second := connectortest.Sync(t, c, connectortest.From(first.State))
//		assert.Empty(t, second.Rows("customers"))
//	}
//
// [AssertRows], [AssertState] and [Golden] compare what it delivered with what
// is wanted; [Against] gives it a source in memory, and [At] a clock that stands
// still.
//
// [Destination] is a platform in memory: what is there after some syncs, and how
// that differs from what should be there.
//
// The connector is taken as it is, its fields being the configuration; each
// sync works on a copy. Every checkpoint is captured, however short the time
// since the last one. The log of [Sync] goes to the test's output.
//
// # What Run proves
//
// Each rule of the contract is a subtest, whose name stays and whose failure
// says the rule, the rows that show that it is broken, and the way to mend it:
//
//	Spec          a form can be made of the configuration, what it holds is
//	              valid, and what sounds secret is a connector.Secret
//	Schema        the tables are the same each time, names are legal and distinct,
//	              keys can be keys
//	Test          succeeds as configured; fails with an error of kind Configuration
//	              and without secrets where a required field is missing, a secret
//	              is wrong, or the source lets nobody in
//	Sync          delivers rows that fit declared tables, each primary key for one
//	              row, and a checkpoint as the last operation
//	Determinism   two syncs from nothing deliver equal tables and states
//	Incremental   a second sync delivers nothing new, and the state stands still;
//	              a state that is an hour ahead does no harm
//	Resume        from every checkpoint, a sync delivers all that is missing
//	Crash         so do syncs that die anywhere, many times in a row
//	Cancel        a sync that is told to end does so within seconds, between rows
//	              and during requests; it leaves no goroutine and a good state
//	SlowConsumer  a slow platform gets the same, and the source is not read far
//	              ahead meanwhile
//	Selection     without each table and each column that is not a key, the rest
//	              is what it was
//	Secrets       no secret is in rows, states, warnings, errors or logs
//	Race          whichever request is answered first, the same is delivered
//	Faults        429, 500, 503, timeouts, resets and bodies that break off, at
//	              random, are survived, or the error is of kind Transient; a
//	              refused request is never taken for no rows
//	StateSize     the state stays small
//	Compatibility a new version fits the configurations and tables that users have,
//	              as the file says that [Contract] names
//
// Resume, Crash, Cancel, Race and Faults compare tables, not operations: rows may
// come twice as long as it makes no difference to a platform. Rows of tables
// without primary key may do so as well, because a sync that is resumed can't
// always avoid it.
//
// A correct connector never fails, if its source stands still and what is
// particular about it is said: [Volatile], [VolatileState], [Repeats]. What a
// source does not show can't be proved, and is logged: a table without rows, a
// column without values. A table without primary key of which each sync delivers
// all rows again is logged, too.
//
// For tests with [Sync] is what no source shows that stands still: that the right
// rows are read, and that a row is that comes later with the very value that the
// cursor has by then. Mistakes with time zones show where the machine has one: run
// the tests with TZ=Asia/Kathmandu as well. What is printed past all logs is looked
// at by RunBinary alone.
//
// Random choices print their seed, which [Seed] repeats. A subtest is left out by
// [Skip], with its reason.
//
// # Sources
//
// The suite reads a source some hundred times. A handler in memory of some
// hundred rows, with pages of a few, is best; package fakeapi makes one of rows:
//
//	connectortest.Run(t, c, connectortest.Source(func() http.Handler { return newShop() }))
//
// Then time is virtual: Run ends in a second or so, however long the connector
// backs off or how few requests a second it allows itself. A server on loopback
// does as well, in the time that it takes. Traffic of the real source that
// package replay has recorded is for tests with [Sync], by [Through]: Run asks
// from states that the recording has not seen.
//
// Faults and parts of Cancel, Race and SlowConsumer act on requests that go through
// package transport, by [transport.NewContext], or through another client that has
// [transport.RoundTripper] for its network. They reach the source by a
// plain network; a connector with one of its own, such as a client certificate,
// brings it in by [Network]. Without requests that can be acted on, Faults is
// skipped with the reason.
//
// Some subtests ask the source with a wrong secret: mind a real one that locks
// accounts. Secrets are looked for if they have eight bytes or more, and should
// be like nothing that rows hold. While it runs, the defaults of slog and log lead
// to it.
//
// # What finds what
//
// Each subtest was seen to fail. These are the faults of connectors that the
// package's own tests break on purpose, and the subtest that is there to find
// each; further ones may find it, too:
//
//	a password in plain text                                 Spec
//	columns in the order of a map                            Schema
//	a test that always succeeds                              Test
//	a test whose error loses its kind                        Test
//	a primary key that lacks a column                        Sync
//	a key that is converted to a float                       Sync
//	a row without its primary key                            Sync
//	a refused row whose error is ignored                     Sync
//	a table that was not declared                            Sync
//	a secret in the state                                    Sync
//	rows in another order than promised                      Sync
//	updates of rows that were never delivered                Sync
//	a table declared again with another key                  Sync
//	a declared table whose name differs only in case         Sync
//	a second sync that panics                                Incremental
//	a state that grows                                       Incremental
//	a state from the future that is rejected                 Incremental
//	a truncate in a sync that resumes                        Incremental
//	a checkpoint before the row                              Resume
//	a checkpoint for rows not yet delivered                  Resume
//	a resumed sync that starts after the cursor's value      Resume
//	a resumed sync that skips a page                         Resume
//	a resumed sync that omits a value                        Resume
//	a resumed sync that forgets a deletion                   Resume
//	a state saved before the table begins                    Resume
//	a position counted twice after a resume                  Crash
//	a leaked goroutine                                       Cancel
//	requests without the sync's context                      Cancel
//	a wait that ignores the context                          Cancel
//	a queue that drops rows when it is full                  SlowConsumer
//	a source that is read far ahead                          SlowConsumer
//	a table that must be selected                            Selection
//	children delivered only with their parent                Selection
//	a secret in slog's default log                           Secrets
//	a secret in the log package's output                     Secrets
//	a secret in a warning                                    Secrets
//	a column that is not from the source                     Determinism
//	a state value that is not from the source                Determinism
//	a table that depends on another one's progress           Race
//	an error that is ignored                                 Faults
//	rows delivered again after a failure                     Faults
//	an error that loses its kind                             Faults
//	a state that contains rows                               StateSize
//	a column of another type                                 Compatibility
//
// A program that is broken is found by a subtest of [RunBinary]:
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
//	a panic when the pipe is closed                          ClosedPipe
//	a request that is not read                               Garbage
//	an exit status that is always 0                          Garbage
//	a selection that is ignored                              Selection
//	a secret on standard error                               Secrets
//	a value taken from the clock                             Determinism
//	a state that contains rows                               StateSize
//	a column of another type                                 Compatibility
package connectortest
