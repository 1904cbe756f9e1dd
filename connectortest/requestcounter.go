package connectortest

import (
	"net/http"
	"sync/atomic"
	"time"
)

// A requestCounter counts the requests that it passes on.
type requestCounter struct {
	network http.RoundTripper
	count   atomic.Int64
}

func (n *requestCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	n.count.Add(1)
	return n.network.RoundTrip(r)
}

// waitUntilIdle waits until no request is sent for a while, and returns the number
// of requests that were sent until then.
func (n *requestCounter) waitUntilIdle(sleep func(time.Duration)) int64 {
	first := n.count.Load()
	last := first
	for range 50 {
		sleep(40 * time.Millisecond)
		now := n.count.Load()
		if now == last {
			break
		}
		last = now
	}
	return last - first
}
