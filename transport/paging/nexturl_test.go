package paging_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestNextURLFollowsURLsOfEveryForm(t *testing.T) {
	for name, tt := range map[string]struct{ base, next, end string }{
		"path":                             {"", `"/items?page_token=%d"`, "null"},
		"absolute":                         {"", `"http://HOST/items?page_token=%d"`, `""`},
		"query":                            {"", `"?page_token=%d"`, `false`},
		"relative":                         {"", `"items?page_token=%d"`, ""},
		"with the path of the base URL":    {"/v2", `"/v2/items?page_token=%d"`, "null"},
		"without the path of the base URL": {"/v2", `"/items?page_token=%d"`, "null"},
		"escapes in the token":             {"", `"\/items?page_token=%d&x=%%2B"`, "null"},
	} {
		t.Run(name, func(t *testing.T) {
			var queries []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !assert.Equal(t, tt.base+"/items", r.URL.Path) {
					w.WriteHeader(400)
					return
				}
				queries = append(queries, r.URL.RawQuery)
				n := 0
				_, _ = fmt.Sscan(r.URL.Query().Get("page_token"), &n)
				next := strings.ReplaceAll(fmt.Sprintf(tt.next, n+1), "HOST", r.Host)
				if n == 2 {
					next = tt.end
				}
				if next != "" {
					next = `,"next":` + next
				}
				transporttest.WriteItems(w, 2*n+1, 2*n+2, next)
			}))
			defer srv.Close()
			c, err := transport.New(srv.URL+tt.base, transport.WithQuery("v", "1"), transport.WithLogger(transporttest.Quiet))
			require.NoError(t, err)
			defer c.Close()
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items", Query: url.Values{"since": {"x"}}, RecordsAt: "data"},
				paging.NextURL{At: "next"}))
			require.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(6), transporttest.IDs(got))
			assert.Equal(t, "since=x&v=1", queries[0])
			assert.NotContains(t, queries[1], "since", "the query of a next URL is not changed")
			assert.NotContains(t, queries[1], "v=1")
		})
	}
}

func TestANextURLOfAnotherHostOrThatIsNotAURLIsAnError(t *testing.T) {
	var next string
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		transporttest.WriteItems(w, 2, 2, `,"auth":"`+r.Header.Get("Authorization")+`"`)
	}))
	defer foreign.Close()
	h := func(w http.ResponseWriter, r *http.Request) { transporttest.WriteItems(w, 1, 1, `,"next":`+next) }
	c := transporttest.Serve(t, h)
	read := func(c *transport.Client) ([]transporttest.Item, error) {
		return transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items", RecordsAt: "data"}, paging.NextURL{At: "next"}))
	}
	for in, want := range map[string]string{
		`"` + foreign.URL + `/x"`: "leads to a host", `"//evil.example/x"`: "leads to a host", `"ftp://x/y"`: "scheme", `"\u0001"`: "not a URL",
		`{"href":"/x"}`: "an array or an object", `["/x"]`: "an array or an object",
	} {
		next = in
		got, err := read(c)
		assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got), "the records before the error are yielded")
		assert.ErrorContains(t, err, want, in)
		assert.False(t, transporttest.AsError(t, err).Temporary())
	}
	next = `"` + foreign.URL + `/x"`
	_, err := read(c)
	assert.ErrorIs(t, err, transport.ErrForeignHost)
	got, err := read(transporttest.Serve(t, h, transport.WithHosts(strings.TrimPrefix(foreign.URL, "http://"))))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}

func TestANextURLThatLeadsBackIsAPageLoop(t *testing.T) {
	read := func(c *transport.Client) ([]transporttest.Item, error) {
		return transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items", RecordsAt: "data"}, paging.NextURL{At: "next"}))
	}
	// To the page itself.
	_, err := read(transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		transporttest.WriteItems(w, 1, 1, `,"next":"/items"`)
	}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	// To an earlier page.
	n := 0
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"next":"/items?p=%d"`, n%3+1))
	})
	got, err := read(c)
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	assert.Equal(t, transporttest.UpTo(4), transporttest.IDs(got))
}
