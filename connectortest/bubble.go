package connectortest

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// stallTimeout is how long virtual time may go without a step before it counts as
// stalled.
var stallTimeout = 10 * time.Second

// bubble runs f in virtual time. If no step happens for stallTimeout, it returns
// the stack of a goroutine that keeps time from advancing.
//
// Unlike synctest.Test, bubble neither waits for goroutines that still run when f
// returns nor fails because of them. A goroutine that lives as long as the process
// starts in some subtest, and Cancel finds goroutines that leak.
func bubble(t *testing.T, steps func() int64, f func(*testing.T)) (stalledBy string) {
	t.Helper()
	done, ended := make(chan struct{}), make(chan any, 1)
	var name atomic.Pointer[string]
	go func() {
		defer func() { ended <- recover() }()
		synctest.Test(t, func(t *testing.T) {
			defer close(done)
			own := bubbleName()
			name.Store(&own)
			f(t)
		})
	}()
	last, idle := steps(), 0
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(stallTimeout / 10):
			own, now := name.Load(), steps()
			if idle++; now != last || own == nil {
				last, idle = now, 0
				continue
			}
			// If every goroutine waits for a lock, further waiting is useless.
			if stack, locked := stallingGoroutine(allStacks(), *own); idle >= 10 || idle >= 2 && locked {
				return stack
			}
		}
	}
	select {
	case p := <-ended:
		if err, ok := p.(error); p != nil && (!ok || !strings.Contains(err.Error(), "blocked goroutines remain")) {
			panic(p)
		}
	case <-time.After(time.Second):
	}
	return ""
}

// bubbleName returns the name of the caller's bubble in stacks, such as
// "synctest bubble 7]".
func bubbleName() string {
	own := make([]byte, 200)
	head, _, _ := strings.Cut(string(own[:runtime.Stack(own, false)]), "]")
	return head[max(strings.LastIndex(head, "synctest"), 0):] + "]"
}

// allStacks returns the stacks of all goroutines, separated by empty lines.
func allStacks() string {
	all := make([]byte, 1<<20)
	return string(all[:runtime.Stack(all, true)])
}

// stallingGoroutine returns the stack of a goroutine of a bubble that waits for
// something outside the bubble. It returns locked if all such goroutines wait for
// a lock.
//
// It relies on the first line of a stack: "goroutine 9 [select (durable), synctest
// bubble 7]:". TestStacksHaveTheFormatThatTheSuiteReads fails if a Go release
// changes it.
func stallingGoroutine(stacks, bubble string) (found string, locked bool) {
	found = "unknown: perhaps the subtest was only slow"
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		if !strings.Contains(head, bubble) || strings.Contains(head, "(durable)") {
			continue
		}
		// The lock that checkSecrets waits for may be held in another bubble: a
		// process has only one default logger.
		if !strings.Contains(head, "Mutex") || strings.Contains(stack, "connectortest.checkOutput") {
			return stack, false
		}
		found, locked = stack, true
	}
	return found, locked
}
