package connectortest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// virtually makes a check of a source in memory, in virtual time. A bubble's
// own time begins in the year 2000; the suite's goes on from one subtest to the
// next, for a state may hold an instant of an earlier one.
func (s *suite) virtually(c *check, look func(*suite, *check)) {
	t := c.tb
	if s.stuck {
		t.Skipf("skipped: virtual time does not go on, as was reported")
	}
	skip := ""
	// A pause in the middle of an operation has to be a real one: while other
	// goroutines wait for the lock that is held meanwhile, virtual time stands.
	asked, over := make(chan time.Duration), make(chan struct{})
	go func() {
		for d := range asked {
			time.Sleep(d)
			over <- struct{}{}
		}
		close(over)
	}()
	defer func() {
		close(asked)
		<-over
		s.pause = time.Sleep
	}()
	s.pause = func(d time.Duration) {
		asked <- d
		<-over
	}
	stands := t.Bubble(s.steps.Load, func(t tb) {
		time.Sleep(time.Until(s.clock))
		defer func() { s.clock = time.Now() }()
		network := newMemoryNetwork(s.source())
		defer network.hangUp()
		s.network = network
		c.tb = outward{t, &skip}
		look(s, c)
	})
	switch c.tb = t; {
	case stands != "":
		s.stuck = true
		t.Fatalf("virtual time does not go on, because this goroutine waits for something outside of it:\n%s\n"+
			"to mend it: if that is the network, let requests have the context that the connector is given, and clients other than package transport's have transport.RoundTripper for their network; if it has to wait, Network in place of Source proves the connector in real time", stands)
	case skip != "":
		t.Skipf("%s", skip)
	}
}

// outward is the test in a bubble, of which only the one outside can be skipped.
type outward struct {
	tb
	skip *string
}

func (t outward) Skipf(format string, args ...any) {
	*t.skip = fmt.Sprintf(format, args...)
	t.SkipNow()
}

// Bubble runs f in a bubble of virtual time.
func (t testingT) Bubble(steps func() int64, f func(tb)) (stands string) {
	t.Helper()
	return bubble(t.T, steps, func(t *testing.T) {
		t.Helper()
		f(testingT{t})
	})
}

// standing is how long there is no step where virtual time stands.
var standing = 20 * time.Second

// bubble runs f in a bubble of virtual time. It returns the stack of a goroutine
// that keeps time from going on, if there is one and no step is made for long.
//
// It does not wait for goroutines that are left when f has ended, and does not
// fail for them as a bubble does: what is started once for the whole process is
// started in some subtest, and Cancel finds what is left by each.
func bubble(t *testing.T, steps func() int64, f func(*testing.T)) (stands string) {
	t.Helper()
	done, gone := make(chan struct{}), make(chan any, 1)
	go func() {
		defer func() { gone <- recover() }()
		synctest.Test(t, func(t *testing.T) {
			defer close(done)
			f(t)
		})
	}()
	last := steps()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-time.After(standing):
			now := steps()
			if now == last {
				return holdsTheClock()
			}
			last = now
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

// holdsTheClock returns the stack of a goroutine that waits in a bubble for
// something outside of it.
func holdsTheClock() string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	found := ""
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		if strings.Contains(head, "synctest bubble") && !strings.Contains(head, "(durable)") {
			found = stack
			if !strings.Contains(head, "Mutex") { // which another one holds
				return stack
			}
		}
	}
	return found
}
