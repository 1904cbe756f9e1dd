package host

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A lock is a mutex. In contrast to a sync.Mutex, a goroutine can wait for its
// release and for another event at the same time. Whoever locks it also locks the
// batches, or the lock alone.
type lock struct {
	mu       sync.Mutex
	batches  []*batch
	awaited  atomic.Bool   // once lockUnless has had to wait
	released chan struct{} // capacity 1; Unlock sends to it if awaited is set
}

func newLock() lock { return lock{released: make(chan struct{}, 1)} }

// Lock locks l.
func (l *lock) Lock() {
	l.mu.Lock()
	l.lockBatches()
}

// TryLock locks l and reports true, unless l is locked.
func (l *lock) TryLock() bool {
	if !l.mu.TryLock() {
		return false
	}
	l.lockBatches()
	return true
}

// Unlock unlocks l.
func (l *lock) Unlock() {
	for _, b := range l.batches {
		b.mu.Unlock()
	}
	l.unlockAlone()
}

// lockAlone locks l without the batches.
func (l *lock) lockAlone() { l.mu.Lock() }

// tryLockAlone locks l without the batches and reports true, unless l is locked.
func (l *lock) tryLockAlone() bool { return l.mu.TryLock() }

// unlockAlone unlocks l after lockAlone.
func (l *lock) unlockAlone() {
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
	for !l.TryLock() {
		select {
		case <-l.released:
		case <-giveUp:
			return false
		}
	}
	return true
}

// lockBatches locks the batches, whose mutexes are never held for long.
func (l *lock) lockBatches() {
	for _, b := range l.batches {
		b.mu.Lock()
	}
}

// add adds a batch, which the caller must not have locked. The caller has locked l.
func (l *lock) add(b *batch) {
	b.mu.Lock()
	l.batches = append(l.batches, b)
}

// remove removes a batch and unlocks it. The caller has locked l.
func (l *lock) remove(b *batch) {
	if i := slices.Index(l.batches, b); i >= 0 {
		l.batches = slices.Delete(l.batches, i, i+1)
		b.mu.Unlock()
	}
}
