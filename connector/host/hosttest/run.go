package hosttest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Run runs every rule as a subtest. Rules that need an ability that the adapter
// does not declare are skipped, or check less.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	newSuite(a).run(testingT{t})
}

// A suite is one call of Run.
type suite struct {
	adapter Adapter
	// promptly is how soon a run has to end when it is told to, beyond the
	// grace. It is generous: a busy machine is not a fault of the host.
	promptly time.Duration
	// tooLong is how long a run may take at all.
	tooLong time.Duration
	// grace is that of a run whose connector does not end. The reader has as much
	// time for the last events, so it is generous as well.
	grace time.Duration
}

func newSuite(a Adapter) *suite {
	return &suite{adapter: a, promptly: 10 * time.Second, tooLong: 60 * time.Second, grace: 500 * time.Millisecond}
}

// A rule is a subtest: a sentence of the contract, and a function that checks
// whether the host keeps it.
type rule struct {
	name     string
	contract string
	check    func(*check)
}

func rules() []rule {
	return []rule{
		formRule, checkRule, schemaRule,
		operationsRule, valuesRule, largeRule, determinismRule,
		incrementalRule, checkpointsRule,
		failedSyncRule, failedTableRule,
		cancelRule, abandonedRule, lateRule,
		slowReaderRule, stuckReaderRule, goneReaderRule,
		selectionRule, secretsRule, replacedSecretRule,
	}
}

func (s *suite) run(t tb) {
	for _, r := range rules() {
		t.Run(r.name, func(t tb) { r.check(&check{tb: t, suite: s, rule: r}) })
	}
}

// A check is a rule while it is checked.
type check struct {
	tb
	*suite
	rule   rule
	what   string // the case at hand, for messages
	failed int
}

// enough is how many failures of a rule are reported.
const enough = 10

// in sets the case that failures are about from here on.
func (c *check) in(format string, args ...any) { c.what = fmt.Sprintf(format, args...) + ": " }

// broken reports that the rule is broken. It ends the subtest when enough is
// known.
func (c *check) broken(format string, args ...any) {
	verdict := c.verdict(format, args...)
	if c.failed == enough {
		c.Fatalf("%s\nthere may be more", verdict)
	}
	c.Errorf("%s", verdict)
}

// fatal is broken, and ends the subtest.
func (c *check) fatal(format string, args ...any) { c.Fatalf("%s", c.verdict(format, args...)) }

// verdict makes the message of a failure. The first one of a rule says what the
// rule is.
func (c *check) verdict(format string, args ...any) string {
	what := c.what + strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	if c.failed++; c.failed > 1 {
		return what
	}
	return what + "\ncontract: " + c.rule.contract
}

// tb is the part of testing.T that the suite needs, so that it can be tested
// itself: that it fails where it should.
type tb interface {
	Run(name string, f func(tb))
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skip(args ...any)
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(tb)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}
