package fakeapi_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
)

// recorded is a round tripper that calls an API in memory.
type recorded struct{ api *fakeapi.API }

func (m recorded) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); {
		case p == http.ErrAbortHandler:
			resp, err = nil, io.ErrUnexpectedEOF
		case p != nil:
			panic(p)
		}
	}()
	m.api.ServeHTTP(w, r)
	return w.Result(), nil
}

// inMemory sends a request to an API. It returns status 0 if the connection breaks.
func inMemory(t *testing.T, api *fakeapi.API, address string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://fake.test"+address, nil)
	require.NoError(t, err)
	resp, err := recorded{api}.RoundTrip(req)
	if err != nil {
		return answer{}
	}
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// clientOf returns a client of package transport that calls an API in memory.
func clientOf(t *testing.T, api *fakeapi.API, options ...transport.Option) *transport.Client {
	t.Helper()
	client, err := transport.New("http://shop.test", append(options, transport.WithRoundTripper(recorded{api}), transport.WithLogger(slog.New(slog.DiscardHandler)))...)
	require.NoError(t, err)
	return client
}
