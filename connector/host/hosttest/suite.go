package hosttest

import (
	"testing"
	"time"
)

// Run runs every rule as a subtest of t. If a rule needs an ability that the adapter
// does not declare, the rule is skipped or checks less. Rules run one at a time.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	newSuite(a).run(testingT{t})
}

// A suite is one call of Run.
type suite struct {
	adapter Adapter
	// promptly is the time in which a run must end after it is told to, in
	// addition to the grace period. It is long, because the machine may be busy.
	promptly time.Duration
	// tooLong is the maximum duration of any run.
	tooLong time.Duration
	// grace is the grace period of a run whose connector does not end. The
	// platform has the same time to read the last events, so it is long, too.
	grace time.Duration
}

func newSuite(a Adapter) *suite {
	return &suite{adapter: a, promptly: 10 * time.Second, tooLong: 60 * time.Second, grace: 500 * time.Millisecond}
}

// run runs every rule as a subtest.
func (s *suite) run(t tb) {
	for _, r := range rules() {
		t.Run(r.name, func(t tb) { r.check(&check{tb: t, suite: s, rule: r}) })
	}
}
