package host

import (
	"sync"
	"sync/atomic"
)

// A lock is a mutex. In contrast to a sync.Mutex, a goroutine can wait for its
// release and for another event at the same time.
type lock struct {
	mu       sync.Mutex
	awaited  atomic.Bool   // once lockUnless has had to wait
	released chan struct{} // capacity 1; Unlock sends to it if awaited is set
}

func newLock() lock { return lock{released: make(chan struct{}, 1)} }

// Lock locks l.
func (l *lock) Lock() { l.mu.Lock() }

// TryLock locks l and reports true, unless l is locked.
func (l *lock) TryLock() bool { return l.mu.TryLock() }

// Unlock unlocks l.
func (l *lock) Unlock() {
	l.mu.Unlock()
	if l.awaited.Load() {
		l.signal()
	}
}

func (l *lock) signal() {
	select {
	case l.released <- struct{}{}:
	default:
	}
}

// lockUnless locks l and reports true. If giveUp is closed before l is free, it
// reports false.
func (l *lock) lockUnless(giveUp <-chan struct{}) bool {
	l.awaited.Store(true) // before TryLock, so that the holder's Unlock signals
	for !l.mu.TryLock() {
		select {
		case <-l.released:
		case <-giveUp:
			return false
		}
	}
	return true
}
