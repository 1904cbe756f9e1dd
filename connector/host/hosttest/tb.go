package hosttest

import (
	"context"
	"testing"
)

// tb is the part of testing.T that the suite needs. Tests of the suite implement it
// to find out whether rules fail when they should.
type tb interface {
	Run(name string, f func(tb))
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skip(args ...any)
}

// testingT implements tb.
type testingT struct{ *testing.T }

func (t testingT) Run(name string, f func(tb)) {
	t.T.Run(name, func(t *testing.T) { f(testingT{t}) })
}
