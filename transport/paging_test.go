package transport_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

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
				writeItems(w, 2*n+1, 2*n+2, next)
			}))
			defer srv.Close()
			c, err := transport.New(srv.URL+tt.base, transport.WithQuery("v", "1"), transport.WithLogger(quiet))
			require.NoError(t, err)
			defer c.Close()
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/items", Query: url.Values{"since": {"x"}}, Records: "data"},
				transport.NextURL{At: "next"}))
			require.NoError(t, err)
			assert.Equal(t, upTo(6), ids(got))
			assert.Equal(t, "since=x&v=1", queries[0])
			assert.NotContains(t, queries[1], "since", "the query of a next URL is used as given")
			assert.NotContains(t, queries[1], "v=1")
		})
	}
}

func TestNextURLRefusals(t *testing.T) {
	var next string
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeItems(w, 2, 2, `,"auth":"`+r.Header.Get("Authorization")+`"`)
	}))
	defer foreign.Close()
	h := func(w http.ResponseWriter, r *http.Request) { writeItems(w, 1, 1, `,"next":`+next) }
	c := serve(t, h)
	read := func(c *transport.Client) ([]item, error) {
		return collect(transport.Records[item](ctx, c, transport.Request{Path: "/items", Records: "data"}, transport.NextURL{At: "next"}))
	}
	for in, want := range map[string]string{
		`"` + foreign.URL + `/x"`: "leads to a host", `"//evil.example/x"`: "leads to a host", `"ftp://x/y"`: "scheme", `"\u0001"`: "not a URL",
		`{"href":"/x"}`: "an array or an object", `["/x"]`: "an array or an object",
	} {
		next = in
		got, err := read(c)
		assert.Equal(t, upTo(1), ids(got), "the records before are given out")
		assert.ErrorContains(t, err, want, in)
		assert.False(t, asError(t, err).Temporary())
	}
	next = `"` + foreign.URL + `/x"`
	_, err := read(c)
	assert.ErrorIs(t, err, transport.ErrForeignHost)
	got, err := read(serve(t, h, transport.WithHosts(strings.TrimPrefix(foreign.URL, "http://"))))
	require.NoError(t, err)
	assert.Equal(t, upTo(2), ids(got))

	// Round in circles: to itself, and by way of another page.
	next = `"/items"`
	_, err = read(c)
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	n := 0
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		writeItems(w, n, n, fmt.Sprintf(`,"next":"/items?p=%d"`, n%3+1))
	})
	got, err = read(c)
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	assert.Equal(t, upTo(4), ids(got))
}

func TestPageNumber(t *testing.T) {
	for name, tt := range map[string]struct {
		paging transport.PageNumber
		query  url.Values
		want   []int64
		asked  int
	}{
		"total":             {transport.PageNumber{TotalPages: "meta.pages"}, url.Values{"per_page": {"2"}}, upTo(5), 3},
		"until empty":       {transport.PageNumber{Param: "page"}, url.Values{"per_page": {"2"}}, upTo(5), 4},
		"until short":       {transport.PageNumber{Size: "per_page"}, url.Values{"per_page": {"2"}}, upTo(5), 3},
		"size not given":    {transport.PageNumber{Size: "per_page"}, nil, upTo(5), 4},
		"starting later":    {transport.PageNumber{TotalPages: "meta.pages"}, url.Values{"page": {"3"}}, []int64{5}, 1},
		"from zero":         {transport.PageNumber{FromZero: true, Param: "p0", TotalPages: "meta.pages"}, nil, upTo(5), 3},
		"from zero, empty":  {transport.PageNumber{FromZero: true, Param: "p0"}, nil, upTo(5), 4},
		"first set by hand": {transport.PageNumber{First: 2}, nil, []int64{3, 4, 5}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				n := 0
				if v := r.URL.Query().Get("p0"); v != "" {
					_, _ = fmt.Sscan(v, &n)
					n++
				} else {
					_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
				}
				writeItems(w, 2*n-1, min(2*n, 5), `,"meta":{"pages":"3"}`)
			})
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/items", Query: tt.query, Records: "data"}, tt.paging))
			require.NoError(t, err)
			assert.Equal(t, tt.want, ids(got))
			assert.Equal(t, tt.asked, asked)
		})
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { writeItems(w, 1, 2, "") })
	_, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.PageNumber{Param: "pg"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop, "a source that ignores the parameter")
	_, err = collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.PageNumber{TotalPages: "pages"}))
	assert.ErrorContains(t, err, "pages is missing")
	_, err = collect(transport.Records[item](ctx, c, transport.Request{Records: "data", Query: url.Values{"page": {"x"}}}, transport.PageNumber{}))
	assert.ErrorContains(t, err, "not a number")
}

