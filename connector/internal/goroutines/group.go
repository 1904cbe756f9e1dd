package goroutines

import "sync"

// A Group is one call of connector.Go.
type Group struct {
	set  *Set // or nil
	done chan struct{}

	mu      sync.Mutex
	running int
	err     error // the first one; not changed once done is closed
}

// End records that one goroutine of the group has ended with err. It reports
// whether err is the first error of the group, and whether the goroutine was the
// last one.
func (g *Group) End(err error) (first, last bool) {
	g.mu.Lock()
	if first = err != nil && g.err == nil; first {
		g.err = err
	}
	g.running--
	if last = g.running == 0; last {
		close(g.done)
	}
	g.mu.Unlock()
	for s := g.set; s != nil; s = s.parent {
		s.add(-1)
	}
	return first, last
}

// Wait waits until all goroutines of the group have ended. It returns the first
// error.
func (g *Group) Wait() error {
	<-g.done
	if g.set != nil {
		g.set.mu.Lock()
		delete(g.set.groups, g)
		g.set.mu.Unlock()
	}
	return g.err
}
