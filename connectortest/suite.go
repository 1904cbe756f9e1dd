package connectortest

import (
	"context"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
)

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

// wire returns the network that the suite's own round trippers pass requests on
// to.
func (s *suite) wire() http.RoundTripper {
	if s.network != nil {
		return s.network
	}
	if s.fallback == nil {
		s.fallback = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			s.fallback = usual.Clone()
		}
		s.fallback.DisableCompression = true // which is the client's to do
	}
	return s.fallback
}

// hangUp closes the connections that the suite has opened.
func (s *suite) hangUp() {
	if s.fallback != nil {
		s.fallback.CloseIdleConnections()
	}
}

// requests returns how many requests a sync makes through package transport, or
// why they can't be tampered with.
func (s *suite) requests(c *check) (count int, why string) {
	whole := s.uninterrupted(c)
	s.counted.Do(func() {
		line := &counting{network: s.wire()}
		// A network that leads nowhere is not waited for as long as for a sync that hangs.
		limit := max(10*whole.ended.Sub(whole.began), 20*time.Second)
		d := s.travel(context.WithoutCancel(c.Context()), journey{network: line, limit: limit})
		s.count = int(line.count.Load())
		switch {
		case s.count == 0:
			s.why = "the connector made no request through package transport; another client needs transport.RoundTripper for its network"
		case d.err != nil:
			s.why = "the connector reaches its source by a network of its own, which the option Network can bring in: " + d.err.Error()
		case s.compare().diff(d.into, whole.into) != "" && s.network != nil:
			s.why = "a second sync delivers something else than the first one"
		case s.compare().diff(d.into, whole.into) != "":
			s.why = "the connector gets something else by a network that is not its own; the option Network can bring that in"
		}
	})
	return s.count, s.why
}

// travel makes a sync with a fresh copy of the connector.
func (s *suite) travel(ctx context.Context, j journey) *delivery {
	if s.program != nil {
		return s.program.travel(ctx, j)
	}
	s.steps.Add(1)
	if s.isVirtual() { // or else all syncs would be made at the same instant
		time.Sleep(1234567 * time.Microsecond)
	}
	d := &delivery{into: j.into, began: time.Now(), haunted: s.real}
	if d.into == nil {
		d.into = &Destination{}
	}
	if j.connector == nil {
		j.connector = s.connector
	}
	if j.network == nil {
		j.network = s.network
	}
	selection, err := stdin.ParseSelection(j.selection)
	if err != nil {
		d.err, d.ended = err, d.began
		return d
	}
	if j.limit == 0 {
		j.limit = s.tooLong
	}
	ctx, stop := context.WithTimeoutCause(ctx, j.limit, errHung)
	defer stop()
	deadline := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var told atomic.Pointer[time.Time]
	if j.cancel != nil {
		*j.cancel = func(cause error) {
			now := time.Now()
			told.CompareAndSwap(nil, &now)
			cancel(cause)
		}
	}
	if j.network != nil {
		ctx = transport.NewContext(ctx, j.network)
	}
	n := 0
	write := func(op *host.Operation) error {
		s.steps.Add(1)
		if op.Kind == host.OpTableBegin || op.Kind == host.OpTableEnd {
			return nil // which a program does not say
		}
		err := d.take(op, n, j.before)
		n++
		return err
	}
	log := &tail{}
	marked(ctx, func(ctx context.Context, mark string) {
		d.err = syncOnce(ctx, j.connector, host.SyncRequest{State: j.from, Selection: selection},
			host.DestinationFunc(write),
			host.CheckpointEvery(0, 0),
			host.ProgressEvery(0),
			host.Grace(promptly),
			host.LogTo(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})))
		d.ended = time.Now()
		d.hung = d.err != nil && deadline.Err() != nil
		if at := told.Load(); at != nil {
			d.late = d.ended.Sub(*at) >= promptly
		}
		if j.watched {
			d.goroutines = leftBehind(mark)
		}
	})
	d.log = log.text()
	return d
}

// uninterrupted returns the sync that all others are compared with: from
// nothing to the end, with nothing in its way. It is made once; if it fails,
// the first subtest that needs it says so, and the others can say nothing.
func (s *suite) uninterrupted(c *check) *delivery {
	switch {
	case s.succeeds(c):
	case !s.reported:
		s.reported = true
		c.rule.mend = "see the error and the log, and whether the source is there and as the connector's fields say"
		c.hopeless("a sync from nothing failed: %s%s", s.whole.failure(), s.unasked())
	default:
		c.Skipf("skipped: a sync from nothing fails, as was reported; there is nothing to compare with")
	}
	return s.whole
}

