package transport_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestNewBaseURL(t *testing.T) {
	for _, good := range []string{"http://localhost:8080", "https://api.example.com", "https://api.example.com/v2/", " https://api.example.com "} {
		_, err := transport.New(good)
		assert.NoError(t, err, good)
	}
	for _, bad := range []string{"", "api.example.com", "localhost:8080", "ftp://host", "https://", "https:///v2", "http://h\x7f",
		"https://user:hunter22@host", "https://host?x=1", "https://host#f", "://", "https://host:port"} {
		_, err := transport.New(bad)
		if assert.Error(t, err, bad) {
			assert.True(t, asError(t, err).Configuration(), bad)
			assert.NotContains(t, err.Error(), "hunter22")
		}
	}
	_, err := transport.New("api.example.com/v2")
	assert.ErrorContains(t, err, "https://api.example.com")
}

func TestNewOptionErrors(t *testing.T) {
	for name, opt := range map[string]transport.Option{
		"header": transport.WithHeader("bad header", "x"), "value": transport.WithHeader("X", "a\nb"),
		"timeout": transport.WithTimeout(-1), "body": transport.WithMaxBody(0), "agent": transport.WithUserAgent("a\r\n"),
		"hosts": transport.WithHosts("https://x"), "retry": transport.WithRetry(retry.Policy{Attempts: -1}),
	} {
		_, err := transport.New("https://h", opt)
		assert.Error(t, err, name)
	}
}

func TestRequestOnTheWire(t *testing.T) {
	type seen struct {
		Method, URI, Body string
		Header            http.Header
	}
	var got seen
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.RequestURI, string(b), r.Header}
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
	_, err = c.Do(ctx, transport.Request{Header: http.Header{"x-team": {"b"}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, got.Header["X-Team"])

	for _, bad := range []string{"//other.example/x", "ftp://x/y", "http://", ":", "\x7f"} {
		_, err := c.Do(ctx, transport.Request{Path: bad})
		assert.Error(t, err, bad)
		assert.False(t, asError(t, err).Temporary())
	}
	_, err = c.Do(ctx, transport.Request{Body: func() {}})
	assert.ErrorContains(t, err, "encode the request's body")
}

func TestNothingForAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := json.Marshal(map[string]any{"h": r.Header, "uri": r.RequestURI})
		_, _ = w.Write(b)
	}))
	defer other.Close()
	var location string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, location, http.StatusTemporaryRedirect)
		case "/near":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/end":
			_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+r.Header.Get("X-Api-Key"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}, transport.WithAuth(auth.Bearer("s3cret-token")), transport.WithHeader("X-Api-Key", "s3cret-key"))

	location = other.URL + "/landed"
	for _, req := range []transport.Request{
		{Path: "/away?api_key=s3cret-query", Header: http.Header{"X-Own": {"s3cret-own"}, "Cookie": {"s3cret-c"}}},
		{Path: other.URL + "/landed"},
	} {
		resp, err := c.Do(ctx, req)
		require.NoError(t, err)
		assert.Contains(t, string(resp.Body), "/landed")
		assert.NotContains(t, string(resp.Body), "s3cret")
	}

	// A body is not taken elsewhere: it may hold a password.
	_, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/away", Body: "password"})
	assert.ErrorIs(t, err, transport.ErrForeignHost)

	resp, err := c.Do(ctx, transport.Request{Path: "/near"})
	require.NoError(t, err)
	assert.Equal(t, "Bearer s3cret-token s3cret-key", string(resp.Body))

	_, err = c.Do(ctx, transport.Request{Path: "/loop"})
	assert.ErrorContains(t, err, "too many redirects")
	assert.Equal(t, 1, asError(t, err).Attempts)

	// Away and back again: the way back was chosen elsewhere.
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, c.BaseURL()+"/end", http.StatusFound)
	}))
	defer back.Close()
	location = back.URL
	resp, err = c.Do(ctx, transport.Request{Path: "/away"})
	require.NoError(t, err)
	assert.NotContains(t, string(resp.Body), "s3cret")
}

