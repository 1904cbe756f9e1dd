package hosttest

import (
	"context"
	"testing"
)

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
