package connectortest

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
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
