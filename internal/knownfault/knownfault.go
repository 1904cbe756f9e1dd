// Package knownfault runs tests of faults that are known and not yet fixed.
//
// The tests assert the correct behavior. [Run] takes the names of the tests that
// fail today. It fails as soon as one of them passes, so no test stays on the list
// after its fault is fixed:
//
//	func TestASkippedPageIsAnError(t *testing.T) {
//		knownfault.Run(t, []string{"by offset"}, func(t *knownfault.T) {
//			t.Run("by page number", func(t *knownfault.T) { … }) // must pass
//			t.Run("by offset", func(t *knownfault.T) { … })      // must fail
//		})
//	}
//
// It is for tests only. No other code may import it.
package knownfault

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Run runs f as the test t. A leaf is a test without subtests. A leaf of f must fail
// if faults contains its name, and must pass otherwise. The name of a leaf consists of
// the names that were passed to [T.Run] for the leaf and for the tests around it,
// outermost first, separated by slashes. If f has no subtests, f is itself a leaf, and
// its name is "".
//
// The test t fails in the following cases:
//
//   - A leaf fails, but its name is not in faults. The leaf's messages are reported.
//   - A leaf passes, but its name is in faults. Remove the name from the list.
//   - A name is in faults, but no leaf has that name or the leaf was skipped.
//
// A leaf that panics fails. The tests after it still run.
//
// Subtests are real subtests of t, so go test -run selects them and -v shows them.
// Names of leaves that -run does not select are ignored. The failures of a leaf in
// faults are written to the log of its subtest, which passes.
func Run(t *testing.T, faults []string, f func(t *T)) {
	t.Helper()
	l := &list{left: map[string]bool{}, seen: map[string]bool{}}
	for _, name := range faults {
		if l.left[name] {
			t.Errorf("the list of known faults contains %q twice", name)
		}
		l.left[name] = true
	}
	defer l.reportMissing(t) // also if f skips the real test
	runTest(t, l, "", f)
}

// A list holds the names of the known faults while their tests run.
type list struct {
	mu      sync.Mutex
	left    map[string]bool // faults whose tests have not run yet
	seen    map[string]bool // tests that have started
	skipped []string        // subtests that go test -run does not select
}

// begin records that a test starts. It reports whether the test is the first of this
// name.
func (l *list) begin(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.seen[name]
	l.seen[name] = true
	return first
}

// take removes name from the faults and reports whether it was a fault.
func (l *list) take(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	listed := l.left[name]
	delete(l.left, name)
	return listed
}

// reportMissing fails t for each fault whose test has not run.
func (l *list) reportMissing(t *testing.T) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(l.left)) {
		if !l.isSkipped(name) {
			t.Errorf("no test without subtests ran under the name %q: remove the name from the list of known faults, or correct it", name)
		}
	}
}

// skip records a subtest that go test -run does not select.
func (l *list) skip(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.skipped = append(l.skipped, name)
}

// isSkipped reports whether go test -run does not select a leaf.
func (l *list) isSkipped(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.skipped, func(test string) bool {
		return name == test || strings.HasPrefix(name, test+"/")
	})
}

// runTest runs f as the real test rt. The list decides whether rt fails. The result is
// that of f, which may differ from that of rt.
func runTest(rt *testing.T, l *list, name string, f func(*T)) (passed bool) { //nolint:thelper // t is the T that f receives
	rt.Helper()
	if !l.begin(name) {
		rt.Errorf("two tests are named %q: the list of known faults needs distinct names", name)
	}
	t := newT(rt, l, name)
	t.run(f)
	failed, skipped, leaf, messages := t.end()
	text := strings.Join(messages, "\n")
	switch {
	case !leaf && t.ownFailure():
		rt.Errorf("%s", text)
	case !leaf: // subtests that must fail the real test have already done so
		if text != "" {
			rt.Logf("%s", text)
		}
	case failed && l.take(name):
		rt.Logf("the fault is known:\n%s", text)
	case failed:
		rt.Errorf("%s", text)
	case skipped: // a name in the list stays there, and reportMissing reports it
		rt.Skip(text)
	case l.take(name):
		rt.Errorf("%s passes, so its fault is fixed: remove it from the list of known faults", describe(name))
	case text != "":
		rt.Logf("%s", text)
	}
	return !failed
}

// describe returns the name of a test for a message.
func describe(name string) string {
	if name == "" {
		return "the test"
	}
	return fmt.Sprintf("the test %q", name)
}
