package connectortest

import (
	"testing"
	"testing/synctest"
	"time"
)

// At runs a test in virtual time that starts at the given instant. In the connector
// and in the test, time.Now returns that instant until a goroutine sleeps. The clock
// then jumps to the end of the sleep.
//
//	connectortest.At(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), func(t *testing.T) {
//		api := func() http.Handler { return newShop() }
//		sync := connectortest.Sync(t, &Connector{APIKey: "key-0123456789"}, connectortest.Source(api))
//		assert.JSONEq(t, `{"orders":{"cursor":"2026-03-01T12:00:00Z"}}`, string(sync.State))
//	})
//
// The test runs in a bubble of [testing/synctest] and follows its rules: every
// goroutine that f starts must end before f returns, and f must not call t.Run.
// The clock stops while a goroutine waits for a real network, so use a source in
// memory ([Source]). An instant before the year 2000 fails the test.
func At(t *testing.T, instant time.Time, f func(t *testing.T)) {
	t.Helper()
	prepareNameResolver()
	synctest.Test(t, func(t *testing.T) {
		wait := time.Until(instant)
		if wait < 0 {
			t.Fatalf("the clock cannot start at %v: the instant must be in the year 2000 or later", instant)
		}
		time.Sleep(wait)
		f(t)
	})
}
