package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
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
		"total":             {transport.Offset{Total: "total"}, 3},
		"until empty":       {transport.Offset{}, 4},
		"until short":       {transport.Offset{Size: "limit"}, 3},
		"parallel":          {transport.Parallel(transport.Offset{Total: "total"}, 3), 3},
		"prefetch":          {transport.Prefetch(transport.Offset{Total: "total"}, 2), 3},
		"parallel and more": {transport.Prefetch(transport.Parallel(transport.Offset{Total: "total"}, 2), 1), 3},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				at := number(r, "offset")
				// The source gives at most two, whatever was asked for.
				writeItems(w, at+1, min(at+2, 5), `,"total":5`)
			})
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data", Query: url.Values{"limit": {"500"}}}, tt.paging))
			require.NoError(t, err)
			assert.Equal(t, upTo(5), ids(got))
			assert.EqualValues(t, tt.asked, asked.Load())
		})
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "offset") == 0 {
			writeItems(w, 1, 2, `,"total":5`)
			return
		}
		writeItems(w, 1, 0, `,"total":5`)
	})
	_, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.Offset{Total: "total"}))
	assert.ErrorContains(t, err, "an empty page at offset 2, but total is 5")
}

func TestCursor(t *testing.T) {
	var broken bool
	var paths []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.RawQuery)
		n := number(r, "cursor")
		next, more := fmt.Sprint(n+1), "true"
		if n == 2 {
			next, more = "null", "false"
		}
		if broken {
			next = `""`
		}
		writeItems(w, n+1, n+1, fmt.Sprintf(`,"meta":{"next":%s},"has_more":%s`, next, more))
	})
	req := transport.Request{Records: "data", Query: url.Values{"since": {"x"}}}
	for _, p := range []transport.Paging{transport.Cursor{At: "meta.next", Param: "cursor"}, transport.Cursor{At: "meta.next", Param: "cursor", More: "has_more"}} {
		got, err := collect(transport.Records[item](ctx, c, req, p))
		require.NoError(t, err)
		assert.Equal(t, upTo(3), ids(got))
	}
	assert.Equal(t, []string{"since=x", "cursor=1&since=x", "cursor=2&since=x"}, paths[:3])
	broken = true
	got, err := collect(transport.Records[item](ctx, c, req, transport.Cursor{At: "meta.next", Param: "cursor", More: "has_more"}))
	assert.ErrorContains(t, err, "has_more is true, but meta.next is")
	assert.Equal(t, upTo(1), ids(got))
	_, err = collect(transport.Records[item](ctx, c, req, transport.Cursor{At: "meta.next", Param: "cursor", More: "more"}))
	assert.ErrorContains(t, err, "neither true nor false")
	_, err = collect(transport.Records[item](ctx, c, req, transport.Cursor{}))
	assert.ErrorContains(t, err, "required")
}

func TestPagingInTheBody(t *testing.T) {
	var bodies []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b))
		n := len(bodies)
		next := fmt.Sprintf("[%d,\"x\"]", n)
		if n == 3 {
			next = "null"
		}
		writeItems(w, n, n, fmt.Sprintf(`,"sort":%s,"pages":3,"total":3`, next))
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
		{transport.Cursor{At: "sort", Param: "search_after", InBody: true}, query{"a", 9007199254740993},
			[]string{`{"q":"a","id":9007199254740993}`, `{"id":9007199254740993,"q":"a","search_after":[1,"x"]}`, `{"id":9007199254740993,"q":"a","search_after":[2,"x"]}`}},
		{transport.PageNumber{Param: "page.number", TotalPages: "pages", InBody: true}, json.RawMessage(`{"page":{"size":1}}`),
			[]string{`{"page":{"number":1,"size":1}}`, `{"page":{"number":2,"size":1}}`, `{"page":{"number":3,"size":1}}`}},
		{transport.Offset{Param: "from", Total: "total", InBody: true}, nil, []string{`{"from":0}`, `{"from":1}`, `{"from":2}`}},
		{transport.Keyset{Field: "id", Param: "after.id", InBody: true, More: "sort"}, nil, nil},
	} {
		bodies = nil
		got, err := collect(transport.Records[item](ctx, c, transport.Request{Method: "POST", Records: "data", Body: tt.body}, tt.paging))
		if tt.want == nil {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, upTo(3), ids(got))
		assert.Equal(t, tt.want, bodies)
	}
	for _, body := range []any{url.Values{}, []int{1}, "null", "{"} {
		_, err := collect(transport.Records[item](ctx, c, transport.Request{Method: "POST", Records: "data", Body: body}, transport.Offset{InBody: true}))
		assert.ErrorContains(t, err, "paging in the body", body)
	}
}

