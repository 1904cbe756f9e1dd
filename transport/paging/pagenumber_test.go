package paging_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestPageNumberReadsEveryPageOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		paging   paging.PageNumber
		query    url.Values
		want     []int64
		requests int
	}{
		"total":                     {paging.PageNumber{TotalPagesAt: "meta.pages"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 3},
		"until empty":               {paging.PageNumber{Param: "page"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 4},
		"until short":               {paging.PageNumber{SizeParam: "per_page"}, url.Values{"per_page": {"2"}}, transporttest.UpTo(5), 3},
		"first page in the request": {paging.PageNumber{TotalPagesAt: "meta.pages"}, url.Values{"page": {"3"}}, []int64{5}, 1},
		"from zero":                 {paging.PageNumber{FromZero: true, Param: "p0", TotalPagesAt: "meta.pages"}, nil, transporttest.UpTo(5), 3},
		"from zero, empty":          {paging.PageNumber{FromZero: true, Param: "p0"}, nil, transporttest.UpTo(5), 4},
		"First":                     {paging.PageNumber{First: 2}, nil, []int64{3, 4, 5}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
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
			assert.Equal(t, tt.requests, requests)
		})
	}
}

func TestAMissingTotalOrAFirstPageThatIsNotANumberIsAnError(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { transporttest.WriteItems(w, 1, 2, "") })
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{TotalPagesAt: "pages"}))
	assert.ErrorContains(t, err, "pages is missing")
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data", Query: url.Values{"page": {"x"}}}, paging.PageNumber{}))
	assert.ErrorContains(t, err, "not a number")
}

func TestAPageNumberInThePathIsTheFirstPage(t *testing.T) {
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

func TestASourceThatIgnoresThePageNumberIsAPageLoop(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) { transporttest.WriteItems(w, 1, 2, "") })
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{Param: "pg"}))
	assert.ErrorIs(t, err, transport.ErrPageLoop)
}
