package connectortest

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// Run proves a connector against its source: it runs the subtests that the
// package comment lists, each with a fresh copy of the connector.
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 7})
//	}
//
// The connector's fields are its configuration, with which Test and Sync have
// to succeed. The source has to stand still while Run lasts, and should be
// small, some hundred rows: it is read some hundred times. Pages should be
// smaller still, so that there are borders to die at.
func Run(t *testing.T, c connector.Connector, opts ...RunOption) {
	t.Helper()
	newSuite(c, opts).run(testingT{t})
}

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

// A suite is one call of Run.
type suite struct {
	connector     connector.Connector
	program       *program // in place of the connector
	foreign       []string // options that are none for a program
	skipped       map[string]string
	seed          uint64
	restarts      int
	volatile      map[string]map[string]bool
	volatileState map[string]map[string]bool
	repeats       map[string]bool
	network       http.RoundTripper
	stateLimit    int
	contract      string
	shipped       connector.Connector
	source        func() http.Handler
	clock         time.Time // at which the next subtest begins, if time is virtual
	pause         func(time.Duration)
	tooLong       time.Duration // is when a sync hangs
	steps         atomic.Int64  // that syncs have made
	options       []RunOption
	real          bool // is the time, though there is a source in memory

	first string // the rule that is to be mended first

	asked    atomic.Int64 // requests that the source in memory was sent
	once     sync.Once
	whole    *delivery // an uninterrupted sync from nothing
	reported bool      // that it failed

	counted  sync.Once
	count    int    // requests of an uninterrupted sync
	why      string // requests can't be tampered with
	fallback *http.Transport
}

func newSuite(c connector.Connector, opts []RunOption) *suite {
	s := &suite{
		connector:     c,
		options:       opts,
		skipped:       map[string]string{},
		seed:          rand.Uint64(),
		restarts:      40,
		volatile:      map[string]map[string]bool{},
		volatileState: map[string]map[string]bool{},
		repeats:       map[string]bool{},
		stateLimit:    stateLimit,
		clock:         time.Now(),
		pause:         time.Sleep,
		tooLong:       tooLong,
	}
	for _, opt := range opts {
		opt.set(s)
	}
	if s.source != nil {
		s.tooLong = tooLongVirtually
	}
	return s
}

// newBinarySuite returns the suite of RunBinary.
func newBinarySuite(path string, secrets []byte, opts []RunOption) *suite {
	s := newSuite(nil, opts)
	s.program = &program{path: path, secrets: secrets}
	for _, opt := range opts {
		if opt.name == "Source" || opt.name == "Network" {
			s.foreign = append(s.foreign, opt.name)
		}
	}
	s.source = nil
	return s
}

// A rule is a subtest: a sentence of the contract, and what looks whether it is
// kept.
type rule struct {
	name     string
	contract string
	mend     string
	random   bool
	check    func(*suite, *check)
}

// rules returns the subtests in their order.
func (s *suite) rules() []rule {
	if s.program != nil {
		return programRules()
	}
	return []rule{
		specRule, schemaRule, testRule, syncRule, determinismRule, incrementalRule, resumeRule, crashRule,
		cancelRule, slowConsumerRule, selectionRule, secretsRule, raceRule, faultsRule,
		stateSizeRule, compatibilityRule,
	}
}

// run runs the subtests.
func (s *suite) run(t tb) {
	defer func() { s.hangUp() }()
	all := s.rules()
	for name := range s.skipped {
		if !slices.ContainsFunc(all, func(r rule) bool { return r.name == name }) {
			t.Errorf("Skip: there is no subtest %q", name)
		}
	}
	for _, name := range s.foreign {
		t.Errorf("the option %s is one of Run: the program reaches its source by itself", name)
	}
	for _, r := range all {
		t.Run(r.name, func(t tb) {
			if reason, ok := s.skipped[r.name]; ok {
				t.Skipf("skipped: %s\ncontract: %s", reason, r.contract)
			}
			if s.isVirtual() {
				stands := s.virtually(t, r)
				if stands == "" {
					return
				}
				t.Logf("from here on time is real: virtual time does not go on, because a goroutine waits for what time has no part in: a lock that is held by one that sleeps or makes a request (a channel of size 1 can take its place), a channel from outside, or a network (then requests need the context that the connector is given, and clients other than package transport's transport.RoundTripper). The goroutine:\n%s", stands)
				s = s.inRealTime()
			}
			if s.source != nil {
				defer s.connect()()
			}
			r.check(s, s.newCheck(t, r))
		})
	}
}

// connect makes the source, and the network that leads to it. It returns what
// closes that.
func (s *suite) connect() func() {
	source := s.source()
	network := newMemoryNetwork(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		source.ServeHTTP(w, r)
	}))
	s.network = network
	return network.hangUp
}

// unasked says that the connector may have asked another source than the one in
// memory.
func (s *suite) unasked() string {
	if s.source == nil || s.asked.Load() > 0 {
		return ""
	}
	return "\nno request has reached Source's handler: a client other than package transport's needs transport.RoundTripper for its network, and requests need the context that the connector is given"
}

// isVirtual reports whether the subtests are made in virtual time.
func (s *suite) isVirtual() bool { return s.source != nil && !s.real }

// inRealTime returns a suite that has found out nothing yet, of the same options,
// but for the time.
func (s *suite) inRealTime() *suite {
	again := newSuite(s.connector, s.options)
	again.seed, again.real, again.tooLong = s.seed, true, tooLong
	return again
}

// newCheck begins a check.
func (s *suite) newCheck(t tb, r rule) *check {
	c := &check{tb: t, rule: r}
	if r.random {
		name := fnv.New64a()
		_, _ = io.WriteString(name, r.name) // which never fails
		c.rand = rand.New(rand.NewPCG(s.seed, name.Sum64()))
		t.Logf("connectortest.Seed(%d) repeats the random choices", s.seed)
	}
	return c
}

// A check is a rule while it is looked at.
type check struct {
	tb
	rule rule
	rand *rand.Rand
	told bool // what the rule says
}

// broken reports that the rule is broken.
func (c *check) broken(format string, args ...any) {
	c.Errorf("%s", c.verdict(format, args...))
}

// hopeless is broken, and ends the subtest.
func (c *check) hopeless(format string, args ...any) {
	c.Fatalf("%s", c.verdict(format, args...))
}

func (c *check) verdict(format string, args ...any) string {
	what := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.told {
		return what
	}
	c.told = true
	return fmt.Sprintf("%s\ncontract: %s\nto mend it: %s", what, c.rule.contract, c.rule.mend)
}

// tb is the part of testing.T that the suite needs, so that it can be tested
// itself: that it fails where it should.
type tb interface {
	Run(name string, f func(tb))
	Bubble(steps func() int64, f func(tb)) (stands string)
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	SkipNow()
	Failed() bool
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(tb)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}

const (
	// promptly is how soon a sync has to end when it is told to. Platforms
	// wait no longer than some seconds before they kill, and a laden machine
	// that runs tests is slow.
	promptly = 5 * time.Second
	// tooLong is when a sync hangs.
	tooLong = 2 * time.Minute
	// tooLongVirtually is when it does in virtual time, which a source that wants
	// few requests a second may take much of.
	tooLongVirtually = 6 * time.Hour
)
