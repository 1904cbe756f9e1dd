package connectortest

import "time"

// A sleeper waits in real time on behalf of a goroutine in virtual time. While an
// operation is written, other goroutines wait for a lock, and virtual time does
// not advance.
type sleeper struct {
	requests chan time.Duration
	woken    chan struct{}
	closed   chan struct{}
}

func newSleeper(sleep func(time.Duration)) *sleeper {
	s := &sleeper{requests: make(chan time.Duration), woken: make(chan struct{}), closed: make(chan struct{})}
	go func() {
		defer close(s.woken)
		for {
			select {
			case d := <-s.requests:
				sleep(d)
				s.woken <- struct{}{}
			case <-s.closed:
				return
			}
		}
	}()
	return s
}

func (s *sleeper) sleep(d time.Duration) {
	select {
	case s.requests <- d:
		<-s.woken
	case <-s.closed:
	}
}

// close ends the sleeper's goroutine and waits for it.
func (s *sleeper) close() {
	close(s.closed)
	<-s.woken
}