func TestCompression(t *testing.T) {
	body := `{"data":[{"id":1,"name":"` + strings.Repeat("x", 10000) + `"}]}`
	pack := func(mk func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := mk(&b)
		_, _ = io.WriteString(w, body)
		_ = w.Close()
		return b.Bytes()
	}
	gz := pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	zl := pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	raw := pack(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 5); return f })
	var send []byte
	var coding string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Contains(t, r.Header.Get("Accept-Encoding"), "gzip")
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(send)
	}, transport.WithRetry(retry.Policy{Attempts: 1}))
	for name, tt := range map[string]struct {
		coding string
		body   []byte
	}{"gzip": {"gzip", gz}, "x-gzip": {"X-Gzip", gz}, "zlib": {"deflate", zl}, "bare": {"deflate", raw}, "none": {"identity", []byte(body)}} {
		coding, send = tt.coding, tt.body
		resp, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err, name)
		assert.Equal(t, body, string(resp.Body), name)
	}
	coding, send = "gzip", gz[:len(gz)-12]
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorIs(t, err, transport.ErrCut)
	assert.True(t, asError(t, err).Temporary())

	coding, send = "br", gz
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, `unknown Content-Encoding "br"`)

	coding, send = "gzip", nil
	resp, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Empty(t, resp.Body)
}

func TestDecompressionBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 8 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	calls := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb.Bytes())
	}, transport.WithMaxBody(1<<20))
	_, err := c.Do(ctx, transport.Request{})
	assert.ErrorIs(t, err, transport.ErrTooLarge)
	assert.False(t, asError(t, err).Temporary())
	assert.Equal(t, 1, calls)
}

func TestErrorSaysWhatHappened(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			return
		case "/teapot":
			w.WriteHeader(418)
			fmt.Fprintf(w, "no coffee for %s\n\n%s", r.Header.Get("Authorization"), strings.Repeat("é", 500))
		default:
			w.WriteHeader(404)
		}
	}, transport.WithAuth(auth.Bearer("s3cret+token")))

	_, err := c.Do(ctx, transport.Request{Path: "/orders"})
	assert.True(t, asError(t, err).Configuration(), "nothing found before any success: the base URL is wrong")
	_, err = c.Do(ctx, transport.Request{Path: "/ok"})
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{Path: "/orders"})
	assert.False(t, asError(t, err).Configuration())

	_, err = c.Do(ctx, transport.Request{Path: "/teapot", Query: url.Values{
		"since": {"2024"}, "api_key": {"abc"}, "page_token": {"p1"}, "x": {"s3cret+token"}, "X-Amz-Signature": {"sig9"},
	}})
	e := asError(t, err)
	assert.Equal(t, 418, e.Status)
	assert.Equal(t, 1, e.Attempts)
	assert.LessOrEqual(t, len(e.Body), 200)
	assert.True(t, strings.HasPrefix(e.Body, "no coffee for Bearer *** é"), e.Body)
	assert.Contains(t, e.URL, "since=2024")
	assert.Contains(t, e.URL, "page_token=p1")
	for _, secret := range []string{"s3cret", "abc", "sig9"} {
		assert.NotContains(t, err.Error(), secret)
	}
	assert.Contains(t, err.Error(), "418 I'm a teapot")
}

func TestKindsOfStatus(t *testing.T) {
	for status, want := range map[int]string{400: "defect", 401: "configuration", 403: "configuration", 409: "defect", 422: "defect", 501: "defect",
		408: "temporary", 425: "temporary", 429: "temporary", 500: "temporary", 502: "temporary", 503: "temporary", 504: "temporary", 304: "defect"} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }, transport.WithRetry(retry.Policy{Attempts: 1}))
		_, err := c.Do(ctx, transport.Request{})
		assert.Equal(t, want, kindName(asError(t, err)), status)
	}
}

func TestNetworkFailures(t *testing.T) {
	t.Run("unknown host", func(t *testing.T) {
		c, err := transport.New("http://host.invalid", transport.WithLogger(quiet), transport.WithRoundTripper(
			trips(func(r *http.Request) (*http.Response, error) {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "host.invalid", IsNotFound: true}}
			})))
		require.NoError(t, err)
		_, err = c.Do(ctx, transport.Request{Path: "/x"})
		assert.Equal(t, "configuration", kindName(asError(t, err)))
		assert.Equal(t, 1, asError(t, err).Attempts)
	})
	t.Run("certificate", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.Config.ErrorLog = silentLog
		srv.StartTLS()
		defer srv.Close()
		c, err := transport.New(srv.URL, transport.WithLogger(quiet))
		require.NoError(t, err)
		_, err = c.Do(ctx, transport.Request{})
		assert.Equal(t, "configuration", kindName(asError(t, err)))
		assert.Equal(t, 1, asError(t, err).Attempts)
	})
	t.Run("plain text where TLS is expected", func(t *testing.T) {
		srv := httptest.NewServer(http.NotFoundHandler())
		defer srv.Close()
		c, err := transport.New("https"+strings.TrimPrefix(srv.URL, "http"), transport.WithLogger(quiet))
		require.NoError(t, err)
		_, err = c.Do(ctx, transport.Request{})
		assert.Equal(t, "configuration", kindName(asError(t, err)))
	})
	t.Run("refused", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		addr := l.Addr().String()
		require.NoError(t, l.Close())
		c, err := transport.New("http://"+addr, transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 3, Base: 1}))
		require.NoError(t, err)
		_, err = c.Do(ctx, transport.Request{Method: "POST"})
		e := asError(t, err)
		assert.Equal(t, "temporary", kindName(e))
		assert.Equal(t, 3, e.Attempts, "nothing was sent, so that a POST may be repeated")
		var op *net.OpError
		assert.ErrorAs(t, err, &op)
	})
}

