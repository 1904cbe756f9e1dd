package knownfault

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// A T is a test within [Run]. Use it like a *testing.T. It implements [testing.TB], so
// the assertions of other packages accept it. It stores failures and log lines and
// does not pass them to the real test.
//
// Each test runs in a separate goroutine, which FailNow, Fatal and SkipNow end. A T is
// safe for concurrent use. As with a *testing.T, only the test's goroutine may call
// the methods that end the test.
type T struct {
	// TB is the real test. Methods that T does not override may fail it.
	testing.TB

	list *list
	name string
	root *T // the test that stores the results; outside a bubble, this test

	ctx    context.Context
	cancel context.CancelFunc

	mu        sync.Mutex
	failed    bool // by itself or by a subtest
	own       bool // failed by itself, not only by a subtest
	skipped   bool
	finished  bool // the test's function has returned
	group     bool // has subtests
	ended     bool // the result was returned
	messages  []string
	cleanups  []func()
	isHelping map[string]bool // functions that have called Helper
}

func newT(rt *testing.T, l *list, name string) *T { //nolint:thelper // t is the new test
	t := &T{TB: rt, list: l, name: name, isHelping: map[string]bool{}}
	t.root = t
	t.ctx, t.cancel = context.WithCancel(rt.Context())
	return t
}

// run runs f and the cleanups, each in a goroutine that can end early.
func (t *T) run(f func(*T)) {
	t.guard(func() { f(t) })
	t.cancel()
	for {
		t.mu.Lock()
		n := len(t.cleanups)
		if n == 0 {
			t.mu.Unlock()
			return
		}
		last := t.cleanups[n-1]
		t.cleanups = t.cleanups[:n-1]
		t.mu.Unlock()
		t.guard(last)
	}
}

// guard runs f in a goroutine and waits until it ends. If f panics, or calls
// runtime.Goexit other than through a method of T, the test fails.
func (t *T) guard(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		returned := false
		defer func() {
			if p := recover(); p != nil {
				t.fail(fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
				return
			}
			root := t.root
			root.mu.Lock()
			requested := root.finished
			root.finished = false
			root.mu.Unlock()
			if !returned && !requested {
				t.fail("the test called runtime.Goexit")
			}
		}()
		f()
		returned = true
	}()
	<-done
}

// end ends the test and returns its result.
func (t *T) end() (failed, skipped, leaf bool, messages []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	return t.failed, t.skipped, !t.group, slices.Clone(t.messages)
}

// ownFailure reports whether the test failed by itself, not only by a subtest.
func (t *T) ownFailure() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.own
}

// Run runs f as a subtest and reports whether it passed. It returns true if go test
// -run does not select the subtest.
func (t *T) Run(name string, f func(t *T)) bool {
	t.Helper()
	rt, ok := t.TB.(*testing.T)
	if !ok || t.root != t {
		t.Fatalf("subtest %q: a bubble of package synctest cannot have subtests", name)
	}
	t.mu.Lock()
	t.group = true
	t.mu.Unlock()
	full := name
	if t.name != "" {
		full = t.name + "/" + name
	}
	ran, passed := false, true
	rt.Run(name, func(rt *testing.T) {
		rt.Helper()
		ran = true
		passed = runTest(rt, t.list, full, f)
	})
	if !ran {
		t.list.skip(full)
	}
	if !passed {
		t.mu.Lock()
		t.failed = true
		t.mu.Unlock()
	}
	return passed
}

// Synctest runs f in a bubble of package [synctest], as synctest.Test does for a
// *testing.T. The T that f receives is the same test with a context of the bubble.
func Synctest(t *T, f func(t *T)) {
	t.Helper()
	rt, ok := t.TB.(*testing.T)
	if !ok || t.root != t {
		t.Fatalf("a bubble of package synctest cannot be nested")
	}
	synctest.Test(rt, func(rt *testing.T) {
		in := &T{TB: rt, root: t.root}
		in.ctx, in.cancel = context.WithCancel(rt.Context())
		in.run(f)
	})
	// A failed or skipped bubble ends the test, as with package synctest.
	t.mu.Lock()
	stop := t.skipped || t.own
	t.finished = stop
	t.mu.Unlock()
	if stop {
		runtime.Goexit()
	}
}

