// Each mutant is a connector with one fault. TestEachMutantIsFound checks that the rule
// that should find the fault does. By default it runs that rule alone, in virtual
// time if possible. To run all rules on each mutant, in virtual and in real time, and
// all rules on each broken program, and 200 times on each correct connector:
//
//	go test ./connectortest -long -timeout 30m

package connectortest_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
)

var (
	long = flag.Bool("long", false, "run all rules on each mutant and broken program, in virtual and in real time, and several times on each correct connector")
	runs = flag.Int("runs", 200, "how often the rules are run on a correct connector with -long")
)

// accounts is the number of accounts of a source.
const accounts = 12

// newReference returns a connector with a fault, or "", and its source. Each fault
// has a different key, because parallel tests share slog's default logger.
func newReference(fault string) (*reference, source) {
	key := fmt.Sprintf("key-%.8x/+f6", sha256.Sum256([]byte(fault)))
	c := &reference{APIKey: connector.Secret(key), PageSize: 4, url: sourceURL, fault: fault, memory: new(atomic.Int64)}
	return c, source{key: key, accounts: accounts, orders: 14, events: 9}
}

// A mutant is a fault, the subtest that must find it, and the subtests that may find
// it, too.
type mutant struct{ fault, found, also string }

var mutants = []mutant{
	{"a password in plain text", "Spec", ""},
	{"columns in the order of a map", "Schema", ""},
	{"tables in an order that changes", "Schema", ""},
	{"a test that always succeeds", "Test", ""},
	{"a test whose error loses its kind", "Test", ""},
	{"a test that needs no credentials", "Test", ""},
	{"a primary key that lacks a column", "Sync", "Compatibility"},
	{"a key that is converted to a float", "Sync", ""},
	{"a row without its primary key", "Sync", ""},
	{"a refused row whose error is ignored", "Sync", ""},
	{"a table that was not declared", "Sync", ""},
	{"rows of an unknown table whose errors are ignored", "Sync", ""},
	{"a secret in the state", "Sync", ""},
	{"rows in another order than promised", "Sync", ""},
	{"updates of rows that were never delivered", "Sync", "WholeRows"},
	{"a table declared again with another key", "Sync", "Selection"},
	{"a declared table whose name differs only in case", "Sync", ""},
	{"a page that is read twice with different values", "Sync", ""},
	{"a declared table that no function reads", "Sync", ""},
	{"a truncate before each page", "Sync", ""},
	{"a page token that is misspelled", "Unread", ""},
	{"a next URL that is misspelled", "Unread", ""},
	{"a Link header that is ignored", "Unread", ""},
	{"a flag for more pages that is ignored", "Unread", ""},
	{"a column whose name is misspelled", "Unread", "Compatibility"},
	{"a column whose name is in another style", "Unread", "Compatibility"},
	{"an amount that is converted to a float", "Unread", ""},
	{"a column that is not from the source", "Determinism", "Incremental Resume Crash Cancel SlowConsumer Selection Reselection Race Faults"},
	{"a state value that is not from the source", "Determinism", "Incremental"},
	{"a position that is kept in memory", "Determinism", "Incremental Resume Crash Cancel SlowConsumer Selection Reselection Race Faults"},
	{"a second sync that panics", "Incremental", "Resume Crash Cancel Reselection Race Faults"},
	{"a state that grows", "Incremental", ""},
	{"a state from the future that is rejected", "Incremental", ""},
	{"a truncate in a sync that resumes", "Incremental", "Resume Crash Cancel Reselection Race Faults"},
	{"a first sync that reads one page", "Incremental", "Unread Resume Crash Cancel Reselection Race Faults"},
	{"a cursor that is never advanced", "Incremental", ""},
	{"a cursor that is advanced to a zero value", "Incremental", ""},
	{"a checkpoint before the row", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a checkpoint for rows not yet delivered", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a resumed sync that starts after the cursor's value", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a resumed sync that skips a page", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a resumed sync that ends after one page", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a resumed sync that omits a value", "Resume", "Incremental Crash Cancel Reselection Race Faults"},
	{"a resumed sync that forgets a deletion", "Resume", "Incremental Crash Cancel Reselection Race Faults"},
	{"a delete that follows its checkpoint", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a state saved before the table begins", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a checkpoint between a row and its children", "Resume", "Crash Cancel Reselection Race Faults"},
	{"a cursor in the part of another table", "Progress", "Reselection"},
	{"a position counted twice after a resume", "Crash", ""},
	{"a table that is given up after two interrupted syncs", "Crash", ""},
	{"a leaked goroutine", "Cancel", ""},
	{"requests without the sync's context", "Cancel", ""},
	{"a wait that ignores the context", "Cancel", ""},
	{"a queue that drops rows when it is full", "SlowConsumer", "Incremental Resume Crash Cancel Selection Reselection Determinism Race Faults"},
	{"a source that is read far ahead", "SlowConsumer", ""},
	{"a table that must be selected", "Selection", "Reselection"},
	{"children delivered only with their parent", "Selection", ""},
	{"a table that is read only with another one", "Selection", ""},
	{"a first load that is recorded for all tables", "Reselection", ""},
	{"a child that does not follow its parent", "Reselection", "Selection"},
	{"a position that all tables share", "Reselection", ""},
	{"a table that is not read again once it was deselected", "Reselection", ""},
	{"a copy of a position that a reset leaves behind", "Reselection", ""},
	{"a position in the part of another table", "Reselection", "Progress"},
	{"updates without asking whether the platform accepts them", "WholeRows", ""},
	{"partial rows that replace whole ones", "WholeRows", ""},
	{"a secret in slog's default log", "Secrets", ""},
	{"a secret in the log package's output", "Secrets", ""},
	{"a secret in a warning", "Secrets", ""},
	{"a table that depends on another one's progress", "Race", "Determinism Incremental Resume Crash Cancel SlowConsumer Selection Reselection Race Faults"},
	{"an error that is ignored", "Faults", ""},
	{"an ignored error in one of several tables", "Faults", ""},
	{"rows delivered again after a failure", "Faults", ""},
	{"an error that loses its kind", "Faults", ""},
	{"a rejected request that counts as an empty page", "Faults", ""},
	{"a state that contains rows", "StateSize", ""},
	{"a column of another type", "Compatibility", ""},
	{"a table that was renamed", "Compatibility", ""},
	{"a column that has disappeared", "Compatibility", ""},
	{"a required field that is new", "Compatibility", ""},
}

func TestEachSubtestFindsAMutant(t *testing.T) {
	for _, name := range connectortest.RuleNames() {
		assert.True(t, slices.ContainsFunc(mutants, func(m mutant) bool { return m.found == name }),
			"no mutant makes %s fail", name)
	}
}

func TestTheDocumentationListsTheMutants(t *testing.T) {
	inTheDocumentation(t, "# Which subtest finds which fault", mutants)
}

// inTheDocumentation fails unless doc.go lists the mutants in their order after a
// text.
func inTheDocumentation(t *testing.T, after string, mutants []mutant) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(doc), after)
	for _, m := range mutants {
		line := fmt.Sprintf("//\t%-57s%s\n", m.fault, m.found)
		_, next, ok := strings.Cut(rest, line)
		if assert.True(t, ok, "doc.go lacks this line, or has it in another place:\n%s", line) {
			rest = next
		}
	}
}

