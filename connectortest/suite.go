package connectortest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/tableuse"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
)

// A suite is one call of Run or RunBinary.
type suite struct {
	*options
	problems  []string            // with the options
	connector connector.Connector // nil for RunBinary
	program   *program            // nil for Run
	findings  findings
	secrets   secretStore // of the current source

	// syncTimeout is how long a sync may take.
	syncTimeout time.Duration
	// realTime is set if time is real although there is a source in memory,
	// because virtual time has stalled.
	realTime bool
	// network leads to the source of the current subtest. It is nil if the
	// connector's clients use their own.
	network http.RoundTripper
	// ownNetwork is used if the suite must intercept requests and network is nil.
	ownNetwork *http.Transport
	// sleep waits in real time, even if the subtest runs in virtual time.
	sleep func(time.Duration)
	// steps counts the starts and operations of syncs. If the count stays the same,
	// virtual time has stalled.
	steps atomic.Int64
	// defaultLog is what the default loggers of slog and log have logged, in subtests
	// whose rule needs it.
	defaultLog *logBuffer
}

const (
	// stopTimeout is how long a sync may take to stop. Platforms wait a few
	// seconds before they kill a process, and a busy test machine is slow.
	stopTimeout = 5 * time.Second
	// syncTimeout is how long a sync may take in real time.
	syncTimeout = 2 * time.Minute
	// virtualSyncTimeout is how long a sync may take in virtual time. A source
	// that allows few requests per second may use much of it.
	virtualSyncTimeout = 6 * time.Hour
)

func newSuite(c connector.Connector, opts []Option) *suite {
	o, problems := newOptions(inRun, opts)
	s := newSuiteWith(o, problems)
	s.connector = c
	if s.proxied != nil {
		if err := s.proxied.check(c); err != nil {
			s.proxied, s.problems = nil, append(s.problems, err.Error())
		}
	}
	if s.source != nil {
		s.syncTimeout = virtualSyncTimeout
	}
	return s
}

// newBinarySuite returns the suite of RunBinary.
func newBinarySuite(path string, secrets []byte, opts []Option) *suite {
	o, problems := newOptions(inRunBinary, opts)
	s := newSuiteWith(o, problems)
	s.program = &program{suite: s, path: path, secrets: secrets}
	return s
}

func newSuiteWith(o *options, problems []string) *suite {
	return &suite{
		options:     o,
		problems:    problems,
		network:     o.network,
		findings:    findings{now: time.Now()},
		syncTimeout: syncTimeout,
		sleep:       o.sleep,
	}
}

// inRealTime returns a suite with the same options that has no findings yet and
// runs in real time.
func (s *suite) inRealTime() *suite {
	again := newSuiteWith(s.options, nil)
	again.connector, again.realTime, again.defaultLog = s.connector, true, s.defaultLog
	return again
}

// isVirtual reports whether the subtests run in virtual time.
func (s *suite) isVirtual() bool { return s.source != nil && !s.realTime }

// rules returns the rules in the order of their subtests.
func (s *suite) rules() []rule {
	if s.program != nil {
		return binaryRules()
	}
	return []rule{
		specRule, schemaRule, testRule, syncRule, unreadRule, determinismRule, incrementalRule, resumeRule, progressRule, crashRule,
		cancelRule, slowConsumerRule, selectionRule, reselectionRule, wholeRowsRule, secretsRule, raceRule, faultsRule,
		stateSizeRule, compatibilityRule,
	}
}

