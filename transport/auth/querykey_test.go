package auth_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestAQueryKeyIsRemovedFromARedirectToAnotherHost(t *testing.T) {
	var got string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.RequestURI + r.Referer() }))
	defer other.Close()
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		// The source repeats the whole query in its redirect.
		http.Redirect(w, r, other.URL+"/x?"+r.URL.RawQuery, http.StatusFound)
	}, transport.WithAuth(auth.QueryKey("k", "s3cret-v")))
	_, err := c.Do(ctx, transport.Request{Path: "/?a=b"})
	require.NoError(t, err)
	assert.Equal(t, "/x?a=b", got)
}

// queryKey is a key in the query.
var queryKey = auth.QueryKey("api_key", "key-0123456789")

// RFC 3986 §3.4 allows any of these queries in the URL of a next page.
func TestAQueryKeyDoesNotChangeTheRestOfTheQuery(t *testing.T) {
	session := auth.Login(auth.LoginConfig{Param: "sid", Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
		return auth.AccessToken{Value: "session-0123456789"}, nil
	}})
	for _, c := range []struct {
		name, query string
		auth        transport.Auth
	}{
		{"credential in a header", "cursor=a;b&limit=2", auth.Bearer("t-0123456789")},
		{"semicolon", "cursor=a;b&limit=2", queryKey},
		{"unescaped percent sign", "cursor=50%&limit=2", queryKey},
		{"order", "z=1&cursor=abc&a=2", queryKey},
		{"space as %20", "filter=name%20eq%20x&cursor=abc", queryKey},
		{"parameter without a value", "cursor=abc&descending", queryKey},
		{"unescaped characters", "cursor=2024-01-01T00:00:00Z,17&fields=a/b", queryKey},
		{"session in the query", "cursor=a;b&limit=2", session},
	} {
		t.Run(c.name, func(t *testing.T) {
			var queries []string
			client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
				queries = append(queries, r.URL.RawQuery)
				body := map[string]any{"data": transporttest.IDRecords(1, 1)}
				if len(queries) == 1 {
					body["next"] = "/items?" + c.query
				}
				_ = json.NewEncoder(w).Encode(body)
			}, transport.WithAuth(c.auth))
			_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/items", RecordsAt: "data"}, paging.NextURL{At: "next"}))
			require.Len(t, queries, 2, "%v", err)
			assert.Contains(t, queries[1], c.query)
		})
	}
}

func TestAQueryKeyDoesNotChangeTheQueryInThePath(t *testing.T) {
	for name, auth := range map[string]transport.Auth{"header": auth.Bearer("t-0123456789"), "query": queryKey} {
		t.Run(name, func(t *testing.T) {
			client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Contains(t, r.URL.RawQuery, "status=open;paid")
				_, _ = io.WriteString(w, `[{"id":1}]`)
			}, transport.WithAuth(auth))
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x?status=open;paid"}, nil))
			require.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
		})
	}
}