func TestKeyset(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		at := number(r, "since_id")
		writeItems(w, at+1, min(at+2, 5), "")
	})
	req := transport.Request{Records: "data"}
	got, err := collect(transport.Records[item](ctx, c, req, transport.Keyset{Field: "id", Param: "since_id"}))
	require.NoError(t, err)
	assert.Equal(t, upTo(5), ids(got))
	_, err = collect(transport.Records[item](ctx, c, req, transport.Keyset{Field: "key", Param: "since_id"}))
	assert.ErrorContains(t, err, "the last record has no key")

	// A source that ignores the parameter.
	_, err = collect(transport.Records[item](ctx, c, req, transport.Keyset{Field: "id", Param: "after"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}

func TestLinkHeader(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page") + 1
		w.Header().Add("Link", `</items?page=0>; rel="first last"`)
		if n < 3 {
			w.Header().Add("Link", fmt.Sprintf(`<http://%s/items?page=0>; rel=prev, <?page=%d>; title="a, \"b\"; rel=x"; rel="NEXT"`, r.Host, n))
		}
		fmt.Fprintf(w, `[{"id":%d}]`, n)
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/items"}, transport.LinkHeader{}))
	require.NoError(t, err)
	assert.Equal(t, upTo(3), ids(got))

	links := transport.ParseLinks([]string{`</a>; rel="next"; rel=prev;title="x\"y", <b>;Rel=Last ;flag`, `junk`, `<c`, `<d>; rel="un`})
	assert.Equal(t, []transport.Link{
		{URL: "/a", Rel: []string{"next"}, Params: map[string]string{"title": `x"y`}},
		{URL: "b", Rel: []string{"last"}, Params: map[string]string{"flag": ""}},
		{URL: "d", Rel: []string{"un"}, Params: map[string]string{}},
	}, links)
}

func TestScroll(t *testing.T) {
	var log []string
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		log = append(log, r.Method+" "+r.RequestURI+" "+string(b))
		if r.Method == "DELETE" {
			return
		}
		n++
		writeItems(w, n, min(n, 3), `,"_scroll_id":"same"`)
	})
	paging := transport.Scroll{At: "_scroll_id", Path: "/scroll", Param: "scroll_id", InBody: true,
		Release: func(token string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/scroll/" + token}
		}}
	req := transport.Request{Method: "POST", Path: "/search", Records: "data", Query: url.Values{"scroll": {"1m"}}, Body: map[string]int{"size": 1}, Idempotent: true}
	got, err := collect(transport.Records[item](ctx, c, req, paging))
	require.NoError(t, err)
	assert.Equal(t, upTo(3), ids(got))
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, `POST /scroll {"scroll_id":"same"}`, `POST /scroll {"scroll_id":"same"}`,
		`POST /scroll {"scroll_id":"same"}`, "DELETE /scroll/same "}, log)

	// Leaving early, even by the context's end, releases the token as well.
	log, n = nil, 0
	cctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range transport.Records[item](cctx, c, req, paging) {
		cancel()
		break
	}
	assert.Equal(t, []string{`POST /search?scroll=1m {"size":1}`, "DELETE /scroll/same "}, log)
}

func TestGraphQLRelay(t *testing.T) {
	var bad bool
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
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
	req.Records = "data.shop.orders.edges.*.node"
	got, err := collect(transport.Records[item](ctx, c, req, transport.Relay{At: "data.shop.orders"}))
	require.NoError(t, err)
	assert.Equal(t, upTo(3), ids(got))
	_, err = collect(transport.Records[item](ctx, c, req, transport.Relay{At: "data.shop"}))
	assert.ErrorContains(t, err, "pageInfo is missing")
	bad = true
	_, err = collect(transport.Records[item](ctx, c, req, transport.Relay{At: "data.shop.orders"}))
	assert.ErrorIs(t, err, transport.ErrReported)
	assert.ErrorContains(t, err, "throttled")
}

