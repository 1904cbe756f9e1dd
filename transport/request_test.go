package transport_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestARequestIsSentAsDescribed(t *testing.T) {
	type received struct {
		Method, URI, Body string
		Header            http.Header
	}
	var got received
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = received{r.Method, r.RequestURI, string(b), r.Header}
	}))
	defer srv.Close()
	c, err := transport.New(srv.URL+"/api/", transport.WithHeader("X-Team", "a"), transport.WithQuery("v", "2"),
		transport.WithAuth(auth.Bearer("t0ken")), transport.WithUserAgent("shop/1"))
	require.NoError(t, err)
	defer c.Close()
	for _, tt := range []struct {
		req               transport.Request
		method, uri, body string
		typ               string
	}{
		{transport.Request{}, "GET", "/api/?v=2", "", ""},
		{transport.Request{Path: "orders"}, "GET", "/api/orders?v=2", "", ""},
		{transport.Request{Path: "/orders?a=1", Query: url.Values{"b": {"x y"}}}, "GET", "/api/orders?a=1&b=x+y&v=2", "", ""},
		{transport.Request{Path: "/orders", Query: url.Values{"v": {"3"}}}, "GET", "/api/orders?v=3", "", ""},
		{transport.Request{Path: "/files/" + url.PathEscape("a/b c")}, "GET", "/api/files/a%2Fb%20c?v=2", "", ""},
		{transport.Request{Path: srv.URL + "/else?x=1"}, "GET", "/else?x=1", "", ""},
		{transport.Request{Method: "POST", Path: "/s", Body: map[string]any{"b": 1, "a": json.Number("9007199254740993")}}, "POST", "/api/s?v=2", `{"a":9007199254740993,"b":1}`, "application/json"},
		{transport.Request{Method: "POST", Path: "/s", Body: url.Values{"a": {"1 2"}}}, "POST", "/api/s?v=2", "a=1+2", "application/x-www-form-urlencoded"},
		{transport.Request{Method: "PUT", Path: "/s", Body: json.RawMessage(`{"x":1}`)}, "PUT", "/api/s?v=2", `{"x":1}`, "application/json"},
		{transport.Request{Method: "GET", Path: "/s", Body: "q", Header: http.Header{"Content-Type": {"text/plain"}}}, "GET", "/api/s?v=2", "q", "text/plain"},
	} {
		_, err := c.Do(ctx, tt.req)
		require.NoError(t, err)
		assert.Equal(t, tt.method+" "+tt.uri+" "+tt.body, got.Method+" "+got.URI+" "+got.Body)
		assert.Equal(t, tt.typ, got.Header.Get("Content-Type"))
		assert.Equal(t, "Bearer t0ken", got.Header.Get("Authorization"))
		assert.Equal(t, "a", got.Header.Get("X-Team"))
		assert.Equal(t, "shop/1", got.Header.Get("User-Agent"))
	}

	// A header of the request replaces that of the client.
	_, err = c.Do(ctx, transport.Request{Header: http.Header{"x-team": {"b"}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, got.Header["X-Team"])
}

func TestAPathOrABodyThatIsNotValidIsAnError(t *testing.T) {
	c := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, bad := range []string{"//other.example/x", "ftp://x/y", "http://", ":", "\x7f"} {
		_, err := c.Do(ctx, transport.Request{Path: bad})
		assert.Error(t, err, bad)
		assert.False(t, asError(t, err).Temporary())
	}
	_, err := c.Do(ctx, transport.Request{Body: func() {}})
	assert.ErrorContains(t, err, "encode the request's body")
}

func TestReadingDoesNotChangeTheRequest(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		writeItems(w, n, n, `,"pages":3`)
	}, transport.WithQuery("v", "1"), transport.WithHeader("X-A", "b"), transport.WithAuth(auth.Bearer("token")))
	req := transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, RecordsAt: "data", Body: map[string]any{"q": 1}}
	_, err := collect(transport.Records[item](ctx, c, req, paging.PageNumber{TotalPagesAt: "pages"}))
	require.NoError(t, err)
	assert.Equal(t, transport.Request{Path: "/x", Query: url.Values{"a": {"b"}}, Header: http.Header{"X-B": {"c"}}, RecordsAt: "data", Body: map[string]any{"q": 1}}, req)
}
