package connectortest

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// A jitter delays requests at random, some not at all and some long enough for all
// others to overtake them.
type jitter struct {
	network http.RoundTripper
	mu      sync.Mutex
	rand    *rand.Rand
}

func (n *jitter) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	delay := time.Duration(n.rand.IntN(4)*n.rand.IntN(4)) * time.Millisecond
	n.mu.Unlock()
	select {
	case <-time.After(delay):
		return n.network.RoundTrip(r)
	case <-r.Context().Done():
		closeBody(r)
		return nil, r.Context().Err()
	}
}