func TestEachMutantIsFound(t *testing.T) {
	oldSlog, oldWriter, oldFlags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		slog.SetDefault(oldSlog)
		log.SetOutput(oldWriter)
		log.SetFlags(oldFlags)
	})
	for _, m := range mutants {
		virtual := m.fault != dropping
		t.Run(m.fault, func(t *testing.T) {
			t.Parallel()
			report := findMutant(t, m, virtual, connectortest.Only(connectortest.RuleNames(), m.found))
			_, fix, _ := strings.Cut(report.String(), "\nto fix it: ")
			assert.NotEmpty(t, fix)
			assert.Contains(t, fix, fixes[m.fault])
		})
		if !*long {
			continue
		}
		if m.fault == readingAhead {
			t.Run(m.fault+" in real time", func(t *testing.T) {
				t.Parallel()
				findMutant(t, m, false, connectortest.Only(connectortest.RuleNames(), m.found))
			})
			continue
		}
		if virtual {
			t.Run(m.fault+", all rules in virtual time", func(t *testing.T) {
				t.Parallel()
				findMutant(t, m, true)
			})
		}
		if m.fault != "a wait that ignores the context" { // it waits for seconds, hundreds of times
			t.Run(m.fault+", all rules in real time", func(t *testing.T) {
				t.Parallel()
				findMutant(t, m, false)
			})
		}
	}
}