func TestNewContextOverride(t *testing.T) {
	c, err := transport.New("https://api.example.com", transport.WithRoundTripper(trips(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("the client's own network")
	})), transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithLogger(quiet))
	require.NoError(t, err)
	over := transport.NewContext(ctx, memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `"`+r.URL.Path+`"`)
	})})
	got, err := transport.Get[string](over, c, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Equal(t, "/x", got)
	_, err = transport.Get[string](transport.NewContext(over, nil), c, transport.Request{Path: "/x"})
	assert.ErrorContains(t, err, "the client's own network")
}

func TestOtherClientsObeyTheContextToo(t *testing.T) {
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

func TestLogHoldsNoSecret(t *testing.T) {
	var log logRecord
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(500)
		}
		_, _ = io.WriteString(w, `{"data":[{"id":1,"name":"row-value"}],"next":null}`)
	}, transport.WithAuth(auth.Bearer("s3cret-token")), transport.WithLogger(log.Logger()), transport.WithRetry(retry.Policy{Base: 1}))
	_, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/orders", RecordsAt: "data", Query: url.Values{"q": {"query-value"}},
		Header: http.Header{"X-H": {"header-value"}}}, paging.NextURL{At: "next"}))
	require.NoError(t, err)
	text := log.String()
	for _, want := range []string{"method=GET", "path=/orders", "status=500", "status=200", "attempt=2", "duration=", "bytes=50",
		"waiting before the next try", `reason="500 Internal Server Error"`, "paging stopped", `reason="next is null"`} {
		assert.Contains(t, text, want)
	}
	for _, not := range []string{"s3cret", "query-value", "header-value", "row-value"} {
		assert.NotContains(t, text, not)
	}
}

func TestLogHoldsNoBody(t *testing.T) {
	var log logRecord
	for _, body := range []string{`{"data":"row-value"}`, `row-value`, `{"data":[{"id":"row-value"}]}`, `{"error":"row-value"}`, `<html>row-value`} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, body) }, transport.WithLogger(log.Logger()))
		_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data", ErrorAt: "error"}, nil))
		assert.Error(t, err)
		_, err = transport.Get[item](ctx, c, transport.Request{RecordsAt: "data"})
		assert.Error(t, err)
		_, err = collect(transport.Stream[item](ctx, c, transport.Request{}, format.JSON{At: "data"}))
		assert.Error(t, err)
	}
	assert.Contains(t, log.String(), "error=")
	assert.NotContains(t, log.String(), "row-value")
}

func TestCancelledBeforeAndWhile(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	started := make(chan struct{}, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	cctx, cancel := context.WithCancelCause(ctx)
	go func() { <-started; cancel(fmt.Errorf("the user stopped")) }()
	_, err := c.Do(cctx, transport.Request{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, "the user stopped")
	assert.Equal(t, "defect", kindName(asError(t, err)))
	_, err = c.Do(cctx, transport.Request{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 0, asError(t, err).Attempts)
}

func TestTheLogSaysWhereTheTimeOfATryWent(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	var log logRecord
	c, err := transport.New(srv.URL, transport.WithLogger(log.Logger()), transport.WithTLS(&tls.Config{RootCAs: roots}))
	require.NoError(t, err)
	defer c.Close()
	for range 2 {
		_, err = c.Do(ctx, transport.Request{Path: "/x"})
		require.NoError(t, err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 2)
	for _, part := range []string{" connect=", " tls=", " first_byte="} {
		assert.Contains(t, lines[0], part)
	}
	assert.Contains(t, lines[1], " first_byte=")
	for _, part := range []string{" connect=", " tls="} {
		assert.NotContains(t, lines[1], part, "the connection is reused")
	}
}
