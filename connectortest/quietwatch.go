package connectortest

import (
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A quietWatch ends a sync that makes no progress for a while. It is safe for
// concurrent use. Call stop to end its goroutine.
type quietWatch struct {
	volatile map[string]map[string]bool // keys of the state, by table
	// limit returns for how long the sync may make no progress. It is called with
	// the mutex held.
	limit func(*syncProgress) time.Duration
	// tick is how often the watch looks at the clock, at least, and calls ticked.
	// The argument is whether the sync has made progress since the last call. If it
	// returns true, the watch ends the sync.
	tick   time.Duration
	ticked func(progressed bool) (end bool) // may be nil
	end    func()
	// kill is called if the watch has not been stopped after killAfter.
	kill      func() // may be nil
	killAfter time.Duration

	stopped chan struct{}
	once    sync.Once
	wait    sync.WaitGroup

	mu         sync.Mutex
	progress   syncProgress
	progressed bool      // since the last tick
	since      time.Time // of the last progress
	writing    bool      // an operation is being written
	ending     ending
}

// An ending is the end of a sync by a quietWatch.
type ending struct {
	at       time.Time     // zero if the watch has not ended the sync
	quiet    time.Duration // that the sync had been by then
	progress syncProgress  // by then
}

// start starts the goroutine of the watch.
func (w *quietWatch) start() {
	w.stopped = make(chan struct{})
	w.since = time.Now()
	w.progress.began = w.since
	w.wait.Go(w.run)
}

// stop ends the goroutine and waits for it. Further calls do nothing.
func (w *quietWatch) stop() {
	w.once.Do(func() { close(w.stopped) })
	w.wait.Wait()
}

func (w *quietWatch) run() {
	for w.sleep(w.left()) {
		if w.expired() {
			w.end()
			if w.kill != nil && w.sleep(w.killAfter) {
				w.kill()
			}
			return
		}
	}
}

// sleep reports whether the watch was not stopped for a duration.
func (w *quietWatch) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-w.stopped:
		return false
	}
}

// expired reports whether the sync has been quiet for too long.
func (w *quietWatch) expired() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := w.ticked != nil && w.ticked(w.progressed)
	w.progressed = false
	quiet := time.Since(w.since)
	if w.writing || !end && quiet < w.limit(&w.progress) {
		return false
	}
	w.ending = ending{time.Now(), quiet, w.progress}
	return true
}

// left returns how long the watch waits before it looks at the clock again.
func (w *quietWatch) left() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writing {
		return w.tick
	}
	return max(min(w.limit(&w.progress)-time.Since(w.since), w.tick), time.Millisecond)
}

// write calls f, which writes an operation. Meanwhile the platform is slow, not the
// sync quiet.
func (w *quietWatch) write(op *host.Operation, f func() error) error {
	w.mu.Lock()
	w.writing = true
	began := time.Now()
	w.mu.Unlock()
	err := f()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writing = false
	if w.progress.add(op, w.volatile) {
		w.progressed, w.since = true, time.Now()
	} else {
		w.since = w.since.Add(time.Since(began))
	}
	return err
}

// ended returns how the watch has ended the sync.
func (w *quietWatch) ended() ending {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ending
}
