package connectortest_test

import (
	"crypto/sha256"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
)

// accounts is how many accounts a source has.
const accounts = 12

// newReference returns a connector with a fault, or "", and its source. Their
// key is one of their own: mutants that run side by side share slog's default.
func newReference(fault string) (*reference, source) {
	key := fmt.Sprintf("key-%.8x/+f6", sha256.Sum256([]byte(fault)))
	c := &reference{APIKey: connector.Secret(key), PageSize: 4, url: sourceURL, fault: fault, memory: new(atomic.Int64)}
	return c, source{key: key, accounts: accounts, orders: 14, events: 9}
}

// A mutant is a fault, the subtest that is there to find it, and those that
// find it as well, always or by chance.
type mutant struct{ fault, found, also string }

var mutants = []mutant{
	{"a password that is plain text", "Spec", ""},
	{"columns in the order of a map", "Schema", ""},
	{"a test that always succeeds", "Test", ""},
	{"a test whose error loses its kind", "Test", ""},
	{"a primary key with a column too few", "Sync", "Compatibility"},
	{"a key that passes through a float", "Sync", ""},
	{"a row without its key", "Sync", ""},
	{"a refused row that is passed over", "Sync", ""},
	{"a table that is not declared", "Sync", ""},
	{"a secret in the state", "Sync", ""},
	{"rows out of the order that was promised", "Sync", ""},
	{"updates of rows that were never delivered", "Sync", ""},
	{"a table declared anew with another key", "Sync", "Selection"},
	{"a table declared on the way whose name differs in case", "Sync", ""},
	{"a second sync that panics", "Incremental", "Resume Crash Cancel Race Faults"},
	{"state that grows", "Incremental", ""},
	{"a state from the future that is refused", "Incremental", ""},
	{"a truncate though the sync goes on in the middle", "Incremental", "Resume Crash Cancel Race Faults"},
	{"a checkpoint before the row", "Resume", "Crash Cancel Race Faults"},
	{"a checkpoint for rows that are still to be handed over", "Resume", "Crash Cancel Race Faults"},
	{"a resume that begins after the cursor's value", "Resume", "Crash Cancel Race Faults"},
	{"a resume that leaves out a page", "Resume", "Crash Cancel Race Faults"},
	{"a value left out after a resume", "Resume", "Incremental Crash Cancel Race Faults"},
	{"a deletion that is forgotten after a resume", "Resume", "Incremental Crash Cancel Race Faults"},
	{"a state that is saved before the table begins", "Resume", "Crash Cancel Race Faults"},
	{"a position that is counted twice after a resume", "Crash", ""},
	{"a goroutine that is left behind", "Cancel", ""},
	{"requests without the sync's context", "Cancel", ""},
	{"a wait that nothing ends", "Cancel", ""},
	{"a queue that drops what is too much", "SlowConsumer", "Incremental Resume Crash Cancel Selection Determinism Race Faults"},
	{"a source that is read far ahead", "SlowConsumer", ""},
	{"a table that has to be selected", "Selection", ""},
	{"children that come only with their parent", "Selection", ""},
	{"a secret in slog's default log", "Secrets", ""},
	{"a secret in the log package's output", "Secrets", ""},
	{"a secret in a warning", "Secrets", ""},
	{"a column that is not the source's", "Determinism", "Incremental Resume Crash Cancel SlowConsumer Selection Race Faults"},
	{"state that the source did not say", "Determinism", "Incremental"},
	{"a table that looks at what another one has read", "Race", "Determinism Incremental Resume Crash Cancel SlowConsumer Selection Race Faults"},
	{"a swallowed error", "Faults", ""},
	{"rows that are handed over again after a failure", "Faults", ""},
	{"an error that loses its kind", "Faults", ""},
	{"state that holds rows", "StateSize", ""},
	{"a column of another type", "Compatibility", ""},
}

func TestEachSubtestFindsAMutant(t *testing.T) {
	for _, name := range connectortest.RuleNames() {
		assert.True(t, slices.ContainsFunc(mutants, func(m mutant) bool { return m.found == name }),
			"nobody has seen %s fail", name)
	}
}

func TestTheDocumentationListsTheMutants(t *testing.T) {
	inTheDocumentation(t, "# What finds what", mutants)
}

// inTheDocumentation wants the mutants in doc.go, in their order, after some
// text.
func inTheDocumentation(t *testing.T, after string, mutants []mutant) {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(doc), after)
	for _, m := range mutants {
		line := fmt.Sprintf("//\t%-57s%s\n", m.fault, m.found)
		_, next, ok := strings.Cut(rest, line)
		if assert.True(t, ok, "want in doc.go, in the order of the list:\n%s", line) {
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
		find := func(t *testing.T, virtual bool) {
			t.Helper()
			t.Parallel()
			ref, network := newReference(m.fault)
			opts := []connectortest.Option{connectortest.Seed(1), connectortest.Contract("testdata/contract.json", ref)}
			released := make(chan struct{})
			defer close(released)
			if !virtual { // or else the clock stands
				ref.released = released
			}
			var c connector.Connector = ref
			switch m.fault {
			case "a password that is plain text":
				c = &open{*ref, "hunter2"}
			case "a source that is read far ahead":
				network.accounts = 2000
				for _, name := range connectortest.RuleNames() {
					if name != m.found {
						opts = append(opts, connectortest.Skip(name, "a source this large takes long"))
					}
				}
			}
			if !virtual && m.found != "Faults" {
				opts = append(opts, connectortest.Skip("Faults", "its waits take long where they are real"))
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
		}
		if m.fault != "a wait that nothing ends" { // hundreds of times, for seconds
			t.Run(m.fault, func(t *testing.T) { find(t, false) })
		}
		if m.fault == "a queue that drops what is too much" {
			continue // after a wait, for which virtual time would have to go on in the middle of an operation
		}
		t.Run(m.fault+" in virtual time", func(t *testing.T) { find(t, true) })
	}
}
