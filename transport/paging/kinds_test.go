package paging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func number(r *http.Request, name string) (n int) {
	_, _ = fmt.Sscan(r.URL.Query().Get(name), &n)
	return n
}

func TestOffset(t *testing.T) {
	for name, tt := range map[string]struct {
		paging transport.Paging
		asked  int
	}{
		"total":             {paging.Offset{TotalAt: "total"}, 3},
		"until empty":       {paging.Offset{}, 4},
		"until short":       {paging.Offset{SizeParam: "limit"}, 3},
		"parallel":          {transport.Parallel(paging.Offset{TotalAt: "total"}, 3), 3},
		"prefetch":          {transport.Prefetch(paging.Offset{TotalAt: "total"}, 2), 3},
		"parallel and more": {transport.Prefetch(transport.Parallel(paging.Offset{TotalAt: "total"}, 2), 1), 3},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				at := number(r, "offset")
				// The source gives at most two, whatever was asked for.
				transporttest.WriteItems(w, at+1, min(at+2, 5), `,"total":5`)
			})
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data", Query: url.Values{"limit": {"500"}}}, tt.paging))
			require.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))
			assert.EqualValues(t, tt.asked, asked.Load())
		})
	}
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "offset") == 0 {
			transporttest.WriteItems(w, 1, 2, `,"total":5`)
			return
		}
		transporttest.WriteItems(w, 1, 0, `,"total":5`)
	})
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.Offset{TotalAt: "total"}))
	assert.ErrorContains(t, err, "an empty page at offset 2, but total is 5")
}

func TestCursor(t *testing.T) {
	var broken bool
	var paths []string
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.RawQuery)
		n := number(r, "cursor")
		next, more := fmt.Sprint(n+1), "true"
		if n == 2 {
			next, more = "null", "false"
		}
		if broken {
			next = `""`
		}
		transporttest.WriteItems(w, n+1, n+1, fmt.Sprintf(`,"meta":{"next":%s},"has_more":%s`, next, more))
	})
	req := transport.Request{RecordsAt: "data", Query: url.Values{"since": {"x"}}}
	for _, p := range []transport.Paging{paging.PageToken{At: "meta.next", Param: "cursor"}, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "has_more"}} {
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, p))
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	}
	assert.Equal(t, []string{"since=x", "cursor=1&since=x", "cursor=2&since=x"}, paths[:3])
	broken = true
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "has_more"}))
	assert.ErrorContains(t, err, "has_more is true, but meta.next is")
	assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{At: "meta.next", Param: "cursor", MoreAt: "more"}))
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.PageToken{}))
	assert.ErrorContains(t, err, "required")
}

func TestPagingInTheBody(t *testing.T) {
	var bodies []string
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		n := len(bodies)
		next := fmt.Sprintf("[%d,\"x\"]", n)
		if n == 3 {
			next = "null"
		}
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"sort":%s,"pages":3,"total":3`, next))
	})
	type query struct {
		Q  string `json:"q"`
		ID int64  `json:"id"`
	}
	for _, tt := range []struct {
		paging transport.Paging
		body   any
		want   []string
	}{
		{paging.PageToken{At: "sort", Param: "search_after", InBody: true}, query{"a", 9007199254740993},
			[]string{`{"q":"a","id":9007199254740993}`, `{"id":9007199254740993,"q":"a","search_after":[1,"x"]}`, `{"id":9007199254740993,"q":"a","search_after":[2,"x"]}`}},
		{paging.PageNumber{Param: "page.number", TotalPagesAt: "pages", InBody: true}, json.RawMessage(`{"page":{"size":1}}`),
			[]string{`{"page":{"number":1,"size":1}}`, `{"page":{"number":2,"size":1}}`, `{"page":{"number":3,"size":1}}`}},
		{paging.Offset{Param: "from", TotalAt: "total", InBody: true}, nil, []string{`{"from":0}`, `{"from":1}`, `{"from":2}`}},
		{paging.Keyset{KeyAt: "id", Param: "after.id", InBody: true, MoreAt: "sort"}, nil, nil},
	} {
		bodies = nil
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Method: "POST", RecordsAt: "data", Body: tt.body}, tt.paging))
		if tt.want == nil {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
		assert.Equal(t, tt.want, bodies)
	}
	for _, body := range []any{url.Values{}, []int{1}, "null", "{"} {
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Method: "POST", RecordsAt: "data", Body: body}, paging.Offset{InBody: true}))
		assert.ErrorContains(t, err, "paging in the body", body)
	}
}

func TestKeyset(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		at := number(r, "since_id")
		transporttest.WriteItems(w, at+1, min(at+2, 5), "")
	})
	req := transport.Request{RecordsAt: "data"}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "since_id"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "key", Param: "since_id"}))
	assert.ErrorContains(t, err, "the last record has no key")

	// A source that ignores the parameter.
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Keyset{KeyAt: "id", Param: "after"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}

func TestLinkHeader(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page") + 1
		w.Header().Add("Link", `</items?page=0>; rel="first last"`)
		if n < 3 {
			w.Header().Add("Link", fmt.Sprintf(`<http://%s/items?page=0>; rel=prev, <?page=%d>; title="a, \"b\"; rel=x"; rel="NEXT"`, r.Host, n))
		}
		fmt.Fprintf(w, `[{"id":%d}]`, n)
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items"}, paging.LinkHeader{}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))

	links := paging.ParseLinks([]string{`</a>; rel="next"; rel=prev;title="x\"y", <b>;Rel=Last ;flag`, `junk`, `<c`, `<d>; rel="un`})
	assert.Equal(t, []paging.Link{
		{URL: "/a", Rel: []string{"next"}, Params: map[string]string{"title": `x"y`}},
		{URL: "b", Rel: []string{"last"}, Params: map[string]string{"flag": ""}},
		{URL: "d", Rel: []string{"un"}, Params: map[string]string{}},
	}, links)
}

