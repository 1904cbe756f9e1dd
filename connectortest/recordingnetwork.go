package connectortest

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// maxRecordedBytes is the number of bytes of all bodies that a recordingNetwork keeps.
const maxRecordedBytes = 64 << 20

// A recordingNetwork keeps the requests and responses that it passes on. It is safe for
// concurrent use.
type recordingNetwork struct {
	network http.RoundTripper

	mu        sync.Mutex
	exchanges []*exchange
	left      int // bytes that may still be kept
}

func newRecordingNetwork(network http.RoundTripper) *recordingNetwork {
	return &recordingNetwork{network: network, left: maxRecordedBytes}
}

func (n *recordingNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := requestBody(r)
	if err != nil {
		return nil, err
	}
	if sent != nil {
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	e := &exchange{method: r.Method, url: *r.URL, requestHeader: r.Header.Clone(), sent: sent}
	n.mu.Lock()
	n.exchanges = append(n.exchanges, e)
	n.mu.Unlock()
	resp, err := n.network.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	e.status, e.header = resp.StatusCode, resp.Header.Clone()
	n.mu.Unlock()
	if resp.Body != nil && resp.Body != http.NoBody {
		resp.Body = &recordedBody{ReadCloser: resp.Body, network: n, exchange: e}
	}
	return resp, nil
}

// requestBody reads and closes the body of a request. It returns nil if there is none.
func requestBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	sent, err := io.ReadAll(r.Body)
	if cerr := r.Body.Close(); err == nil {
		err = cerr
	}
	return sent, err
}

// keep appends bytes of a response to its exchange.
func (n *recordingNetwork) keep(e *exchange, p []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(p) > n.left {
		e.cut = true
		return
	}
	n.left -= len(p)
	e.body = append(e.body, p...)
}

// recorded returns copies of the exchanges so far, in the order of their requests.
func (n *recordingNetwork) recorded() []*exchange {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*exchange, len(n.exchanges))
	for i, e := range n.exchanges {
		then := *e
		all[i] = &then
	}
	return all
}

// A recordedBody is the body of a response that is kept while the client reads it.
type recordedBody struct {
	io.ReadCloser
	network  *recordingNetwork
	exchange *exchange
}

func (b *recordedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.network.keep(b.exchange, p[:n])
	return n, err
}
