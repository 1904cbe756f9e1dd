// Package hosttest checks that a host fulfills the contract between Penstock and
// its platforms. A package that adds a host runs the checks from its own tests.
//
// # Example
//
// A host that writes lines of JSON is tested as follows. The functions decode and
// encode belong to the test, and example.Serve to the host:
//
//	func TestHost(t *testing.T) {
//		hosttest.Run(t, hosttest.Adapter{Serve: serve, Updates: true, Warnings: true})
//	}
//
//	func serve(ctx context.Context, c connector.Connector, req hosttest.Request,
//		take func(*hosttest.Event) error, opts ...host.Option) error {
//		request, err := encode(req)
//		if err != nil {
//			return err
//		}
//		return hosttest.Lines(func(w io.Writer) error {
//			return example.Serve(ctx, c, bytes.NewReader(request), w, opts...)
//		}, decode, take, req.Stuck)
//	}
//
//	// decode returns the event for a line that the host has written.
//	func decode(line []byte) (*hosttest.Event, error) {
//		var message struct {
//			Row   json.RawMessage
//			State json.RawMessage
//			Table string
//		}
//		if err := json.Unmarshal(line, &message); err != nil {
//			return nil, err
//		}
//		e := &hosttest.Event{Kind: hosttest.Other, Raw: line}
//		switch {
//		case message.Row != nil:
//			e.Kind, e.Op, e.Table, e.Row = hosttest.Row, host.OpUpsert, message.Table, message.Row
//		case message.State != nil:
//			e.Kind, e.State = hosttest.State, message.State
//		}
//		return e, nil
//	}
//
// An [Adapter] starts the host in process and decodes what the host writes. It
// also declares what the wire can express. Checks of abilities that the wire lacks
// are skipped. [Lines] connects hosts that write lines.
//
// # Rules
//
// Each rule is a subtest of the test that calls [Run]:
//
//   - Form, Check and Schema cover the answers to requests other than a sync.
//   - Operations, Together, Values, Large and Determinism cover the data that a sync
//     delivers.
//   - Incremental, Checkpoints, RepeatedState and Delivered cover states, and what the
//     connector learns about their delivery.
//   - FailedSync and FailedTable cover what a failed sync leaves behind.
//   - Cancel, Abandoned and Late cover syncs that end early, and connectors that
//     continue after the end.
//   - SlowReader, StuckReader and GoneReader cover platforms that read slowly or
//     stop reading.
//   - Selection covers deselected tables and columns.
//   - Secrets, PastedKey and ReplacedSecret cover secrets, also those that a user has
//     entered into the wrong field.
//
// The failure of a rule states what happened, the sentence of the contract that
// is broken, and how to fix it.
//
// Rules treat states as opaque. To find out what a state covers, they start a sync
// from it, as a platform would.
//
// # Time
//
// Rules wait for events rather than for a fixed time, so they also pass on a
// slow machine. If a host hangs, its rule fails with the stacks of the host's
// goroutines. If a host writes endlessly, its rule fails after a limited number
// of events and bytes. When a rule returns, everything it has started has
// ended, unless the host hangs.
package hosttest
