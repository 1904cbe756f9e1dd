package transport_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// credentialsOf serves a description of each request: its headers and its URI.
func credentialsOf(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := json.Marshal(map[string]any{"header": r.Header, "uri": r.RequestURI})
		_, _ = w.Write(b)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// redirecting returns a client with credentials for a source whose path /away is
// redirected to *location.
func redirecting(t *testing.T, location *string) *transport.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, *location, http.StatusTemporaryRedirect)
		case "/near":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/end":
			_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+r.Header.Get("X-Api-Key"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}, transport.WithAuth(auth.Bearer("s3cret-token")), transport.WithHeader("X-Api-Key", "s3cret-key"))
}

func TestARequestToAnotherHostCarriesNoCredentials(t *testing.T) {
	location := credentialsOf(t).URL + "/landed"
	c := redirecting(t, &location)
	for _, req := range []transport.Request{
		{Path: "/away?api_key=s3cret-query", Header: http.Header{"X-Own": {"s3cret-own"}, "Cookie": {"s3cret-c"}}},
		{Path: location},
	} {
		resp, err := c.Do(ctx, req)
		require.NoError(t, err)
		assert.Contains(t, string(resp.Body), "/landed")
		assert.NotContains(t, string(resp.Body), "s3cret")
	}
}

// The body may contain a password.
func TestARequestWithABodyIsNotRedirectedToAnotherHost(t *testing.T) {
	location := credentialsOf(t).URL + "/landed"
	_, err := redirecting(t, &location).Do(ctx, transport.Request{Method: "POST", Path: "/away", Body: "password"})
	assert.ErrorIs(t, err, transport.ErrForeignHost)
}

func TestARedirectWithinTheSourceKeepsTheCredentials(t *testing.T) {
	resp, err := redirecting(t, new(string)).Do(ctx, transport.Request{Path: "/near"})
	require.NoError(t, err)
	assert.Equal(t, "Bearer s3cret-token s3cret-key", string(resp.Body))
}

func TestALoopOfRedirectsIsAnErrorAndNotRepeated(t *testing.T) {
	_, err := redirecting(t, new(string)).Do(ctx, transport.Request{Path: "/loop"})
	assert.ErrorContains(t, err, "too many redirects")
	assert.Equal(t, 1, asError(t, err).Attempts)
}

// The other host chooses the URL to which it redirects.
func TestARedirectFromAnotherHostBackToTheSourceCarriesNoCredentials(t *testing.T) {
	var location string
	c := redirecting(t, &location)
	back := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, c.BaseURL()+"/end", http.StatusFound)
	}))
	defer back.Close()
	location = back.URL
	resp, err := c.Do(ctx, transport.Request{Path: "/away"})
	require.NoError(t, err)
	assert.NotContains(t, string(resp.Body), "s3cret")
}

func TestAStreamFromAnotherHostIsRequestedWithoutCredentialsAndHeaders(t *testing.T) {
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

// RFC 9110 §15.4.2 allows a client to change a POST to a GET, but does not require it.
// The GET may return other records.
func TestARedirectedPostDoesNotReturnTheRecordsOfAGet(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/search" {
					http.Redirect(w, r, "/search/", status)
					return
				}
				if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPost && len(body) > 0 {
					fmt.Fprint(w, `{"data":[{"id":1}]}`) // the only order that the filter matches
					return
				}
				fmt.Fprint(w, `{"data":[{"id":8},{"id":9}]}`)
			})
			got, err := collect(transport.Records[item](ctx, client, transport.Request{
				Method: "POST", Path: "/search", RecordsAt: "data", Body: map[string]any{"status": "open"}, Idempotent: true}, nil))
			if err == nil {
				assert.Equal(t, upTo(1), ids(got))
			}
		})
	}
	t.Run("GraphQL, 301", func(t *testing.T) {
		client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/graphql" {
				http.Redirect(w, r, "/graphql/", http.StatusMovedPermanently)
				return
			}
			nodes := ""
			if r.Method == http.MethodPost {
				nodes = `{"id":1}`
			}
			fmt.Fprintf(w, `{"data":{"shop":{"orders":{"nodes":[%s],"pageInfo":{"hasNextPage":false,"endCursor":"x"}}}}}`, nodes)
		})
		req := transport.GraphQL("/graphql", "query($after:String){shop{orders{nodes{id} pageInfo{hasNextPage endCursor}}}}", nil)
		req.RecordsAt = "data.shop.orders.nodes"
		got, err := collect(transport.Records[item](ctx, client, req, paging.Relay{At: "data.shop.orders"}))
		if err == nil {
			assert.Equal(t, upTo(1), ids(got))
		}
	})
}

// The HTTP client of the standard library removes Authorization and Cookie from a redirect
// to another host.
func TestARedirectToAFurtherHostOfTheSourceKeepsAllHeadersOfTheClient(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "files.example.com" {
			http.Redirect(w, r, "https://files.example.com/a", http.StatusFound)
			return
		}
		b, _ := json.Marshal(r.Header)
		_, _ = w.Write(b)
	}, transport.WithHosts("files.example.com"), transport.WithHeader("Cookie", "a=b"),
		transport.WithHeader("Authorization", "Custom key"), transport.WithHeader("X-Team", "one"))
	got, err := transport.Get[http.Header](ctx, c, transport.Request{Header: http.Header{"X-Team": {"two"}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"a=b"}, got["Cookie"])
	assert.Equal(t, []string{"Custom key"}, got["Authorization"])
	assert.Equal(t, []string{"two"}, got["X-Team"])
}

func TestARedirectToAnotherHostWithACredentialInItsURLIsNotFollowed(t *testing.T) {
	const secret = `s3cret/t0ken "42" x`
	escaped := url.QueryEscape(url.QueryEscape(url.QueryEscape(url.QueryEscape(secret))))
	for name, end := range map[string]string{
		"in the path":             "/landed/" + url.PathEscape(secret),
		"in the query":            "/landed?to=" + escaped,
		"in base64":               "/landed?to=" + base64.RawURLEncoding.EncodeToString([]byte("user:"+secret)),
		"in hexadecimal":          "/landed/" + hex.EncodeToString([]byte(secret)) + "/x",
		"in JSON":                 "/landed?to=" + url.QueryEscape(`{"token":`+strconv.Quote(secret)+`}`),
		"with a plus for a space": "/landed?to=" + url.QueryEscape(secret),
	} {
		for _, with := range []transport.Option{transport.WithAuth(auth.Bearer(secret)), transport.WithHeader("X-Api-Key", secret)} {
			t.Run(name, func(t *testing.T) {
				var landed atomic.Int32
				other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { landed.Add(1) }))
				defer other.Close()
				c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", other.URL+end)
					w.WriteHeader(http.StatusFound)
				}, with)
				_, err := c.Do(ctx, transport.Request{Path: "/a"})
				require.ErrorIs(t, err, transport.ErrForeignHost)
				assert.NotContains(t, err.Error(), "s3cret")
				assert.Zero(t, landed.Load())
			})
		}
	}
}
