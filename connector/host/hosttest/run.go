package hosttest

import "testing"

// Run runs every rule as a subtest of t. If a rule needs an ability that the adapter
// does not declare, the rule is skipped or checks less. Rules run one at a time.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	newSuite(a).run(testingT{t})
}
