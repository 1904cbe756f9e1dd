package hosttest_test

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host/hosttest"
)

func TestMain(m *testing.M) {
	// Most tests wait for timers and processes, so more of them than the default, which is
	// the number of processors, can run at the same time.
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(strconv.Itoa(max(8, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestACorrectHostPasses(t *testing.T) {
	t.Parallel()
	hosttest.Run(t, reference(""))
}

func TestACorrectHostOfALimitedWirePasses(t *testing.T) {
	t.Parallel()
	hosttest.Run(t, limited())
}

// mutants maps each fault of a host to the rules that must find it.
var mutants = map[string]string{
	"shows secrets in the form":                     "Form",
	"forgets a default":                             "Form",
	"fails instead of answering a check":            "Check",
	"answers a check with success":                  "Check",
	"requires a configuration for every schema":     "Schema",
	"forgets keys":                                  "Schema",
	"reverses the tables":                           "Schema",
	"drops a row":                                   "Operations Checkpoints SlowReader",
	"repeats a row":                                 "Operations",
	"turns updates into upserts":                    "Operations",
	"takes no updates":                              "Operations",
	"drops warnings":                                "Operations Selection",
	"drops the ends of tables":                      "Operations FailedTable",
	"drops the failures of tables":                  "FailedTable",
	"forgets the schema's name":                     "Operations",
	"repeats an event after the end":                "Operations",
	"writes without end":                            "Operations",
	"writes without end and ignores errors":         "Operations",
	"forgets states":                                "Operations Incremental RepeatedState Delivered",
	"repeats states":                                "RepeatedState",
	"writes a state before its row":                 "Operations Checkpoints",
	"drops a row of a batch":                        "Together",
	"reverses the rows of a batch":                  "Together",
	"keeps the rows of a batch":                     "Together",
	"keeps operations":                              "Operations",
	"keeps rows":                                    "Operations Values",
	"passes floats":                                 "Values",
	"cuts timestamps":                               "Values",
	"delivers nulls as text":                        "Values",
	"cuts large rows":                               "Large",
	"cuts large states":                             "Large",
	"prints the time":                               "Determinism",
	"ignores the state":                             "Incremental",
	"does not report the failure":                   "FailedSync FailedTable",
	"reports the failure twice":                     "FailedSync FailedTable",
	"reports the failure without a hint":            "FailedSync FailedTable",
	"reports every failure as a defect":             "FailedSync",
	"returns no error":                              "FailedSync FailedTable",
	"ignores its context":                           "Cancel",
	"closes a connector that is running":            "Abandoned",
	"does not close emitters":                       "Late", // Checkpoints may find it, depending on the order of goroutines
	"writes after its end":                          "Operations Late",
	"leaves a goroutine":                            "Cancel",
	"keeps everything in a queue":                   "SlowReader",
	"waits for a platform that is not reading":      "StuckReader",
	"writes on after the platform has disconnected": "GoneReader",
	"ignores the selection":                         "Selection",
	"ignores what the selection does not name":      "Selection",
	"prints the configuration":                      "Secrets PastedKey",
	"quotes the configuration in its errors":        "Check PastedKey",
	"does not say what to fix":                      "Check PastedKey",
	"prints the configuration in hex":               "Secrets",
	"prints the replaced secret":                    "ReplacedSecret",
	"loses the replaced secret":                     "ReplacedSecret",
}

func TestEachFaultOfAHostIsFound(t *testing.T) {
	t.Parallel()
	for fault, rules := range mutants {
		t.Run(fault, func(t *testing.T) {
			t.Parallel() // many faults are found after a time limit
			reports := hosttest.Record(t.Context(), reference(fault), 300*time.Millisecond, strings.Fields(rules)...)
			require.Len(t, reports, len(strings.Fields(rules)))
			for name, r := range reports {
				assert.True(t, r.Failed(), "the rule %s does not find the fault", name)
				assert.Contains(t, r.String(), "\ncontract: ")
				assert.Contains(t, r.String(), "\nto fix it: ")
				t.Log(name, r)
			}
		})
	}
}

func TestTheNamesOfRulesStay(t *testing.T) {
	assert.Equal(t, "Form Check Schema Operations Together Values Large Determinism Incremental Checkpoints RepeatedState Delivered FailedSync FailedTable "+
		"Cancel Abandoned Late SlowReader StuckReader GoneReader Selection Secrets PastedKey ReplacedSecret", strings.Join(hosttest.RuleNames(), " "))
}
