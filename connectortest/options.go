package connectortest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// An Option changes what a function of this package does. The same options
// serve [Sync], [TrySync], [Schema], [Test], [Run] and [RunBinary]. Each option
// lists the functions it applies to. Passing it to another function is a test
// error that names the option.
type Option struct {
	name  string
	scope scope
	set   func(*options)
}

// A scope is the set of functions that an option applies to.
type scope uint8

const (
	inSync scope = 1 << iota // TrySync, too
	inSchema
	inTest
	inRun
	inRunBinary

	inCalls  = inSync | inSchema | inTest
	inSuites = inRun | inRunBinary
)

var scopeNames = []struct {
	scope scope
	name  string
}{{inSync, "Sync"}, {inSchema, "Schema"}, {inTest, "Test"}, {inRun, "Run"}, {inRunBinary, "RunBinary"}}

// String returns the names of the functions, such as "Run, RunBinary".
func (s scope) String() string {
	var names []string
	for _, n := range scopeNames {
		if s&n.scope != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// Source makes a handler in memory serve the requests that the connector sends
// through package transport, regardless of their host. It applies to Sync, Schema,
// Test and Run, and cannot be combined with [Network].
//
//	connectortest.Run(t, c, connectortest.Source(func() http.Handler { return newShop() }))
//
// Source takes a function, not a handler, because Run needs a new handler for each
// subtest. Timers and channels of a handler belong to the virtual time of one
// subtest, and the next subtest must not see changes of an earlier one. All handlers
// must serve the same rows. Sync, Schema and Test call newSource once. If several
// Syncs read a source that changes in between, return the same handler each time.
//
// With Source, Run uses virtual time for the connector and the source. Time starts
// at the present. When every goroutine of the subtest waits, the clock jumps to the
// end of the shortest wait (see [testing/synctest]). A connector that backs off
// or limits its rate is therefore tested in seconds, and the suite can simulate
// faults that make clients wait.
//
// Virtual time stops if a goroutine waits for something outside the subtest: a
// lock whose holder sleeps, a real network, or a channel made elsewhere. The
// subtest then logs that goroutine's stack, and it and the remaining subtests
// run in real time. Don't keep clients or limiters in package variables: the
// next subtest cannot use them, and the process dies with "select on synctest
// channel from outside bubble".
func Source(newSource func() http.Handler) Option {
	return Option{"Source", inCalls | inRun, func(o *options) { o.source = newSource }}
}

// Network sets the network that leads to the source, such as a recording played
// by package replay, or a transport with the client certificate that a test
// server requires. It replaces the network of every client of package transport.
// It applies to Sync, Schema, Test and Run, and cannot be combined with [Source].
func Network(network http.RoundTripper) Option {
	return Option{"Network", inCalls | inRun, func(o *options) { o.network = network }}
}

// From starts the sync from a state. By default, a sync starts from an empty
// state. From applies to Sync.
func From(state json.RawMessage) Option {
	return Option{"From", inSync, func(o *options) { o.request.State = state }}
}

// Select restricts the sync to the tables and columns that the user of a
// platform selected. By default, everything is selected. Select applies to Sync.
func Select(selection host.Selection) Option {
	return Option{"Select", inSync, func(o *options) { o.request.Selection = selection }}
}

// Into also writes the operations of the sync to a destination, such as a
// [Platform] that several syncs deliver to. Into applies to Sync. Several
// destinations receive each operation in the order of their options.
func Into(dst host.Destination) Option {
	return Option{"Into", inSync, func(o *options) { o.destinations = append(o.destinations, dst) }}
}

// With passes further options to the run of the connector, after those that this
// package sets. It applies to Sync, Schema and Test.
func With(opts ...host.Option) Option {
	return Option{"With", inCalls, func(o *options) { o.host = append(o.host, opts...) }}
}

// Skip skips a subtest. The test prints the reason and the sentence of the
// contract that is not checked. An unknown subtest is a test error. Skip applies to
// Run and RunBinary.
func Skip(subtest, reason string) Option {
	return Option{"Skip", inSuites, func(o *options) { o.skipped[subtest] = reason }}
}

// Seed repeats the random choices of an earlier run, whose log contains its
// seed. By default, the seed is random. Seed applies to Run and RunBinary.
func Seed(seed uint64) Option {
	return Option{"Seed", inSuites, func(o *options) { o.seed = seed }}
}

// Restarts limits how many times Resume, and Crash or Kill, restart a sync. If
// there are more checkpoints than that, Resume chooses among them at random. The
// default is 40. Restarts applies to Run and RunBinary.
func Restarts(n int) Option {
	return Option{"Restarts", inSuites, func(o *options) { o.restarts = n }}
}

// Volatile excludes columns from comparisons. Use it for values that differ each
// time they are read, such as the time at which a row was fetched. The table is "orders" or,
// with its schema, "shop.orders". Volatile applies to Run and RunBinary.
func Volatile(table string, columns ...string) Option {
	return Option{"Volatile", inSuites, func(o *options) { addNames(o.volatile, table, columns) }}
}

// VolatileState excludes keys of a table's part of the state from comparisons. Use
// it for values that change even if the source does not, such as "cursor" if it
// holds a token that the source draws anew for each request. The name of the
// shared part is "_shared". Times that follow the clock need no exception.
// VolatileState applies to Run and RunBinary.
func VolatileState(table string, keys ...string) Option {
	return Option{"VolatileState", inSuites, func(o *options) { addNames(o.volatileState, table, keys) }}
}

// Repeats allows tables to deliver several versions of a row in one sync, oldest
// first, as a change log does. In all other tables, rows with the same primary
// key must be equal. Repeats applies to Run and RunBinary.
func Repeats(tables ...string) Option {
	return Option{"Repeats", inSuites, func(o *options) {
		for _, table := range tables {
			o.repeats[table] = true
		}
	}}
}

// StateLimit sets the maximum size of a state in bytes. The default is 64 KiB,
// which suits the small sources of tests. Platforms accept a few megabytes.
// StateLimit applies to Run and RunBinary.
func StateLimit(bytes int) Option {
	return Option{"StateLimit", inSuites, func(o *options) { o.stateLimit = bytes }}
}

// Contract sets the file, such as "testdata/contract.json", that records what the
// users of a connector rely on: the spec of its configuration, and its tables.
// The subtest Compatibility compares the connector with the file. Contract
// applies to Run and RunBinary.
//
// defaults is the connector that main passes to
// [github.com/penstock-sdk/penstock.Main]. Its fields hold the defaults of the
// configuration. For [RunBinary] it must be nil, because the
// program itself returns its spec.
//
// Create the file, and accept intended changes, with
//
//	go test -connectortest.update
//
// If the environment variable CI is set, the flag is refused, because changes that
// users notice need a review.
func Contract(path string, defaults connector.Connector) Option {
	return Option{"Contract", inSuites, func(o *options) { o.contract, o.defaults = path, defaults }}
}

// options are the options of one call of Sync, Schema, Test, Run or RunBinary.
type options struct {
	// The source.
	source  func() http.Handler
	network http.RoundTripper
	proxied *proxiedSource // nil without ThroughProxy

	// Sync, Run and RunBinary.
	endless bool
	quiet   time.Duration // 0 for the default

	// Sync, Schema and Test.
	request      host.SyncRequest
	destinations []host.Destination
	host         []host.Option

	// Run and RunBinary.
	skipped       map[string]string // reasons, by subtest
	seed          uint64
	restarts      int
	volatile      map[string]map[string]bool // columns, by table
	volatileState map[string]map[string]bool // keys, by table
	repeats       map[string]bool            // tables
	stateLimit    int
	contract      string
	defaults      connector.Connector

	// Tests of the suite replace these.
	sleep        func(time.Duration) // waits in real time
	stopTimeout  time.Duration
	silenceLimit time.Duration // in real time
}

// defaultStateLimit is far more than the state of a small source needs.
const defaultStateLimit = 64 << 10

// newOptions applies opts. The problems are test errors: options that do not
// apply to the function, or that exclude each other.
func newOptions(function scope, opts []Option) (o *options, problems []string) {
	o = &options{
		skipped:       map[string]string{},
		seed:          rand.Uint64(),
		restarts:      40,
		volatile:      map[string]map[string]bool{},
		volatileState: map[string]map[string]bool{},
		repeats:       map[string]bool{},
		stateLimit:    defaultStateLimit,
		sleep:         time.Sleep,
		stopTimeout:   stopTimeout,
		silenceLimit:  silenceLimit,
	}
	for _, opt := range opts {
		if opt.scope&function == 0 {
			problems = append(problems, fmt.Sprintf("the option %s does not apply to %v: it applies to %v", opt.name, function, opt.scope))
			continue
		}
		opt.set(o)
	}
	if o.source != nil && o.network != nil {
		problems = append(problems, "the options Source and Network cannot be combined: Network is ignored")
	}
	if o.quiet < 0 {
		problems = append(problems, fmt.Sprintf("the option Endless: the duration %v is negative", o.quiet))
		o.quiet = 0
	}
	if o.source != nil && o.proxied != nil {
		o.proxied = nil
		problems = append(problems, "the options Source and ThroughProxy cannot be combined, because connections take real time: ThroughProxy is ignored")
	}
	return o, problems
}

func addNames(all map[string]map[string]bool, table string, names []string) {
	if all[table] == nil {
		all[table] = map[string]bool{}
	}
	for _, name := range names {
		all[table][name] = true
	}
}