// succeeds reports whether an uninterrupted sync does.
func (s *suite) succeeds(c *check) bool {
	s.once.Do(func() { s.whole = s.travel(context.WithoutCancel(c.Context()), journey{}) })
	return s.whole.err == nil
}

// compare is what counts between syncs of which one was resumed.
func (s *suite) compare() comparison { return comparison{volatile: s.volatile, overlap: true} }

// compareWhole is what counts between syncs that came to their end.
func (s *suite) compareWhole() comparison { return comparison{volatile: s.volatile} }

// completes goes on from where a platform stands, to the end, and reports what
// is then not as an uninterrupted sync leaves it. Of the sync before, how says
// what became.
func (s *suite) completes(c *check, d *Destination, how string) (ok bool) {
	whole := s.uninterrupted(c)
	at := d.lastState()
	last := s.travel(c.Context(), journey{from: at, into: d})
	if last.err != nil {
		c.broken("a sync was %s; the one that went on from its last state failed: %s\nthe state: %s", how, last.failure(), at)
		return false
	}
	if diff := s.compare().diff(d, whole.into); diff != "" {
		if s.first != "" && s.first != c.rule.name {
			c.rule.mend = "mend first what " + s.first + " reports, of which this may be no more than a consequence"
		}
		c.broken("a sync was %s, and another went on from its last state to the end; together they delivered something else than one sync does:\n%s\nthe state: %s", how, diff, at)
		return false
	}
	return true
}

// discover returns the tables of a fresh copy of the connector.
func (s *suite) discover(c *check) []*schema.Table {
	if s.program != nil {
		return s.program.discover(c)
	}
	var tables []*schema.Table
	err := s.with(c, s.connector, s.network, func(run *host.Run) error {
		found, err := run.Schema()
		if err == nil {
			tables = found.Tables()
		}
		return err
	})
	if err != nil {
		c.hopeless("Schema failed: %v", err)
	}
	return tables
}

// tryTest asks the connector to test its configuration, as a platform does.
func (s *suite) tryTest(c *check, of connector.Connector, network http.RoundTripper) outcome {
	began := time.Now()
	err := s.with(c, of, network, (*host.Run).Test)
	a := outcome{err: err, took: time.Since(began)}
	if err != nil {
		a.message = err.Error()
	}
	return a
}

// with runs do with a configured copy of a connector, as a platform does.
func (s *suite) with(c *check, of connector.Connector, network http.RoundTripper, do func(*host.Run) error) error {
	ctx, stop := context.WithTimeoutCause(c.Context(), s.tooLong, errHung)
	defer stop()
	if network != nil {
		ctx = transport.NewContext(ctx, network)
	}
	run, err := configured(ctx, of, host.Grace(promptly), host.LogTo(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := do(run); err != nil {
		_ = run.Close() // the first error says more
		return err
	}
	return run.Close()
}

// virtually makes a check of a source in memory, in virtual time. A bubble's
// own time begins in the year 2000; the suite's goes on from one subtest to the
// next, for a state may hold an instant of an earlier one.
//
// Where that time stands, it returns the stack of a goroutine that holds it. The
// suite is then of no more use: what it has begun to find out never ends.
func (s *suite) virtually(t tb, r rule) (stands string) {
	skip := ""
	// A pause in the middle of an operation has to be a real one: while other
	// goroutines wait for the lock that is held meanwhile, virtual time stands.
	asked, over, left := make(chan time.Duration), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case d := <-asked:
				time.Sleep(d)
				over <- struct{}{}
			case <-left:
				return
			}
		}
	}()
	defer func() {
		close(left)
		<-over
	}()
	// A context makes its channel when it is first asked for it. Made in the bubble,
	// it would be of no use outside.
	_ = t.Context().Done()
	var abandoned atomic.Bool
	stands = t.Bubble(s.steps.Load, func(t tb) {
		time.Sleep(time.Until(s.clock))
		defer func() { s.clock = time.Now() }()
		defer s.connect()()
		s.pause = func(d time.Duration) {
			select {
			case asked <- d:
				<-over
			case <-left:
			}
		}
		r.check(s, s.newCheck(outward{t, &skip, &abandoned}, r))
	})
	if abandoned.Store(stands != ""); skip != "" && stands == "" {
		t.Skipf("%s", skip)
	}
	return stands
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
