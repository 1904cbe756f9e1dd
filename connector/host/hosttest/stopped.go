package hosttest

import (
	"sync"
	"sync/atomic"
	"time"
)

// A stopped reader blocks at the first event until it is released.
type stopped struct {
	reached chan struct{}
	free    chan struct{}
	once    sync.Once
	release func()
}

func newStopped() *stopped {
	s := &stopped{reached: make(chan struct{}), free: make(chan struct{})}
	s.release = sync.OnceFunc(func() { close(s.free) })
	return s
}

func (s *stopped) take(*Event) error {
	s.once.Do(func() { close(s.reached) })
	<-s.free
	return nil
}

// reach waits until the reader blocks. It reports false if no event arrives.
func (c *check) reach(s *stopped, a *answer) bool {
	select {
	case <-s.reached:
		return true
	case <-a.served:
		return false
	case <-time.After(c.tooLong):
		return false
	}
}

// blocked waits until the connector has stopped making progress. On a slow
// machine, it may return during a mere pause. The rule then finds less, but it
// does not fail.
func blocked(delivered *atomic.Int64) {
	const still = 10
	before, same := int64(-1), 0
	for same < still {
		if now := delivered.Load(); now == before {
			same++
		} else {
			before, same = now, 0
		}
		time.Sleep(5 * time.Millisecond)
	}
}
