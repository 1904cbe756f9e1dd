// Package knownfault runs tests of faults that are known and not fixed yet.
//
// The tests are written as they should pass. [Run] takes the names of those that
// fail today and fails as soon as one of them passes, so that no test stays marked
// after its fault is fixed:
//
//	func TestAPageThatIsLeftOutIsAnError(t *testing.T) {
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

// Run runs f as the test t. The leaves of f, which are its tests without subtests,
// must fail if faults names them and must pass otherwise. The name of a leaf is what
// was passed to [T.Run], after the names of the tests around it, separated by
// slashes. If f has no subtests, it is itself a leaf, and its name is "".
//
// The real test fails
//   - for a leaf that fails and is not in faults; it then reports the leaf's messages,
//   - for a leaf in faults that passes: its name has to be removed from the list,
//   - for a name in faults that no leaf has, or whose leaf was skipped.
//
// A leaf that panics has failed. The tests after it run.
//
// Subtests are real subtests of t, so that go test -run selects them and -v shows
// them. Names in faults that -run leaves out are not held against the list. The
// failures of a leaf in faults are written to the log of its subtest, which passes.
func Run(t *testing.T, faults []string, f func(t *T)) {
	t.Helper()
	l := &list{left: map[string]bool{}, seen: map[string]bool{}}
	for _, name := range faults {
		if l.left[name] {
			t.Errorf("the list of known faults has %q twice", name)
		}
		l.left[name] = true
	}
	defer l.reportMissing(t) // also if f skips the real test
	runTest(t, l, "", f)
}

// A list holds the names of the known faults while their tests run.
type list struct {
	mu      sync.Mutex
	left    map[string]bool // the faults whose tests have not run
	seen    map[string]bool // all tests that have begun
	leftOut []string        // the subtests that go test -run leaves out
}

// begin reports whether name is the first test of this name.
func (l *list) begin(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.seen[name]
	l.seen[name] = true
	return first
}

// take removes name from the faults and reports whether it was one.
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
		if !l.isLeftOut(name) {
			t.Errorf("no test without subtests has run as %q: remove it from the list of known faults, or correct its name", name)
		}
	}
}

func (l *list) leaveOut(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leftOut = append(l.leftOut, name)
}

func (l *list) isLeftOut(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.leftOut, func(out string) bool {
		return name == out || strings.HasPrefix(name, out+"/")
	})
}

// runTest runs f as the real test rt, and fails rt where the list demands it. It
// returns f's own result, which is not that of rt.
func runTest(rt *testing.T, l *list, name string, f func(*T)) (passed bool) { //nolint:thelper // t is what f calls its own
	rt.Helper()
	if !l.begin(name) {
		rt.Errorf("two tests are named %q, so that the list of known faults can't tell them apart", name)
	}
	t := newT(rt, l, name)
	t.run(f)
	failed, skipped, leaf, messages := t.end()
	text := strings.Join(messages, "\n")
	switch {
	case !leaf && t.ownFailure():
		rt.Errorf("%s", text)
	case !leaf: // subtests have failed the real test themselves where they had to
		if text != "" {
			rt.Logf("%s", text)
		}
	case failed && l.take(name):
		rt.Logf("the fault is known:\n%s", text)
	case failed:
		rt.Errorf("%s", text)
	case skipped: // a name that is in the list stays there, and is reported
		rt.Skip(text)
	case l.take(name):
		rt.Errorf("%s passes: the fault is fixed. Remove it from the list of known faults", describe(name))
	case text != "":
		rt.Logf("%s", text)
	}
	return !failed
}

func describe(name string) string {
	if name == "" {
		return "the test"
	}
	return fmt.Sprintf("the test %q", name)
}
