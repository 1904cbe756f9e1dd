package connectortest

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// stallTimeout is how long all goroutines of a bubble may wait for something before
// its time counts as stopped. A goroutine that computes, or waits for a processor on a
// busy machine, gets six times as long.
var stallTimeout = 10 * time.Second

// bubble runs f in virtual time. If the time stops, it returns the stack of a goroutine
// that keeps it from advancing. Time that has stopped is noticed while steps returns the
// same number.
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
	var watch stallWatch
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(stallTimeout / 10):
			own, now := name.Load(), steps()
			if own == nil || now != watch.steps {
				watch = stallWatch{steps: now}
				continue
			}
			if found := findStall(allStacks(), *own); watch.stalled(found) {
				return found.stack
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

// A stallWatch counts how often a bubble was looked at since its last step.
type stallWatch struct {
	steps   int64
	idle    int // times in all
	waiting int // the last times, at which its goroutines only waited
	locked  int // the last times, at which the same goroutine waited for a lock
	last    stall
}

// stalled reports whether the time of the bubble has stopped, after one more look.
func (w *stallWatch) stalled(found stall) bool {
	w.idle++
	if w.waiting++; found.busy {
		w.waiting = 0
	}
	if w.locked++; found.busy || !found.locked || found.goroutine() != w.last.goroutine() {
		w.locked = 0
	}
	w.last = found
	// If every goroutine waits for a lock, further waiting is useless.
	return w.locked >= 2 || w.waiting >= 10 || w.idle >= 60
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
	for all := make([]byte, 1<<20); ; all = make([]byte, 2*len(all)) {
		if n := runtime.Stack(all, true); n < len(all) {
			return string(all[:n])
		}
	}
}

// A stall is what keeps the time of a bubble from advancing.
type stall struct {
	// stack is the stack of a goroutine that waits for something outside the bubble.
	stack string
	// locked is set if all such goroutines wait for a lock.
	locked bool
	// busy is set if no goroutine waits for something outside, or if one does not wait.
	busy bool
}

// goroutine returns the name of the goroutine, such as "goroutine 9".
func (s stall) goroutine() string {
	name, _, _ := strings.Cut(s.stack, " [")
	return name
}

// findStall returns what keeps the time of a bubble from advancing.
//
// It relies on the first line of a stack: "goroutine 9 [select (durable), synctest
// bubble 7]:". TestStacksHaveTheFormatThatTheSuiteReads fails if a Go release
// changes it.
func findStall(stacks, bubble string) stall {
	found := stall{stack: "unknown: perhaps the subtest was only slow", busy: true}
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		_, state, _ := strings.Cut(head, "[")
		if !strings.HasSuffix(strings.TrimSuffix(state, ":"), bubble) || strings.Contains(state, "(durable)") {
			continue
		}
		switch locked := strings.HasPrefix(state, "sync.Mutex") || strings.HasPrefix(state, "sync.RWMutex"); {
		case !waits(state):
			return stall{stack: stack, busy: true}
		case found.busy, found.locked && !locked:
			found = stall{stack: stack, locked: locked}
		}
	}
	return found
}

// waits reports whether a goroutine with a state waits for an event. The runtime has
// many other states, in which a goroutine soon goes on.
func waits(state string) bool {
	for _, prefix := range []string{"chan ", "select", "sync.", "semacquire", "sleep", "IO wait", "syscall"} {
		if strings.HasPrefix(state, prefix) {
			return true
		}
	}
	return false
}