func TestScroll(t *testing.T) {
	var log []string
	n := 0
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		log = append(log, r.Method+" "+r.RequestURI+" "+string(b))
		if r.Method == "DELETE" {
			return
		}
		n++
		transporttest.WriteItems(w, n, min(n, 3), `,"_scroll_id":"same"`)
	})
	paging := paging.Scroll{At: "_scroll_id", Path: "/scroll", Param: "scroll_id", InBody: true,
		ReleaseRequest: func(token string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/scroll/" + token}
		}}
	req := transport.Request{Method: "POST", Path: "/search", RecordsAt: "data", Query: url.Values{"scroll": {"1m"}}, Body: map[string]int{"size": 1}, Idempotent: true}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, `POST /scroll {"scroll_id":"same"}`, `POST /scroll {"scroll_id":"same"}`,
		`POST /scroll {"scroll_id":"same"}`, "DELETE /scroll/same "}, log)

	// Leaving early, even by the context's end, releases the token as well.
	log, n = nil, 0
	cctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range transport.Records[transporttest.Item](cctx, c, req, paging) {
		cancel()
		break
	}
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, "DELETE /scroll/same "}, log)
}

func TestGraphQLRelay(t *testing.T) {
	var bad bool
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Query     string
			Variables struct {
				After string
				First int
			}
		}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&in))
		assert.Equal(t, 1, in.Variables.First)
		n := len(in.Variables.After) + 1
		if bad {
			_, _ = io.WriteString(w, `{"data":{"shop":null},"errors":[{"message":"throttled"}]}`)
			return
		}
		fmt.Fprintf(w, `{"data":{"shop":{"orders":{"edges":[{"node":{"id":%d}}],"pageInfo":{"hasNextPage":%v,"endCursor":"%s"}}}},"errors":[]}`, n, n < 3, "xxxx"[:n])
	})
	req := transport.GraphQL("/graphql", "query($after:String){...}", map[string]any{"first": 1})
	req.RecordsAt = "data.shop.orders.edges.*.node"
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop.orders"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop"}))
	assert.ErrorContains(t, err, "pageInfo is missing")
	bad = true
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, req, paging.Relay{At: "data.shop.orders"}))
	assert.ErrorIs(t, err, transport.ErrReported)
	assert.ErrorContains(t, err, "throttled")
}

