package transport_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

// many sends n requests at once and returns how long they took.
func many(t *testing.T, c *transport.Client, n int, path func(i int) string) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			_, err := c.Do(ctx, transport.Request{Path: path(i)})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	return time.Since(start)
}

// samePath is the path of every request.
func samePath(int) string { return "/x" }

func TestALimitDelaysRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		limit ratelimit.Limit
		want  time.Duration
		path  func(int) string
	}{
		"per second":  {ratelimit.Limit{PerSecond: 10}, 1900 * time.Millisecond, samePath},
		"burst":       {ratelimit.Limit{PerSecond: 10, Burst: 10}, time.Second, samePath},
		"per minute":  {ratelimit.Limit{PerMinute: 60}, 19 * time.Second, samePath},
		"both":        {ratelimit.Limit{PerMinute: 60, PerSecond: 10}, 19 * time.Second, samePath},
		"none":        {ratelimit.Limit{}, 0, samePath},
		"per path":    {ratelimit.Limit{PerSecond: 10}, 900 * time.Millisecond, func(i int) string { return "/" + strconv.Itoa(i%2) }},
		"concurrency": {ratelimit.Limit{Concurrent: 4}, 5 * time.Second, func(int) string { return "/slow" }},
	} {
		var key func(method, host, path string) string
		if name == "per path" {
			key = func(_, _, path string) string { return path }
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var running, most atomic.Int64
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					n := running.Add(1)
					defer running.Add(-1)
					if n > most.Load() {
						most.Store(n)
					}
					if r.URL.Path == "/slow" {
						time.Sleep(time.Second)
					}
				}, transport.WithLimit(tt.limit), transport.WithLimitKey(key))
				assert.Equal(t, tt.want, many(t, c, 20, tt.path))
				if tt.limit.Concurrent > 0 {
					assert.EqualValues(t, tt.limit.Concurrent, most.Load())
				}
			})
		})
	}
}

func TestClientsThatShareALimiterShareItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{PerSecond: 1})
		require.NoError(t, err)
		h := func(w http.ResponseWriter, r *http.Request) {}
		a, b := inMemory(t, h, transport.WithLimiter(l)), inMemory(t, h, transport.WithLimiter(l))
		start := time.Now()
		many(t, a, 3, samePath)
		cctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err = b.Do(cctx, transport.Request{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		many(t, b, 1, samePath)
		assert.Equal(t, 3*time.Second, time.Since(start), "a wait that was canceled does not count")
	})
}

func TestANilLimiterLimitsNothing(t *testing.T) {
	c := inMemory(t, func(http.ResponseWriter, *http.Request) {}, transport.WithLimiter(nil))
	_, err := c.Do(ctx, transport.Request{})
	assert.NoError(t, err)
}
