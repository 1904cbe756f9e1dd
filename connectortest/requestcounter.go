package connectortest

import (
	"net/http"
	"sync/atomic"
)

// A requestCounter counts the requests that it passes on.
type requestCounter struct {
	network   http.RoundTripper
	count     atomic.Int64
	endpoints endpointCounts
}

func (n *requestCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	n.count.Add(1)
	n.endpoints.add(r)
	return n.network.RoundTrip(r)
}