func TestNextURL(t *testing.T) {
	for name, tt := range map[string]struct{ base, next, end string }{
		"path":                 {"", `"/items?page_token=%d"`, "null"},
		"absolute":             {"", `"http://HOST/items?page_token=%d"`, `""`},
		"query":                {"", `"?page_token=%d"`, `false`},
		"relative":             {"", `"items?page_token=%d"`, ""},
		"prefix, known":        {"/v2", `"/v2/items?page_token=%d"`, "null"},
		"prefix, not known":    {"/v2", `"/items?page_token=%d"`, "null"},
		"escaped in the token": {"", `"\/items?page_token=%d&x=%%2B"`, "null"},
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
			assert.NotContains(t, queries[1], "since", "the query of a next URL is used as given")
			assert.NotContains(t, queries[1], "v=1")
		})
	}
}

func TestNextURLRefusals(t *testing.T) {
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
		assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got), "the records before are given out")
		assert.ErrorContains(t, err, want, in)
		assert.False(t, transporttest.AsError(t, err).Temporary())
	}
	next = `"` + foreign.URL + `/x"`
	_, err := read(c)
	assert.ErrorIs(t, err, transport.ErrForeignHost)
	got, err := read(transporttest.Serve(t, h, transport.WithHosts(strings.TrimPrefix(foreign.URL, "http://"))))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))

	// Round in circles: to itself, and by way of another page.
	next = `"/items"`
	_, err = read(c)
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	n := 0
	c = transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"next":"/items?p=%d"`, n%3+1))
	})
	got, err = read(c)
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	assert.Equal(t, transporttest.UpTo(4), transporttest.IDs(got))
}

func TestPageNumber(t *testing.T) {
	for name, tt := range map[string]struct {
		paging paging.PageNumber
		query  url.Values
		want   []int64
		asked  int
	}{
		"total":             {paging.PageNumber{TotalPagesAt: "meta.pages"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 3},
		"until empty":       {paging.PageNumber{Param: "page"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 4},
		"until short":       {paging.PageNumber{SizeParam: "per_page"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 3},
		"size not given":    {paging.PageNumber{SizeParam: "per_page"}, nil, transporttest.UpTo(5), 4},
		"starting later":    {paging.PageNumber{TotalPagesAt: "meta.pages"}, url.Values{"page": {"3"}}, []int64{5}, 1},
		"from zero":         {paging.PageNumber{FromZero: true, Param: "p0", TotalPagesAt: "meta.pages"}, nil, transporttest.UpTo(5), 3},
		"from zero, empty":  {paging.PageNumber{FromZero: true, Param: "p0"}, nil, transporttest.UpTo(5), 4},
		"first set by hand": {paging.PageNumber{First: 2}, nil, []int64{3, 4, 5}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				n := 0
				if v := r.URL.Query().Get("p0"); v != "" {
					_, _ = fmt.Sscan(v, &n)
					n++
				} else {
					_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
				}
				transporttest.WriteItems(w, 2*n-1, min(2*n, 5), `,"meta":{"pages":"3"}`)
			})
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/items", Query: tt.query, RecordsAt: "data"}, tt.paging))
			require.NoError(t, err)
			assert.Equal(t, tt.want, transporttest.IDs(got))
			assert.Equal(t, tt.asked, asked)
		})
	}
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { transporttest.WriteItems(w, 1, 2, "") })
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{Param: "pg"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop, "a source that ignores the parameter")
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{TotalPagesAt: "pages"}))
	assert.ErrorContains(t, err, "pages is missing")
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data", Query: url.Values{"page": {"x"}}}, paging.PageNumber{}))
	assert.ErrorContains(t, err, "not a number")
}

func TestPagingFunc(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Path)
		transporttest.WriteItems(w, n, n, fmt.Sprintf(`,"more":%v`, n < 4))
	})
	paging := paging.Func(func(p *transport.Page) (transport.Request, string, error) {
		if more, err := p.Text("more"); err != nil || more != "true" {
			return transport.Request{}, "more is " + more, err
		}
		req, err := p.Follow(p.URL.Path + "x")
		return req, "", err
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(4), transporttest.IDs(got))
}

func TestPagingParameterInThePath(t *testing.T) {
	var queries []string
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		n := number(r, "page")
		transporttest.WriteItems(w, n, n, `,"pages":3`)
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{Path: "/x?page=2&a=b", RecordsAt: "data"}, paging.PageNumber{TotalPagesAt: "pages"}))
	require.NoError(t, err)
	assert.Equal(t, []int64{2, 3}, transporttest.IDs(got))
	assert.Equal(t, []string{"page=2&a=b", "a=b&page=3"}, queries)
}
