package connectortest

import (
	"encoding/json"
	"net/http"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A RunOption tells [Run] or [RunBinary] of something that is particular about a
// connector or its source. Those that say how the source is reached, [Network]
// and [Source], are for Run alone.
type RunOption struct {
	name string
	set  func(*suite)
}

// Skip leaves a subtest out. The reason is printed with it, for it is a promise
// that the connector does not keep.
func Skip(subtest, reason string) RunOption {
	return RunOption{"Skip", func(s *suite) { s.skipped[subtest] = reason }}
}

// Seed repeats the random choices of an earlier Run, which printed its seed.
func Seed(seed uint64) RunOption {
	return RunOption{"Seed", func(s *suite) { s.seed = seed }}
}

// Restarts sets how many restarts Resume and Crash (or Kill) make at most. Resume
// chooses at random among more checkpoints than that. The default is 40.
func Restarts(n int) RunOption {
	return RunOption{"Restarts", func(s *suite) { s.restarts = n }}
}

// Volatile excepts columns that differ each time they are read, such as the
// time at which a row was fetched. The table is named as in its schema, or with
// its schema's name before it.
func Volatile(table string, columns ...string) RunOption {
	return RunOption{"Volatile", func(s *suite) {
		if s.volatile[table] == nil {
			s.volatile[table] = map[string]bool{}
		}
		for _, column := range columns {
			s.volatile[table][column] = true
		}
	}}
}

// VolatileState excepts keys of a table's part of the state that change though
// the source doesn't, such as "cursor" where it holds a token that the source
// draws anew each time. The part that is shared is "_shared". Instants that
// follow the clock need no exception.
func VolatileState(table string, keys ...string) RunOption {
	return RunOption{"VolatileState", func(s *suite) {
		if s.volatileState[table] == nil {
			s.volatileState[table] = map[string]bool{}
		}
		for _, key := range keys {
			s.volatileState[table][key] = true
		}
	}}
}

// Repeats excepts tables whose source delivers several versions of a row in one
// sync, oldest first, as a log of changes does. In all other tables a primary
// key stands for one row.
func Repeats(tables ...string) RunOption {
	return RunOption{"Repeats", func(s *suite) {
		for _, table := range tables {
			s.repeats[table] = true
		}
	}}
}

// Network sets how the suite reaches the source, in place of the network that
// the connector's clients have of their own: a handler in memory, or a client
// certificate that a test server wants. It is for connectors that speak to
// their source by package transport.
func Network(rt http.RoundTripper) RunOption {
	return RunOption{"Network", func(s *suite) { s.network = rt }}
}

// Source sets the source: requests that the connector makes through package
// transport are answered by a handler in memory, whatever their host. Each
// subtest gets a source of its own, all of which hold the same rows.
//
//	connectortest.Run(t, c, connectortest.Source(func() http.Handler { return newShop() }))
//
// Time is then virtual, in the connector as in the source: it begins at the
// present, and a wait of whatever length is over at once when nothing else is
// left to do (see [testing/synctest]). So a connector that backs off and that
// limits its rate is proved in seconds, and the faults of the source can be of
// the kind that makes clients wait. What keeps such a clock from going on is a
// goroutine that waits for something that no other one of the subtest will do:
// for a lock that is held by one that sleeps, for a real network, for a channel
// that was made outside. Then the subtest says which goroutine it is, and it and
// those after it are made in real time. What is made in one subtest and kept in a
// variable of a package, such as a client with a limit, is of no use in the next:
// Go ends the process, with "select on synctest channel from outside bubble".
func Source(source func() http.Handler) RunOption {
	return RunOption{"Source", func(s *suite) { s.source = source }}
}

// An Option changes a sync.
type Option func(*settings)

type settings struct {
	request host.SyncRequest
	run     []host.Option
	into    []host.Destination
	source  http.Handler
	network http.RoundTripper
}

// From begins the sync at a state instead of at nothing.
func From(state json.RawMessage) Option {
	return func(s *settings) { s.request.State = state }
}

// Select restricts the sync to what the user of a platform selected.
func Select(selection host.Selection) Option {
	return func(s *settings) { s.request.Selection = selection }
}

// With runs the sync with further options of package host.
func With(opts ...host.Option) Option {
	return func(s *settings) { s.run = append(s.run, opts...) }
}

// Into hands the operations of the sync to a destination as well, such as a
// [Destination] that several syncs deliver to.
func Into(dst host.Destination) Option {
	return func(s *settings) { s.into = append(s.into, dst) }
}

// Against answers the requests that the connector makes through package
// transport by a handler in memory, whatever their host; [Through] then has no
// effect. Together with [At] the whole sync is made in virtual time.
func Against(source http.Handler) Option {
	return func(s *settings) { s.source = source }
}

// Through sends the requests that the connector makes through package transport
// over a network of the test's own, such as a recording that package replay
// plays.
func Through(network http.RoundTripper) Option {
	return func(s *settings) { s.network = network }
}

// stateLimit is far more than the state of a small source needs.
const stateLimit = 64 << 10

// StateLimit sets how many bytes a state may have. The default is 64 KiB, which
// is meant for the small sources of tests; platforms take some megabytes.
func StateLimit(bytes int) RunOption {
	return RunOption{"StateLimit", func(s *suite) { s.stateLimit = bytes }}
}

// Contract sets the file, such as "testdata/contract.json", in which a connector
// keeps what its users rely on: the spec of its configuration and its tables.
// The subtest Compatibility compares the connector with it; shipped is the value
// that main hands to [penstock.Main], which holds the defaults. It is nil for
// [RunBinary], as the program says itself what its spec is.
//
// A change that is meant is written by
//
//	go test -connectortest.update
//
// and so is the first file. In continuous integration, where the environment's
// CI is set, that is refused: what changes for users is for a review to see.
func Contract(path string, shipped connector.Connector) RunOption {
	return RunOption{"Contract", func(s *suite) { s.contract, s.shipped = path, shipped }}
}
