// Package hosttest checks that a host keeps what every platform is promised. A
// package that adds a host runs it from its own tests:
//
//	func TestHost(t *testing.T) {
//		hosttest.Run(t, hosttest.Adapter{Serve: serve, Updates: true, Warnings: true})
//	}
//
// An [Adapter] starts the host in process and decodes what it writes. It also
// declares what the wire cannot say, which leaves out what would test that.
// [Lines] does the piping for wires that write lines.
//
// Each rule is a subtest, whose failure carries the sentence of the contract
// that is broken:
//
//   - Form, Check and Schema are the answers that need no sync.
//   - Operations, Values, Large and Determinism are about what is delivered.
//   - Incremental and Checkpoints are about states.
//   - FailedSync and FailedTable are about what remains of a failure.
//   - Cancel, Abandoned and Late are about syncs that end early and connectors
//     that do not end.
//   - SlowReader, StuckReader and GoneReader are about the platform's reader.
//   - Selection is about what the user does not want.
//   - Secrets and ReplacedSecret are about secrets.
//
// The rules treat states as opaque: they learn what a state covers from a sync
// that begins with it, as a platform would.
//
// The rules wait for events and not for times, so that a slow machine does not
// fail them. A host that hangs fails its rule with the stacks of its goroutines,
// and one that writes without end fails it after a bounded number of events and
// bytes. Everything that a rule starts has ended when it returns, unless the host
// hangs.
package hosttest
