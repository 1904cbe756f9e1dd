package connectortest

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// outward is the test in a bubble, of which only the one outside can be skipped,
// and of which nobody wants to hear any more when it was abandoned.
type outward struct {
	tb
	skip      *string
	abandoned *atomic.Bool
}

func (t outward) Skipf(format string, args ...any) {
	t.leave()
	*t.skip = fmt.Sprintf(format, args...)
	t.SkipNow()
}

func (t outward) Logf(format string, args ...any) {
	t.leave()
	t.tb.Logf(format, args...)
}

func (t outward) Errorf(format string, args ...any) {
	t.leave()
	t.tb.Errorf(format, args...)
}

func (t outward) Fatalf(format string, args ...any) {
	t.leave()
	t.tb.Fatalf(format, args...)
}

func (t outward) leave() {
	if t.abandoned.Load() {
		runtime.Goexit()
	}
}

// standing is how long there is no step where virtual time stands.
var standing = 10 * time.Second

// bubble runs f in a bubble of virtual time. It returns the stack of a goroutine
// that keeps time from going on, if there is one and no step is made for long.
//
// It does not wait for goroutines that are left when f has ended, and does not
// fail for them as a bubble does: what is started once for the whole process is
// started in some subtest, and Cancel finds what is left by each.
func bubble(t *testing.T, steps func() int64, f func(*testing.T)) (stands string) {
	t.Helper()
	done, gone := make(chan struct{}), make(chan any, 1)
	var name atomic.Pointer[string]
	go func() {
		defer func() { gone <- recover() }()
		synctest.Test(t, func(t *testing.T) {
			defer close(done)
			own := bubbleName()
			name.Store(&own)
			f(t)
		})
	}()
	last, idle := steps(), 0
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-time.After(standing / 10):
			own, now := name.Load(), steps()
			if idle++; now != last || own == nil {
				last, idle = now, 0
				continue
			}
			// A lock that nobody gives back needs no longer look.
			if stack, locked := holdsTheClock(*own); idle >= 10 || idle >= 2 && locked {
				return stack
			}
		}
	}
	select {
	case p := <-gone:
		if err, ok := p.(error); p != nil && (!ok || !strings.Contains(err.Error(), "blocked goroutines remain")) {
			panic(p)
		}
	case <-time.After(time.Second):
	}
	return ""
}

// bubbleName returns how stacks name the bubble of the goroutine that calls it.
func bubbleName() string {
	own := make([]byte, 200)
	head, _, _ := strings.Cut(string(own[:runtime.Stack(own, false)]), "]")
	return head[max(strings.LastIndex(head, "synctest"), 0):] + "]"
}

// holdsTheClock returns the stack of a goroutine that waits in a bubble for
// something outside of it, and whether all of the bubble waits for time to go on
// but for those that wait for a lock.
func holdsTheClock(bubble string) (found string, locked bool) {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	found = "none: it may be that it was only slow"
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		if !strings.Contains(head, bubble) || strings.Contains(head, "(durable)") {
			continue
		}
		// Which another one holds, and maybe of another bubble: there is one lock of
		// the defaults of package log.
		if !strings.Contains(head, "Mutex") || strings.Contains(stack, "(*suite).watch") {
			return stack, false
		}
		found, locked = stack, true
	}
	return found, locked
}
