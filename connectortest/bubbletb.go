package connectortest

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// bubbleTB is the tb of a test in a bubble. Only the test outside the bubble can be
// skipped, so Skipf stores the reason for it. Once the test is abandoned, a goroutine
// that reports something exits.
type bubbleTB struct {
	tb
	skipReason *string
	abandoned  *atomic.Bool
}

func (t bubbleTB) Skipf(format string, args ...any) {
	t.Helper()
	t.exitIfAbandoned()
	*t.skipReason = fmt.Sprintf(format, args...)
	t.SkipNow()
}

func (t bubbleTB) Logf(format string, args ...any) {
	t.Helper()
	t.exitIfAbandoned()
	t.tb.Logf(format, args...)
}

func (t bubbleTB) Errorf(format string, args ...any) {
	t.Helper()
	t.exitIfAbandoned()
	t.tb.Errorf(format, args...)
}

func (t bubbleTB) Fatalf(format string, args ...any) {
	t.Helper()
	t.exitIfAbandoned()
	t.tb.Fatalf(format, args...)
}

func (t bubbleTB) exitIfAbandoned() {
	if t.abandoned.Load() {
		runtime.Goexit()
	}
}
