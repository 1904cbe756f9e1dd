package connectortest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// wire returns the network that the suite's own round trippers pass requests on
// to.
func (s *suite) wire() http.RoundTripper {
	if s.network != nil {
		return s.network
	}
	if s.fallback == nil {
		s.fallback = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			s.fallback = usual.Clone()
		}
		s.fallback.DisableCompression = true // which is the client's to do
	}
	return s.fallback
}

// hangUp closes the connections that the suite has opened.
func (s *suite) hangUp() {
	if s.fallback != nil {
		s.fallback.CloseIdleConnections()
	}
}

// requests returns how many requests a sync makes through package transport, or
// why they can't be tampered with.
func (s *suite) requests(c *check) (count int, why string) {
	whole := s.uninterrupted(c)
	s.counted.Do(func() {
		line := &counting{network: s.wire()}
		// A network that leads nowhere is not waited for as long as for a sync that hangs.
		limit := max(10*whole.ended.Sub(whole.began), 20*time.Second)
		d := s.travel(context.WithoutCancel(c.Context()), journey{network: line, limit: limit})
		s.count = int(line.count.Load())
		switch {
		case s.count == 0:
			s.why = "the connector made no request through package transport; another client needs transport.RoundTripper for its network"
		case d.err != nil:
			s.why = "the connector reaches its source by a network of its own, which the option Network can bring in: " + d.err.Error()
		case s.compare().diff(d.into, whole.into) != "" && s.network != nil:
			s.why = "a second sync delivers something else than the first one"
		case s.compare().diff(d.into, whole.into) != "":
			s.why = "the connector gets something else by a network that is not its own; the option Network can bring that in"
		}
	})
	return s.count, s.why
}

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

// stuck tells the sync to end during one request, and has no answer to it.
type stuck struct {
	network  http.RoundTripper
	at       int64
	cancel   func()
	released chan struct{}
	count    atomic.Int64
}

func (n *stuck) RoundTrip(r *http.Request) (*http.Response, error) {
	if n.count.Add(1)-1 != n.at {
		return n.network.RoundTrip(r)
	}
	n.cancel()
	// A request that cleans up after the sync is not ended by it, but soon by
	// itself: a job or a scroll is let go.
	if deadline, ok := r.Context().Deadline(); ok && r.Context().Err() == nil && time.Until(deadline) <= promptly {
		return n.network.RoundTrip(r)
	}
	drop(r)
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-n.released:
		return nil, io.ErrUnexpectedEOF
	}
}

// drop closes the body of a request that goes nowhere, as a round tripper has
// to.
func drop(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close() // nobody sends it
	}
}

// answerTo returns an answer of a source's own making.
func answerTo(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}
}

// A cutBody is a body whose connection breaks after some bytes, or at its end.
type cutBody struct {
	io.ReadCloser
	mu   sync.Mutex
	left int
}

func (b *cutBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
