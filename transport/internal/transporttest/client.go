package transporttest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

// Serve starts a server on loopback and returns a client for it. Both are closed at the
// end of the test.
func Serve(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	opts = append([]transport.Option{transport.WithLogger(Quiet)}, opts...)
	c, err := transport.New(srv.URL, opts...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// InMemory returns a client of a handler that is called without a network.
func InMemory(t testing.TB, h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	t.Helper()
	opts = append([]transport.Option{transport.WithLogger(Quiet), transport.WithRoundTripper(Memory{h})}, opts...)
	c, err := transport.New("https://api.example.com", opts...)
	require.NoError(t, err)
	return c
}

// Client is like [InMemory], for examples, which have no testing.TB.
func Client(h http.HandlerFunc, opts ...transport.Option) *transport.Client {
	client, err := transport.New("https://api.example.com", append(opts, transport.WithRoundTripper(Memory{h}))...)
	if err != nil {
		panic(err)
	}
	return client
}