// slowPages answers each page after a second of virtual time.
func slowPages(pages int, under, most *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := under.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer under.Add(-1)
		time.Sleep(time.Second)
		page := number(r, "page")
		writeItems(w, 2*page-1, 2*page, fmt.Sprintf(`,"pages":%d`, pages))
	}
}

func TestPrefetchAndParallelTakeLessTime(t *testing.T) {
	for name, tt := range map[string]struct {
		paging transport.Paging
		want   time.Duration
		most   int64
	}{
		// 10 pages of 1 s each, and 2 records of 0.5 s each per page.
		"alone":      {transport.PageNumber{TotalPages: "pages"}, 20 * time.Second, 1},
		"prefetch":   {transport.Prefetch(transport.PageNumber{TotalPages: "pages"}, 1), 11 * time.Second, 1},
		"prefetch 3": {transport.Prefetch(transport.PageNumber{TotalPages: "pages"}, 3), 11 * time.Second, 1},
		"parallel":   {transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 3), 11 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var under, most atomic.Int64
				c := inMemory(t, slowPages(10, &under, &most))
				start := time.Now()
				var got []int64
				for it, err := range transport.Records[item](ctx, c, transport.Request{Records: "data"}, tt.paging) {
					require.NoError(t, err)
					time.Sleep(500 * time.Millisecond)
					got = append(got, it.ID)
				}
				assert.Equal(t, upTo(20), got)
				assert.Equal(t, tt.want, time.Since(start))
				assert.Equal(t, tt.most, most.Load())
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int64
		c := inMemory(t, slowPages(21, &under, &most))
		start := time.Now()
		got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 5)))
		require.NoError(t, err)
		assert.Equal(t, upTo(42), ids(got))
		assert.Equal(t, 5*time.Second, time.Since(start), "one page alone, then four rounds of five")
	})
}

func TestAheadEndsEarly(t *testing.T) {
	for _, paging := range []transport.Paging{
		transport.Prefetch(transport.PageNumber{TotalPages: "pages"}, 3), transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 4),
	} {
		synctest.Test(t, func(t *testing.T) {
			var under, most atomic.Int64
			c := inMemory(t, slowPages(1000, &under, &most))
			seq := transport.Records[item](ctx, c, transport.Request{Records: "data"}, paging)
			n := 0
			for range seq {
				if n++; n == 5 {
					break
				}
			}
			assert.Zero(t, under.Load(), "nothing is under way any more")

			cctx, cancel := context.WithTimeout(ctx, 4500*time.Millisecond)
			defer cancel()
			_, err := collect(transport.Records[item](cctx, c, transport.Request{Records: "data"}, paging))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			asError(t, err)
			assert.Zero(t, under.Load())
		})
	}
}

func TestAheadFailures(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "page") == 3 {
			w.WriteHeader(400)
			return
		}
		page := number(r, "page")
		writeItems(w, page, page, `,"pages":9`)
	})
	for _, paging := range []transport.Paging{
		transport.Prefetch(transport.PageNumber{TotalPages: "pages"}, 3), transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 4),
	} {
		got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, paging))
		assert.Equal(t, upTo(2), ids(got), "what came before the failure is given out")
		assert.Equal(t, 400, asError(t, err).Status)
	}
	// A panic of an author's code reaches the author's goroutine.
	boom := transport.Prefetch(transport.PagingFunc(func(*transport.Page) (transport.Request, string, error) { panic("boom") }), 1)
	assert.PanicsWithValue(t, "boom", func() {
		_, _ = collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, boom))
	})
	_, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.Parallel(transport.PageNumber{}, 2)))
	assert.ErrorContains(t, err, "parallel pages need TotalPages")
}

func TestParallelPagesThatBecomeMore(t *testing.T) {
	var mu sync.Mutex
	asked := map[int]int{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "page")
		mu.Lock()
		asked[page]++
		mu.Unlock()
		total := 4
		if page >= 4 {
			total = 6
		}
		writeItems(w, page, page, fmt.Sprintf(`,"pages":%d`, total))
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 3)))
	require.NoError(t, err)
	assert.Equal(t, upTo(6), ids(got))
	assert.Len(t, asked, 6)
}
