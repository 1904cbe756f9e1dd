package hosttest

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Record is Run for a host that is expected to fail. It returns what each subtest
// reported, and does not fail a test. A run that takes longer than limit counts as
// hanging. If rules are named, only those are run.
func Record(ctx context.Context, a Adapter, limit time.Duration, only ...string) map[string]*Report {
	s := newSuite(a)
	s.promptly, s.tooLong, s.grace = limit, limit, limit/10
	root := &Report{ctx: ctx, all: map[string]*Report{}, only: only}
	s.run(root)
	return root.all
}

// RuleNames returns the names of the subtests.
func RuleNames() []string {
	var names []string
	for _, r := range rules() {
		names = append(names, r.name)
	}
	return names
}

// A Report holds what a subtest reported.
type Report struct {
	Skipped bool

	ctx      context.Context
	all      map[string]*Report
	only     []string
	mu       sync.Mutex
	failures []string
}

func (r *Report) Run(name string, f func(tb)) {
	if len(r.only) > 0 && !strings.Contains(strings.Join(r.only, " ")+" ", name+" ") {
		return
	}
	sub := &Report{ctx: r.ctx}
	r.all[name] = sub
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine
		defer close(done)
		f(sub)
	}()
	<-done
}

func (r *Report) Context() context.Context { return r.ctx }

func (r *Report) Errorf(format string, a ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, a...))
}

func (r *Report) Fatalf(format string, a ...any) {
	r.Errorf(format, a...)
	runtime.Goexit()
}

func (r *Report) Skip(...any) {
	r.Skipped = true
	runtime.Goexit()
}

// Failed reports whether the subtest failed.
func (r *Report) Failed() bool { return len(r.failures) > 0 }

func (r *Report) String() string { return strings.Join(r.failures, "\n") }
