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
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

func TestSecretInAnErrorOfTheNetwork(t *testing.T) {
	cause := errors.New("cause")
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithAuth(transport.QueryKey("k", "s3cret")), transport.WithRetry(transport.Retry{Attempts: 1}),
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

func TestPagingParameterInThePath(t *testing.T) {
	var queries []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		n := number(r, "page")
		writeItems(w, n, n, `,"pages":3`)
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/x?page=2&a=b", Records: "data"}, transport.PageNumber{TotalPages: "pages"}))
	require.NoError(t, err)
	assert.Equal(t, []int64{2, 3}, ids(got))
	assert.Equal(t, []string{"page=2&a=b", "a=b&page=3"}, queries)
}

func TestRequestsAreNotChanged(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		writeItems(w, n, n, `,"pages":3`)
	}, transport.WithQuery("v", "1"), transport.WithHeader("X-A", "b"), transport.WithAuth(transport.Bearer("token")))
	req := transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, Records: "data", Body: map[string]any{"q": 1}}
	_, err := collect(transport.Records[item](ctx, c, req, transport.PageNumber{TotalPages: "pages"}))
	require.NoError(t, err)
	assert.Equal(t, transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, Records: "data", Body: map[string]any{"q": 1}}, req)
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
	_, err := collect(transport.Records[item](cctx, c, transport.Request{Records: "data"}, nil))
	assert.ErrorIs(t, err, context.Canceled)
	asError(t, err)
	assert.Less(t, time.Since(start), 30*time.Second)
}

// A login that is slower than a try may be is tried again, by whoever waits
// for it.
func TestLoginThatIsTooSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {}, transport.WithTimeout(10*time.Second),
			transport.WithAuth(transport.Session(transport.SessionConfig{Login: func(ctx context.Context, _ *transport.Client) (transport.Token, error) {
				if logins++; logins == 1 {
					<-ctx.Done()
					return transport.Token{}, context.Cause(ctx)
				}
				return transport.Token{Value: "t"}, nil
			}})))
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, 2, logins)
	})
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
		transport.WithAuth(transport.Bearer("token")), transport.WithHeader("X-Team", "a"))
	for _, path := range []string{"/away", other.URL} {
		got, err := collect(transport.Stream[item](ctx, c, transport.Request{Path: path}, transport.NDJSON{}))
		require.NoError(t, err)
		assert.Equal(t, upTo(1), ids(got))
	}
}