// run runs the subtests.
func (s *suite) run(t tb) {
	defer func() { s.closeIdleConnections() }() // by then, s may be another suite
	all := s.rules()
	for name := range s.skipped {
		if !slices.ContainsFunc(all, func(r rule) bool { return r.name == name }) {
			t.Errorf("Skip: there is no subtest %q", name)
		}
	}
	for _, problem := range s.problems {
		t.Errorf("%s", problem)
	}
	for _, r := range all {
		t.Run(r.name, func(t tb) {
			if reason, ok := s.skipped[r.name]; ok {
				t.Skipf("skipped: %s\ncontract: %s", reason, r.contract)
			}
			if s.findings.hang != "" {
				t.Skipf("skipped: a process did not end, as an earlier subtest reports: %s\ncontract: %s", s.findings.hang, r.contract)
			}
			if r.defaultLoggers {
				captured, release := captureDefaultLog()
				s.defaultLog = captured
				defer release()
			}
			if s.isVirtual() {
				stalledBy := s.runInVirtualTime(t, r)
				if stalledBy == "" {
					return
				}
				t.Logf("virtual time has stopped, and this and the remaining subtests run in real time. A goroutine waits for something outside the subtest: a lock whose holder sleeps or sends a request (use a channel of size 1 instead), a channel made elsewhere, or a real network (pass the context of Sync to requests, and give clients other than package transport's the network transport.RoundTripper). The goroutine:\n%s", stalledBy)
				s = s.inRealTime()
			}
			if s.source != nil {
				defer s.startSource()()
			}
			r.check(s, newCheck(t, r, s.seed))
		})
	}
}

// runInVirtualTime runs a subtest against a source in memory. If virtual time
// stalls, it returns the stack of a goroutine that stalls it. The suite can
// then no longer be used, because its syncs never end.
//
// The time of a bubble starts in the year 2000. The time of the suite continues
// from one subtest to the next, because a state may hold an instant of an earlier
// subtest.
func (s *suite) runInVirtualTime(t tb, r rule) (stalledBy string) {
	skipReason := ""
	sleeper := newSleeper(s.options.sleep)
	defer sleeper.close()
	// A context makes its channel in the first call of Done. A channel that is
	// made in the bubble cannot be used outside it.
	_ = t.Context().Done()
	prepareNameResolver()
	var abandoned atomic.Bool
	stalledBy = t.Bubble(s.steps.Load, func(t tb) {
		time.Sleep(time.Until(s.findings.now))
		defer func() { s.findings.now = time.Now() }()
		defer s.startSource()()
		s.sleep = sleeper.sleep
		r.check(s, newCheck(bubbleTB{t, &skipReason, &abandoned}, r, s.seed))
	})
	if abandoned.Store(stalledBy != ""); skipReason != "" && stalledBy == "" {
		t.Skipf("%s", skipReason)
	}
	return stalledBy
}

// startSource makes the source and the network that leads to it. It returns a
// function that closes the network.
func (s *suite) startSource() (closeNetwork func()) {
	source := s.source()
	s.secrets.forget()
	network := newMemoryNetwork(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.findings.sourceRequests.Add(1)
		source.ServeHTTP(w, r)
	}))
	s.network = network
	return network.shutDown
}

// noRequestHint returns a hint for a failure if no request has reached the source
// in memory, or "".
func (s *suite) noRequestHint() string {
	if s.source == nil || s.findings.sourceRequests.Load() > 0 {
		return ""
	}
	return "\nno request has reached the handler of Source: give clients other than package transport's the network transport.RoundTripper, and pass the context of Sync to requests"
}

// baseNetwork returns the network that the suite's own round trippers pass
// requests on to.
func (s *suite) baseNetwork() http.RoundTripper {
	if s.network != nil {
		return s.network
	}
	if s.ownNetwork == nil {
		s.ownNetwork = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			s.ownNetwork = usual.Clone()
		}
		s.ownNetwork.DisableCompression = true // the client decompresses
	}
	return s.ownNetwork
}

// closeIdleConnections closes the connections that the suite has opened.
func (s *suite) closeIdleConnections() {
	if s.ownNetwork != nil {
		s.ownNetwork.CloseIdleConnections()
	}
}

