package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestSecretInAnErrorOfTheNetwork(t *testing.T) {
	cause := errors.New("cause")
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithAuth(auth.QueryKey("k", "s3cret")), transport.WithRetry(retry.Policy{Attempts: 1}),
		transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("can't reach %v: %w", r.URL, cause)
		})))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Path: "/x"})
	assert.ErrorIs(t, err, cause)
	assert.EqualError(t, err, "GET https://h/x: can't reach https://h/x?k=***: cause")
	for e := err; e != nil; e = errors.Unwrap(e) {
		assert.NotContains(t, e.Error(), "s3cret")
	}
}

func TestRequestsAreNotChanged(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		writeItems(w, n, n, `,"pages":3`)
	}, transport.WithQuery("v", "1"), transport.WithHeader("X-A", "b"), transport.WithAuth(auth.Bearer("token")))
	req := transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, RecordsAt: "data", Body: map[string]any{"q": 1}}
	_, err := collect(transport.Records[item](ctx, c, req, paging.PageNumber{TotalPagesAt: "pages"}))
	require.NoError(t, err)
	assert.Equal(t, transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, RecordsAt: "data", Body: map[string]any{"q": 1}}, req)
}

// An answer that never ends its body, and a caller who has had enough.
func TestCancelWithinABody(t *testing.T) {
	reading := make(chan struct{}, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"data":[`)
		_ = http.NewResponseController(w).Flush()
		reading <- struct{}{}
		<-r.Context().Done()
	})
	cctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { <-reading; cancel() }()
	start := time.Now()
	_, err := collect(transport.Records[item](cctx, c, transport.Request{RecordsAt: "data"}, nil))
	assert.ErrorIs(t, err, context.Canceled)
	asError(t, err)
	assert.Less(t, time.Since(start), 30*time.Second)
}

// Requests to a host that is not the source's carry nothing of the client's,
// whatever way leads there.
func TestOwnHeadersStayAtHomeInStreams(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"))
		assert.Empty(t, r.Header.Get("X-Team"))
		_, _ = io.WriteString(w, "{\"id\":1}\n")
	}))
	defer other.Close()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		transport.WithAuth(auth.Bearer("token")), transport.WithHeader("X-Team", "a"))
	for _, path := range []string{"/away", other.URL} {
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{Path: path}, format.NDJSON{}))
		require.NoError(t, err)
		assert.Equal(t, upTo(1), ids(got))
	}
}