const (
	// dropping is a mutant that drops rows after a wait. Virtual time would have to
	// advance while an operation is written.
	dropping = "a queue that drops rows when it is full"
	// readingAhead is a mutant with a source so large that the other rules take long.
	readingAhead = "a source that is read far ahead"
)

// findMutant fails unless the rule that should find the mutant does, and no other
// rule fails except those in m.also. It returns the report of the rule that should
// find it.
func findMutant(t *testing.T, m mutant, virtual bool, opts ...connectortest.Option) *connectortest.Report {
	t.Helper()
	ref, rows := newReference(m.fault)
	var network interface {
		http.Handler
		http.RoundTripper
	} = &rows
	opts = append(opts, connectortest.Seed(1))
	released := make(chan struct{})
	defer close(released)
	if !virtual { // a channel made outside the bubble would stop virtual time
		ref.released = released
	}
	var c, defaults connector.Connector = ref, ref
	switch m.fault {
	case "a password in plain text":
		c = &open{*ref, "hunter2"}
	case "a required field that is new":
		c = &regional{*ref, "eu"}
		defaults = &regional{*ref, ""}
	case "a page token that is misspelled":
		rows.next = nextToken
	case "a next URL that is misspelled":
		rows.next = nextURL
	case "a Link header that is ignored":
		rows.next = linkHeader
	case readingAhead:
		rows.accounts = 2000
		watched := &watchedSource{source: rows}
		// SlowConsumer pauses in the third sync.
		network, opts = watched, append(opts, connectortest.SleepBy(watched.waitFor(3)))
	}
	opts = append(opts, connectortest.Contract("testdata/contract.json", defaults))
	if !virtual && m.found != "Faults" {
		opts = append(opts, connectortest.Skip("Faults", "its waits are long in real time"))
	}
	if virtual {
		opts = append(opts, connectortest.Source(func() http.Handler { return network }))
	} else {
		opts = append(opts, connectortest.Network(network))
	}
	reports := connectortest.Record(t, c, opts...)
	require.True(t, reports[m.found].Failed(), "%s did not find it", m.found)
	t.Logf("%s:\n%v", m.found, reports[m.found])
	for name, r := range reports {
		if name != m.found && !slices.Contains(strings.Fields(m.also), name) {
			assert.False(t, r.Failed(), "%s failed, too:\n%v", name, r)
		}
	}
	return reports[m.found]
}

// A watchedSource counts how often the accounts were read to their last page.
type watchedSource struct {
	source
	finished atomic.Int64
}

func (s *watchedSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.source.ServeHTTP(w, r)
	size, _ := strconv.Atoi(r.URL.Query().Get("size"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	if r.URL.Path == "/accounts" && offset+size >= s.accounts {
		s.finished.Add(1)
	}
}

func (s *watchedSource) RoundTrip(r *http.Request) (*http.Response, error) {
	return roundTrip(s, r)
}

// waitFor returns a function that waits until the accounts were read n times. A test
// that waits for this event cannot mistake a connector on a busy machine for an idle
// one.
func (s *watchedSource) waitFor(n int64) func(time.Duration) {
	return func(time.Duration) {
		for deadline := time.Now().Add(time.Minute); s.finished.Load() < n && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
}