// sync runs a sync of a new copy of the connector, or of a new process.
func (s *suite) sync(ctx context.Context, a attempt) *delivery {
	if s.program != nil {
		return s.program.sync(ctx, a)
	}
	s.steps.Add(1)
	if s.isVirtual() { // otherwise all syncs would run at the same instant
		time.Sleep(1234567 * time.Microsecond)
	}
	a = s.withDefaults(a)
	d := &delivery{platform: a.platform, began: time.Now(), realTime: s.realTime, endless: s.endless}
	selection, err := stdin.ParseSelection(a.selection)
	if err != nil {
		d.err, d.ended = err, d.began
		return d
	}
	ctx, stop := context.WithTimeoutCause(ctx, a.timeout, errTimeout)
	defer stop()
	deadline := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	canceledAt := a.provideCancel(cancel)
	if a.network != nil {
		ctx = transport.NewContext(ctx, a.network)
	}
	watch, caughtUp := s.newQuietWatch(cancel)
	watch.start()
	defer watch.stop()
	log := &logTail{}
	ctx = tableuse.With(ctx, func(use tableuse.Sync) { d.use = use })
	labelled(ctx, func(ctx context.Context, label string) {
		d.err = s.secrets.withRun(ctx, a.connector, func(run storedRun) error {
			return run.Sync(host.SyncRequest{State: a.from, Selection: selection, WholeRows: a.wholeRows, End: caughtUp}, s.receive(d, watch, a.before))
		}, s.hostOptions(log)...)
		d.ended = time.Now()
		d.timedOut = d.err != nil && deadline.Err() != nil
		watch.stop()
		s.concludeQuiet(d, watch)
		if at := canceledAt.Load(); at != nil {
			d.stoppedLate = d.ended.Sub(*at) >= s.stopTimeout
		}
		if a.findLeaks {
			d.leaked = leakedGoroutines(label)
		}
	})
	d.log = log.text()
	return d
}

// receive returns the destination of a sync. before is that of the attempt.
func (s *suite) receive(d *delivery, watch *quietWatch, before func(n int, op *host.Operation) error) host.Destination {
	n := 0
	return host.DestinationFunc(func(op *host.Operation) error {
		s.steps.Add(1)
		switch op.Kind {
		case host.OpTableEnd:
			d.end(op)
			return nil
		case host.OpTableBegin:
			delete(d.ends, op.Table.String())
			return nil // a program does not write begins and ends, either
		}
		return watch.write(op, func() error {
			err := d.write(op, n, before)
			n++
			return err
		})
	})
}

