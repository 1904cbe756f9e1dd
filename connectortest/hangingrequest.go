package connectortest

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// A hangingRequest cancels the sync during one request, and never responds to it.
type hangingRequest struct {
	network  http.RoundTripper
	at       int64 // number of the request, starting at 0
	cancel   func()
	released chan struct{}
	count    atomic.Int64
}

func (n *hangingRequest) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.count.Add(1)-1 != n.at {
		return n.network.RoundTrip(r)
	}
	n.cancel()
	// A request that cleans up after the sync, for example by deleting a job, has
	// its own context and a short deadline. Cancelling the sync must not end it.
	if deadline, ok := r.Context().Deadline(); ok && r.Context().Err() == nil && time.Until(deadline) <= stopTimeout {
		return n.network.RoundTrip(r)
	}
	closeBody(r)
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-n.released:
		return nil, io.ErrUnexpectedEOF
	}
}
