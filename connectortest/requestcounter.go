package connectortest

import (
	"net/http"
	"sync/atomic"
	"time"
)

// counting counts requests.
type counting struct {
	network http.RoundTripper
	count   atomic.Int64
}

func (n *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	n.count.Add(1)
	return n.network.RoundTrip(r)
}

// standstill waits until no more requests are made, and returns how many that
// were.
func (n *counting) standstill(pause func(time.Duration)) int64 {
	first := n.count.Load()
	last := first
	for range 50 {
		pause(40 * time.Millisecond)
		now := n.count.Load()
		if now == last {
			break
		}
		last = now
	}
	return last - first
}