// hostOptions returns the options of the run of a sync.
func (s *suite) hostOptions(log io.Writer) []host.Option {
	return []host.Option{
		host.CheckpointEvery(0, 0),
		host.ProgressEvery(0),
		host.Grace(s.stopTimeout),
		host.LogTo(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
}

// withDefaults returns a with the suite's values for what it does not set.
func (s *suite) withDefaults(a attempt) attempt {
	if a.platform == nil {
		a.platform = &Platform{}
	}
	if a.connector == nil {
		a.connector = s.connector
	}
	if a.network == nil {
		a.network = s.network
	}
	if a.timeout == 0 {
		a.timeout = s.syncTimeout
	}
	return a
}

// baseline returns an uninterrupted sync from an empty state. All other syncs are
// compared with it. If it fails, the first subtest that needs it fails, and the
// others are skipped.
func (s *suite) baseline(c *check) *delivery {
	switch {
	case s.baselineSucceeds(c):
	case !s.findings.baselineReported:
		s.findings.baselineReported = true
		c.fatalWithf("read the error and the log; if the error comes from the source, check that the source is reachable and that the connector's fields are right",
			"a sync from an empty state failed: %s%s", s.findings.baseline.failure(), s.noRequestHint())
	default:
		c.Skipf("skipped: a sync from an empty state fails, as an earlier subtest reports, so there is nothing to compare with")
	}
	return s.findings.baseline
}

// baselineSucceeds reports whether an uninterrupted sync succeeds.
func (s *suite) baselineSucceeds(c *check) bool {
	s.findings.baselineOnce.Do(func() {
		s.findings.baseline = s.sync(context.WithoutCancel(c.Context()), attempt{})
	})
	return s.findings.baseline.err == nil
}

// requests returns the number of requests that a sync sends through package
// transport, or the reason why the suite cannot intercept them.
func (s *suite) requests(c *check) (count int, reason string) {
	baseline := s.baseline(c)
	s.findings.requestsOnce.Do(func() {
		counter := &requestCounter{network: s.baseNetwork()}
		// If the network leads nowhere, don't wait as long as for a sync that hangs.
		timeout := max(10*baseline.ended.Sub(baseline.began), 20*time.Second)
		var last int64 // when the last row arrived
		d := s.sync(context.WithoutCancel(c.Context()), attempt{network: counter, timeout: timeout, before: func(_ int, op *host.Operation) error {
			if op.Kind != host.OpCheckpoint {
				last = counter.count.Load()
			}
			return nil
		}})
		s.findings.requests = int(counter.count.Load())
		s.findings.endpoints = counter.endpoints.counted()
		if s.endless { // most of the others only ask for news
			s.findings.requests = min(s.findings.requests, int(last)+1)
		}
		switch {
		case s.findings.requests == 0:
			s.findings.notIntercepted = "the connector sent no request through package transport; other clients need the network transport.RoundTripper"
		case d.err != nil && s.network != nil:
			s.findings.notIntercepted = "a second sync failed, although the first one succeeded: " + d.err.Error()
		case d.err != nil:
			s.findings.notIntercepted = "the connector has its own network, and the source cannot be reached without it; pass it to the option Network: " + d.err.Error()
		case s.compareResumed().diff(d.platform, baseline.platform) != "" && s.network != nil:
			s.findings.notIntercepted = "a second sync delivers different rows from the first one"
		case s.compareResumed().diff(d.platform, baseline.platform) != "":
			s.findings.notIntercepted = "the connector has its own network, and receives different rows without it; pass it to the option Network"
		}
	})
	return s.findings.requests, s.findings.notIntercepted
}

// compareResumed compares a resumed sync with an uninterrupted one.
func (s *suite) compareResumed() comparison {
	return comparison{volatile: s.volatile, overlap: true, deletes: true}
}

// compareComplete compares two uninterrupted syncs.
func (s *suite) compareComplete() comparison { return comparison{volatile: s.volatile, deletes: true} }

// resumes runs a sync from the last state of an interrupted one, and fails unless
// both together deliver the rows of the baseline. history says how the first sync
// was interrupted: "canceled at operation 5".
func (s *suite) resumes(c *check, platform *Platform, history string) (ok bool) {
	baseline := s.baseline(c)
	state, before := platform.lastState(), len(platform.operations())
	last := s.sync(c.Context(), attempt{from: state, platform: platform})
	if last.err != nil {
		c.failWithf(fixResumeFails, "a sync was %s; the sync that resumed from its last state failed: %s\nthe state: %s", history, last.failure(), state)
		return false
	}
	differences := s.compareResumed().differences(platform, baseline.platform)
	if len(differences) == 0 {
		return true
	}
	fix := resumeFix(s, c.rule, differences, platform.operations()[before:])
	c.failWithf(fix, "a sync was %s, and another one resumed from its last state; their rows differ from those of one uninterrupted sync:\n%s\nthe state: %s", history, describeDifferences(differences), state)
	return false
}

// discover returns the tables of a new copy of the connector, or of a new process.
func (s *suite) discover(c *check) []*schema.Table {
	if s.program != nil {
		return s.program.discover(c)
	}
	var tables []*schema.Table
	err := s.withRun(c, s.connector, s.network, func(run storedRun) error {
		found, err := run.Schema()
		if err == nil {
			tables = found.Tables()
		}
		return err
	})
	if err != nil {
		c.fatalWithf(fixSchemaFails, "Schema failed: %v", err)
	}
	return tables
}

// withRun calls f with a run of a copy of a connector.
func (s *suite) withRun(c *check, of connector.Connector, network http.RoundTripper, f func(storedRun) error) error {
	ctx, stop := context.WithTimeoutCause(c.Context(), s.syncTimeout, errTimeout)
	defer stop()
	if network != nil {
		ctx = transport.NewContext(ctx, network)
	}
	return s.secrets.withRun(ctx, of, f, host.Grace(s.stopTimeout), host.LogTo(slog.DiscardHandler))
}
