package connectortest

import (
	"fmt"
	"net/http"
	"sync"
)

// A rejectingNetwork passes some requests on and rejects all later ones.
type rejectingNetwork struct {
	network http.RoundTripper
	status  int       // of the rejections
	only    *endpoint // if not nil, the requests to other endpoints are passed on
	mu      sync.Mutex
	left    int // requests that are passed on
}

func (n *rejectingNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.only != nil && endpointOf(r) != *n.only {
		return n.network.RoundTrip(r)
	}
	n.mu.Lock()
	n.left--
	reject := n.left < 0
	n.mu.Unlock()
	if !reject {
		return n.network.RoundTrip(r)
	}
	closeBody(r)
	return newResponse(r, n.status, nil, fmt.Sprintf(`{"error":%q}`, http.StatusText(n.status))), nil
}