// Context returns a context that is canceled at the end of the test, before the
// cleanups run.
func (t *T) Context() context.Context { return t.ctx }

// Cleanup registers f to be called at the end of the test. The function that was
// registered last is called first. A failure in f fails the test.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Helper marks the calling function as a helper. Messages then name the line of its
// caller.
func (t *T) Helper() {
	pc, _, _, ok := runtime.Caller(1)
	if !ok {
		return
	}
	root := t.root
	root.mu.Lock()
	defer root.mu.Unlock()
	root.isHelping[runtime.FuncForPC(pc).Name()] = true
}

// Name returns the name of the real test.
func (t *T) Name() string { return t.root.TB.Name() }

// Failed reports whether the test or one of its subtests has failed.
func (t *T) Failed() bool {
	t.root.mu.Lock()
	defer t.root.mu.Unlock()
	return t.root.failed
}

// Fail marks the test as failed and continues.
func (t *T) Fail() { t.fail("") }

// FailNow marks the test as failed and ends it.
func (t *T) FailNow() {
	t.fail("")
	t.exit()
}

// Error is Log followed by Fail.
func (t *T) Error(args ...any) { t.fail(t.line(fmt.Sprintln(args...))) }

// Errorf is Logf followed by Fail.
func (t *T) Errorf(format string, args ...any) { t.fail(t.line(fmt.Sprintf(format, args...))) }

// Fatal is Log followed by FailNow.
func (t *T) Fatal(args ...any) {
	t.fail(t.line(fmt.Sprintln(args...)))
	t.exit()
}

// Fatalf is Logf followed by FailNow.
func (t *T) Fatalf(format string, args ...any) {
	t.fail(t.line(fmt.Sprintf(format, args...)))
	t.exit()
}

// Log stores a message, which is shown with the result.
func (t *T) Log(args ...any) { t.keep(t.line(fmt.Sprintln(args...))) }

// Logf stores a message, which is shown with the result.
func (t *T) Logf(format string, args ...any) { t.keep(t.line(fmt.Sprintf(format, args...))) }

// Skip is Log followed by SkipNow.
func (t *T) Skip(args ...any) {
	t.keep(t.line(fmt.Sprintln(args...)))
	t.SkipNow()
}

// Skipf is Logf followed by SkipNow.
func (t *T) Skipf(format string, args ...any) {
	t.keep(t.line(fmt.Sprintf(format, args...)))
	t.SkipNow()
}

// SkipNow marks the test as skipped and ends it.
func (t *T) SkipNow() {
	t.root.mu.Lock()
	t.root.skipped = true
	t.root.mu.Unlock()
	t.exit()
}

// Skipped reports whether the test was skipped.
func (t *T) Skipped() bool {
	t.root.mu.Lock()
	defer t.root.mu.Unlock()
	return t.root.skipped
}

// exit ends the test's goroutine.
func (t *T) exit() {
	t.root.mu.Lock()
	t.root.finished = true
	t.root.mu.Unlock()
	runtime.Goexit()
}

// fail fails the test and stores the message unless it is "". If the test has already
// ended, fail fails the real test, because the list no longer applies.
func (t *T) fail(message string) {
	root := t.root
	root.mu.Lock()
	if root.ended {
		root.mu.Unlock()
		root.TB.Errorf("a goroutine failed the test after its end: %s", message)
		return
	}
	defer root.mu.Unlock()
	root.failed, root.own = true, true
	if message != "" {
		root.messages = append(root.messages, message)
	}
}

// keep stores a message.
func (t *T) keep(message string) {
	t.root.mu.Lock()
	defer t.root.mu.Unlock()
	t.root.messages = append(t.root.messages, message)
}

// line prefixes a message with the file and line of its caller.
func (t *T) line(message string) string {
	for len(message) > 0 && message[len(message)-1] == '\n' {
		message = message[:len(message)-1]
	}
	var pcs [50]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	t.root.mu.Lock()
	defer t.root.mu.Unlock()
	for {
		frame, more := frames.Next()
		if !t.root.isHelping[frame.Function] || !more {
			return fmt.Sprintf("%s:%d: %s", filepath.Base(frame.File), frame.Line, message)
		}
	}
}
