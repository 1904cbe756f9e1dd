package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestNewContextReplacesTheNetworkOfAClient(t *testing.T) {
	c, err := transport.New("https://api.example.com", transport.WithRoundTripper(trips(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("the network of the client")
	})), transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithLogger(quiet))
	require.NoError(t, err)
	over := transport.NewContext(ctx, memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `"`+r.URL.Path+`"`)
	})})
	got, err := transport.Get[string](over, c, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Equal(t, "/x", got)
	_, err = transport.Get[string](transport.NewContext(over, nil), c, transport.Request{Path: "/x"})
	assert.ErrorContains(t, err, "the network of the client")
}

func TestNewContextReplacesTheNetworkOfOtherHTTPClients(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "outside") }))
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: transport.RoundTripper(nil)}
	defer client.CloseIdleConnections()
	inside := memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })}
	for want, ctx := range map[string]context.Context{"outside": ctx, "inside": transport.NewContext(ctx, inside)} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
		require.NoError(t, err)
		resp, err := client.Do(r)
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, string(got))
	}
	_, err := transport.RoundTripper(trips(func(*http.Request) (*http.Response, error) { return nil, errors.New("the base") })).RoundTrip(httptest.NewRequest(http.MethodGet, "http://x.test", nil))
	assert.ErrorContains(t, err, "the base")
}
