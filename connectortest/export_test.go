package connectortest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// IsMisspelling reports whether one name is surely a misspelling of the other.
func IsMisspelling(a, b string) bool { return isMisspelling(a, b) }

// NextPages returns the number of next pages that the body of a response names.
func NextPages(body string) int {
	e := &exchange{status: 200, body: []byte(body)}
	v := e.value()
	lists := recordLists(v, "")
	objectsIn(v, func(object map[string]any) { _ = recordText(object) })
	return len(nextPages(nil, v, lists))
}

// EndpointOf returns the endpoint of a GET request for a path.
func EndpointOf(path string) string {
	return endpointOf(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}).path
}

// Record is like Run, but returns the reports of the subtests instead of failing the
// test. The report of Run itself has the name "".
func Record(t *testing.T, c connector.Connector, opts ...Option) map[string]*Report {
	t.Helper()
	root := &Report{t: t, ctx: t.Context(), all: map[string]*Report{}}
	newSuite(c, opts).run(root)
	root.all[""] = root
	return root.all
}

// RecordBinary is like RunBinary, but returns the reports of the subtests.
func RecordBinary(ctx context.Context, path string, secrets []byte, opts ...Option) map[string]*Report {
	root := &Report{ctx: ctx, all: map[string]*Report{}}
	newBinarySuite(path, secrets, opts).run(root)
	root.all[""] = root
	return root.all
}

// SleepBy replaces the pauses of SlowConsumer, so that a test can wait for an event.
func SleepBy(sleep func(time.Duration)) Option {
	return Option{"SleepBy", inRun, func(o *options) { o.sleep = sleep }}
}

// StopTimeout sets how long a sync may take to stop.
func StopTimeout(d time.Duration) Option {
	return Option{"StopTimeout", inSuites, func(o *options) { o.stopTimeout = d }}
}

// SilenceLimit sets how long a sync may make no progress in real time.
func SilenceLimit(d time.Duration) Option {
	return Option{"SilenceLimit", inSuites, func(o *options) { o.silenceLimit = d }}
}

// Only skips all subtests except one. A baseline still runs if that one needs it.
func Only(rules []string, subtest string) Option {
	return Option{"Only", inSuites, func(o *options) {
		for _, name := range rules {
			if name != subtest {
				o.skipped[name] = "not under test"
			}
		}
	}}
}

// OnlyRandom skips the subtests that make no random choices.
func OnlyRandom() Option {
	return Option{"OnlyRandom", inRun, func(o *options) {
		for _, r := range new(suite).rules() {
			if !r.random {
				o.skipped[r.name] = "not random"
			}
		}
	}}
}

// SetStallTimeout sets the time after which virtual time counts as stalled, for the
// rest of the test.
func SetStallTimeout(t *testing.T, d time.Duration) {
	t.Helper()
	old := stallTimeout
	stallTimeout = d
	t.Cleanup(func() { stallTimeout = old })
}

// A Report holds what a subtest reported.
type Report struct {
	Failures []string
	Skips    []string
	Logs     []string

	t   *testing.T
	ctx context.Context
	all map[string]*Report
}

func (r *Report) Run(name string, f func(tb)) {
	sub := &Report{t: r.t, ctx: r.ctx}
	r.all[name] = sub
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine
		defer close(done)
		f(sub)
	}()
	<-done
}

// Bubble runs f in virtual time.
func (r *Report) Bubble(steps func() int64, f func(tb)) string {
	old := r.ctx
	defer func() { r.ctx = old }()
	return bubble(r.t, steps, func(t *testing.T) {
		t.Helper()
		r.ctx = t.Context()
		done := make(chan struct{})
		go func() { // Fatalf ends this goroutine, not the real test
			defer close(done)
			f(r)
		}()
		<-done
	})
}

// Helper does nothing.
func (r *Report) Helper() {}

func (r *Report) Context() context.Context { return r.ctx }

func (r *Report) Logf(format string, a ...any) { r.Logs = append(r.Logs, fmt.Sprintf(format, a...)) }

func (r *Report) Errorf(format string, a ...any) {
	r.Failures = append(r.Failures, fmt.Sprintf(format, a...))
}

func (r *Report) Failed() bool { return len(r.Failures) > 0 }

func (r *Report) Fatalf(format string, a ...any) {
	r.Errorf(format, a...)
	runtime.Goexit()
}

func (r *Report) Skipf(format string, a ...any) {
	r.Skips = append(r.Skips, fmt.Sprintf(format, a...))
	r.SkipNow()
}

func (r *Report) SkipNow() { runtime.Goexit() }

func (r *Report) String() string { return strings.Join(r.Failures, "\n") }

// RuleNames returns the names of the subtests of Run.
func RuleNames() []string { return namesOf(new(suite).rules()) }

// BinaryRuleNames returns the names of the subtests of RunBinary.
func BinaryRuleNames() []string { return namesOf(binaryRules()) }

func namesOf(rules []rule) []string {
	var names []string
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}
