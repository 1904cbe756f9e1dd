package hosttest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host/hosttest"
)

func TestACorrectHostPasses(t *testing.T) { hosttest.Run(t, reference("")) }

func TestACorrectHostOfALimitedWirePasses(t *testing.T) { hosttest.Run(t, limited()) }

// mutants are faults of a host, each with the rules that have to find it.
var mutants = map[string]string{
	"shows secrets in the form":              "Form",
	"forgets a default":                      "Form",
	"fails instead of answering a check":     "Check",
	"answers a check with success":           "Check",
	"wants a configuration for every schema": "Schema",
	"forgets keys":                           "Schema",
	"reverses the tables":                    "Schema",
	"drops a row":                            "Operations Checkpoints SlowReader",
	"repeats a row":                          "Operations",
	"turns updates into upserts":             "Operations",
	"takes no updates":                       "Operations",
	"drops warnings":                         "Operations Selection",
	"drops the ends of tables":               "Operations FailedTable",
	"drops the failures of tables":           "FailedTable",
	"forgets the schema's name":              "Operations",
	"repeats an event after the end":         "Operations",
	"writes without end":                     "Operations",
	"writes without end, whoever reads":      "Operations",
	"forgets states":                         "Operations Incremental",
	"writes a state before its row":          "Operations Checkpoints",
	"keeps operations":                       "Operations",
	"keeps rows":                             "Operations Values",
	"passes floats":                          "Values",
	"cuts timestamps":                        "Values",
	"delivers nulls as text":                 "Values",
	"cuts large rows":                        "Large",
	"cuts large states":                      "Large",
	"prints the time":                        "Determinism",
	"ignores the state":                      "Incremental",
	"swallows the failure":                   "FailedSync FailedTable",
	"reports the failure twice":              "FailedSync FailedTable",
	"reports the failure without what to do": "FailedSync FailedTable",
	"blames the author for everything":       "FailedSync",
	"returns no error":                       "FailedSync FailedTable",
	"ignores its context":                    "Cancel",
	"closes a connector that is at work":     "Abandoned",
	"does not close emitters":                "Checkpoints Late",
	"writes after its end":                   "Operations Late",
	"leaves a goroutine":                     "Cancel",
	"keeps everything in a queue":            "SlowReader",
	"waits for a reader that takes nothing":  "StuckReader",
	"writes on when the reader has gone":     "GoneReader",
	"ignores the selection":                  "Selection",
	"forgets what is not named":              "Selection",
	"prints the configuration":               "Secrets",
	"prints the configuration in hex":        "Secrets",
	"prints what it replaces":                "ReplacedSecret",
	"loses what is replaced":                 "ReplacedSecret",
}

func TestEachFaultOfAHostIsFound(t *testing.T) {
	for fault, rules := range mutants {
		t.Run(fault, func(t *testing.T) {
			reports := hosttest.Record(t.Context(), reference(fault), 300*time.Millisecond, strings.Fields(rules)...)
			require.Len(t, reports, len(strings.Fields(rules)))
			for name, r := range reports {
				assert.True(t, r.Failed(), "%s does not find it", name)
				assert.Contains(t, r.String(), "\ncontract: ")
				t.Log(name, r)
			}
		})
	}
}

func TestTheNamesOfRulesStay(t *testing.T) {
	assert.Equal(t, "Form Check Schema Operations Values Large Determinism Incremental Checkpoints FailedSync FailedTable "+
		"Cancel Abandoned Late SlowReader StuckReader GoneReader Selection Secrets ReplacedSecret", strings.Join(hosttest.RuleNames(), " "))
}
