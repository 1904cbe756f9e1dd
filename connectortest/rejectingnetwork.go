package connectortest

import (
	"net/http"
	"sync"
)

// A rejectingNetwork passes some requests on and rejects all later ones.
type rejectingNetwork struct {
	network http.RoundTripper
	mu      sync.Mutex
	left    int // requests that are passed on
}

func (n *rejectingNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.left--
	reject := n.left < 0
	n.mu.Unlock()
	if !reject {
		return n.network.RoundTrip(r)
	}
	closeBody(r)
	return newResponse(r, http.StatusNotImplemented, nil, `{"error":"not implemented"}`), nil
}
