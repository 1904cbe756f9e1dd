package connectortest

import (
	"context"
	"testing"
)

// tb is the part of testing.T that the suite needs, so that it can be tested
// itself: that it fails where it should.
type tb interface {
	Run(name string, f func(tb))
	Bubble(steps func() int64, f func(tb)) (stands string)
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
	SkipNow()
	Failed() bool
}

type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(tb)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}

// Bubble runs f in a bubble of virtual time.
func (t testingT) Bubble(steps func() int64, f func(tb)) (stands string) {
	t.Helper()
	return bubble(t.T, steps, func(t *testing.T) {
		t.Helper()
		f(testingT{t})
	})
}