func TestRecordsShapes(t *testing.T) {
	const big = `9007199254740993`
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{ "Data" : 1, "data" : [ {"id": `+big+`, "name":"a\u00e9", "n": 1.10, "deep":{"list":[`+big+`,null,true,"x"]}, "id2":"7"} ] }`)
	})
	req := transport.Request{Path: "/x", Records: "data"}

	type row struct {
		ID   int64
		Name string
		N    json.Number `json:"n"`
		Deep any         `json:"deep"`
		ID2  json.Number `json:"id2"`
	}
	rows, err := collect(transport.Records[row](ctx, c, req, nil))
	require.NoError(t, err)
	deep := map[string]any{"list": []any{json.Number(big), nil, true, "x"}}
	assert.Equal(t, []row{{9007199254740993, "aé", "1.10", deep, "7"}}, rows)

	ptrs, err := collect(transport.Records[*row](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, rows[0], *ptrs[0])

	maps, err := collect(transport.Records[map[string]any](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"id": json.Number(big), "name": "aé", "n": json.Number("1.10"), "deep": deep, "id2": "7"}, maps[0])

	anys, err := collect(transport.Records[any](ctx, c, req, nil))
	require.NoError(t, err)
	assert.Equal(t, any(maps[0]), anys[0])

	raws, err := collect(transport.Records[json.RawMessage](ctx, c, req, nil))
	require.NoError(t, err)
	assert.JSONEq(t, `{"id": `+big+`, "name":"aé", "n": 1.10, "deep":{"list":[`+big+`,null,true,"x"]}, "id2":"7"}`, string(raws[0]))

	type wrong struct {
		Name int64 `json:"name"`
	}
	_, err = collect(transport.Records[wrong](ctx, c, req, nil))
	assert.ErrorContains(t, err, "decode record 1 of page 1 as transport_test.wrong")
	assert.ErrorContains(t, err, "/name")
	assert.Equal(t, "defect", kindName(asError(t, err)))

	type small struct {
		ID int32 `json:"id"`
	}
	_, err = collect(transport.Records[small](ctx, c, req, nil))
	assert.Error(t, err, "a number that doesn't fit is not cut down")
}

func TestRecordPaths(t *testing.T) {
	const body = `{"data":{"items":[{"id":1}],"a.b":[{"id":2}]},"edges":[{"node":{"id":3}},{"node":{"id":4}}],"groups":[{"items":[{"id":5}]},{"items":[]}],
		"byID":{"x":{"id":6},"y":{"id":7}},"none":[],"list":[[{"id":8}]],"n\u0061me":[{"id":9}],"nothing":null,"*":[{"id":10}]}`
	c := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, body) })
	for at, want := range map[string][]int64{
		"data.items": {1}, "/data/a.b": {2}, "edges.*.node": {3, 4}, "groups.*.items.*": {5}, "byID.*": {6, 7}, "none": nil,
		"none.*.x": nil, "list.0": {8}, "list.0.*": {8}, "name": {9}, "nothing": nil, "$.data.items": {1}, "/list/0": {8}, "/*": {10},
	} {
		got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: at}, nil))
		assert.NoError(t, err, at)
		assert.Equal(t, want, ids(got), at)
	}
	for at, says := range map[string]string{
		"data.item": "data is an object with the keys items, a.b", "edges.*.nod": "edges.* is an object with the keys node", "list.1": "list is an array of 1",
		"data..x": "empty", "/data~": "not a JSON Pointer", "nothing.x": "nothing is null", "list.-1": "", "list.00": "",
	} {
		_, err := collect(transport.Records[item](ctx, c, transport.Request{Records: at}, nil))
		assert.ErrorContains(t, err, says, at)
	}
}

func TestGet(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/none":
			w.WriteHeader(204)
		case "/ok":
			_, _ = io.WriteString(w, `{"ok":true,"user":{"id":5}}`)
		}
	})
	ok, err := transport.Get[struct{ OK bool }](ctx, c, transport.Request{Path: "/ok"})
	require.NoError(t, err)
	assert.True(t, ok.OK)
	user, err := transport.Get[item](ctx, c, transport.Request{Path: "/ok", Records: "user"})
	require.NoError(t, err)
	assert.Equal(t, int64(5), user.ID)
	_, err = transport.Get[item](ctx, c, transport.Request{Path: "/ok", Records: "users"})
	assert.ErrorIs(t, err, transport.ErrNoRecords)
	_, err = transport.Get[[]int](ctx, c, transport.Request{Path: "/ok"})
	assert.ErrorContains(t, err, "decode the answer as []int")
	assert.Equal(t, 1, asError(t, err).Attempts)
	none, err := transport.Get[*item](ctx, c, transport.Request{Path: "/none"})
	require.NoError(t, err)
	assert.Nil(t, none)
}

func TestIteratorRules(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(400)
			return
		}
		writeItems(w, 1, 3, "")
	})
	seq := transport.Records[item](ctx, c, transport.Request{Records: "data"}, transport.PageNumber{})
	for range 2 { // each range starts anew
		var pairs []string
		for v, err := range seq {
			pairs = append(pairs, fmt.Sprint(v.ID, err != nil))
		}
		assert.Equal(t, []string{"1 false", "2 false", "3 false", "0 true"}, pairs)
	}
	for range seq {
		break
	}
	var pages []int
	for p, err := range transport.Pages(ctx, c, transport.Request{Records: "data"}, transport.PageNumber{}) {
		if err != nil {
			assert.Nil(t, p)
			break
		}
		pages = append(pages, p.Len())
		assert.JSONEq(t, `{"id":1,"name":"n1"}`, string(p.Record(0)))
		assert.Nil(t, p.Record(3))
		all, err := collect(transport.PageRecords[item](p))
		assert.NoError(t, err)
		assert.Equal(t, upTo(3), ids(all))
	}
	assert.Equal(t, []int{3}, pages)
}

func TestPagingFunc(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Path)
		writeItems(w, n, n, fmt.Sprintf(`,"more":%v`, n < 4))
	})
	paging := transport.PagingFunc(func(p *transport.Page) (transport.Request, string, error) {
		if more, err := p.Text("more"); err != nil || more != "true" {
			return transport.Request{}, "more is " + more, err
		}
		req, err := p.Follow(p.URL.Path + "x")
		return req, "", err
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{Records: "data"}, paging))
	require.NoError(t, err)
	assert.Equal(t, upTo(4), ids(got))
}

func TestOnePagingForManyGoroutines(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		writeItems(w, n, n, `,"total":20`)
	})
	seq := transport.Records[item](ctx, c, transport.Request{Records: "data", Query: url.Values{"a": {"b"}}}, transport.PageNumber{TotalPages: "total"})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := collect(seq)
			assert.NoError(t, err)
			assert.Equal(t, upTo(20), ids(got))
		})
	}
	wg.Wait()
}

func TestBrokenCharacters(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "[{\"id\":1,\"name\":\"a\xffb\"}]")
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	assert.Equal(t, "a\uFFFDb", got[0].Name)
}

func TestTimeFieldsAreExact(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `[{"at":"2024-05-01T12:00:00.123456789+02:00"}]`)
	})
	got, err := collect(transport.Records[struct{ At time.Time }](ctx, c, transport.Request{}, nil))
	require.NoError(t, err)
	assert.Equal(t, 123456789, got[0].At.Nanosecond())
}
