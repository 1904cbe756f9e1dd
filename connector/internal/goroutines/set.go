// Package goroutines records the goroutines that a connector starts with
// connector.Go. The runtime uses it to find those that a method of the connector
// did not wait for.
package goroutines

import (
	"context"
	"sync"
)

// A Set records the goroutines that were started while a function ran. It also
// counts the running goroutines of the sets below it.
type Set struct {
	parent *Set // or nil

	mu      sync.Mutex
	groups  map[*Group]int // those that were not waited for, and their numbers
	started int            // the number of groups
	running int
	idle    chan struct{} // closed when running becomes zero; nil before the first goroutine
}

// NotWaited is the format of the error of a function that has returned while a
// goroutine of its set was running. The argument names the function.
const NotWaited = "%s returned while a goroutine that it had started with connector.Go was running; it must call the function that Go returns, and wait for it"

type key struct{}

// With returns a context that carries a new set. The set is below the one that ctx
// carries.
func With(ctx context.Context) (context.Context, *Set) {
	s := &Set{parent: From(ctx), groups: map[*Group]int{}}
	return context.WithValue(ctx, key{}, s), s
}

// From returns the set that ctx carries, or nil outside a run.
func From(ctx context.Context) *Set {
	s, _ := ctx.Value(key{}).(*Set)
	return s
}

// Start records a group of n goroutines. The set may be nil.
func (s *Set) Start(n int) *Group {
	g := &Group{set: s, running: n, done: make(chan struct{})}
	if n == 0 {
		close(g.done)
		return g
	}
	if s != nil {
		s.mu.Lock()
		s.groups[g] = s.started
		s.started++
		s.mu.Unlock()
	}
	for ; s != nil; s = s.parent {
		s.add(n)
	}
	return g
}

// add changes the number of running goroutines by n.
func (s *Set) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == 0 {
		s.idle = make(chan struct{})
	}
	if s.running += n; s.running == 0 {
		close(s.idle)
	}
}

// Idle returns a channel that is closed while no goroutine of the set is running.
func (s *Set) Idle() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idle == nil {
		s.idle = make(chan struct{})
		close(s.idle)
	}
	return s.idle
}

// Unwaited reports whether a goroutine is running of a group that the function has
// not waited for. It also returns the error of the first such group that has ended
// with one.
func (s *Set) Unwaited() (running bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.started
	for g, number := range s.groups {
		select {
		case <-g.done:
			if g.err != nil && number < first {
				first, err = number, g.err
			}
		default:
			running = true
		}
	}
	return running, err
}
