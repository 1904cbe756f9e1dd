package hosttest

import "testing"

// Run runs every rule as a subtest. Rules that need an ability that the adapter
// does not declare are skipped, or check less.
func Run(t *testing.T, a Adapter) {
	t.Helper()
	newSuite(a).run(testingT{t})
}
