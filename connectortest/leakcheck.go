package connectortest

import "time"

// A leakCheck checks that syncs stop in time and leave no goroutines behind.
type leakCheck struct {
	*check
	limit time.Duration // for a sync to stop
	leaks int           // syncs that left goroutines behind
}

// stopped fails if a sync stopped late or leaked goroutines. A goroutine that lives
// as long as the process is not a leak. Only one sync starts it, so a single sync
// may leave goroutines behind.
func (l *leakCheck) stopped(d *delivery, history string) (ok bool) {
	if d.stoppedLate {
		l.failWithf("pass the context of Sync to everything that waits, and return the error of each method of the Emitter", "a sync was %s, and had not returned after %v", history, l.limit)
		return false
	}
	if len(d.leaked) > 0 {
		l.leaks++
	}
	if l.leaks >= 2 {
		l.failWithf("before Sync returns, wait for the goroutines that it started", "a sync was %s and has returned, but %d of its goroutines are still running; one of them:\n%s", history, len(d.leaked), d.leaked[0])
		return false
	}
	return true
}
