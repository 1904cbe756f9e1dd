package secretmatrix_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	gosync "sync"
	"testing"
)

// A tally collects leaks from parallel tests, and reports them by kind of secret, by
// spelling and by way out. It is safe for concurrent use.
type tally struct {
	mu       gosync.Mutex
	searched int
	leaks    int
	by       [3]map[string]int
	examples []string
}

// maxExamples is the number of leaks that are shown as they arrived.
const maxExamples = 20

// searchedIn adds to the number of texts that were searched.
func (a *tally) searchedIn(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.searched += n
}

// leak records a leak. The found text says which secret it was.
func (a *tally) leak(kind, spelling, way, found, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.leaks++
	for i, name := range []string{kind, spelling, way} {
		if a.by[i] == nil {
			a.by[i] = map[string]int{}
		}
		a.by[i][name]++
	}
	if len(a.examples) < maxExamples {
		a.examples = append(a.examples, fmt.Sprintf("%s; %s; %s: %s: %.500q", kind, spelling, way, found, text))
	}
}

// report fails the test if there was a leak, or if nothing was searched.
func (a *tally) report(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	t.Logf("searched %d texts", a.searched)
	if a.searched == 0 {
		t.Error("nothing was searched")
	}
	if a.leaks == 0 {
		return
	}
	var b strings.Builder
	for i, title := range []string{"kinds of secrets", "spellings", "ways out"} {
		fmt.Fprintf(&b, "\n%s:\n", title)
		names := slices.SortedFunc(maps.Keys(a.by[i]), func(x, y string) int {
			return cmp.Or(cmp.Compare(a.by[i][y], a.by[i][x]), strings.Compare(x, y))
		})
		for _, name := range names {
			fmt.Fprintf(&b, "  %6d  %s\n", a.by[i][name], name)
		}
	}
	t.Errorf("%d leaks, such as\n%s\n%s", a.leaks, strings.Join(a.examples, "\n"), b.String())
}
