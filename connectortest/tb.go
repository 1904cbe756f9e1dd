package connectortest

import (
	"context"
	"testing"
)

// tb is the part of testing.T that the suite needs. Tests of the suite replace
// it, so that they can check that a subtest fails.
type tb interface {
	Run(name string, f func(tb))
	Bubble(steps func() int64, f func(tb)) (stalledBy string)
	Context() context.Context
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	SkipNow()
	Failed() bool
}

// testingT is the tb of a real test.
type testingT struct{ *testing.T }

// Run runs f as a subtest.
func (t testingT) Run(name string, f func(tb)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}

// Bubble runs f in virtual time.
func (t testingT) Bubble(steps func() int64, f func(tb)) (stalledBy string) {
	t.Helper()
	return bubble(t.T, steps, func(t *testing.T) {
		t.Helper()
		f(testingT{t})
	})
}
