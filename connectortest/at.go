package connectortest

import (
	"testing"
	"testing/synctest"
	"time"
)

// At runs a test whose clock stands still at an instant: time.Now tells it, in
// the connector as in the test, until something sleeps; then the clock jumps on
// at once, however long the sleep.
//
//	connectortest.At(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), func(t *testing.T) {
//		sync := connectortest.Sync(t, &Connector{APIKey: "key-0123456789"}, connectortest.Against(api))
//		assert.JSONEq(t, `{"orders":{"cursor":"2026-03-01T12:00:00Z"}}`, string(sync.State))
//	})
//
// It is a bubble of [testing/synctest], whose rules hold: every goroutine that
// f starts has to end before it does, and f can't call t.Run. The clock stands
// as long as a goroutine waits for a real network, so that a source in memory is
// best, by [Against]. An instant before the year 2000 fails the test.
func At(t *testing.T, instant time.Time, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wait := time.Until(instant)
		if wait < 0 {
			t.Fatalf("the clock can't stand at %v: want an instant from the year 2000 on", instant)
		}
		time.Sleep(wait)
		f(t)
	})
}
