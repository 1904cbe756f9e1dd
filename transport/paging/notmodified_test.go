package paging_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// ignoreNotModified treats a 304, the response to a conditional request (RFC 9110
// §13.1.2), as an empty page.
var ignoreNotModified = transport.WithRules(transport.Rule{Status: http.StatusNotModified, Do: transport.DoIgnore})

// readConditionally reads a source whose first page has the ETag "p1". A 304 does not
// point to the second page.
func readConditionally(t testing.TB, paging transport.Paging, etag string) ([]transporttest.Item, error) {
	t.Helper()
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "page") == 2 {
			fmt.Fprint(w, `{"data":[{"id":2}]}`)
			return
		}
		w.Header().Set("ETag", `"p1"`)
		if r.Header.Get("If-None-Match") == `"p1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Link", `</l?page=2>; rel="next"`)
		fmt.Fprint(w, `{"data":[{"id":1}],"next":"/l?page=2","cursor":"2"}`)
	}, ignoreNotModified)
	return transporttest.Collect(transport.Records[transporttest.Item](ctx, client,
		transport.Request{Path: "/l", RecordsAt: "data", Header: http.Header{"If-None-Match": {etag}}}, paging))
}

func TestAPageThatIsNotModifiedIsNotTheEndOfThePages(t *testing.T) {
	for name, paging := range map[string]transport.Paging{
		"link header": paging.LinkHeader{}, "next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "page"},
		"page number": paging.PageNumber{}, "offset": paging.Offset{Param: "page"}, "keyset": paging.Keyset{KeyAt: "id", Param: "page"},
		"page number, with a total": paging.PageNumber{TotalPagesAt: "pages"}, "prefetch": transport.Prefetch(paging.NextURL{At: "next"}, 1),
		"parallel": transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 2), "scroll": paging.Scroll{At: "cursor", Param: "page"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readConditionally(t, paging, `"p1"`)
			assert.Error(t, err, "the records of the second page are missing without an error")
			assert.Empty(t, got)
		})
	}
	for name, paging := range map[string]transport.Paging{
		"link header": paging.LinkHeader{}, "next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "page"},
	} {
		t.Run(name+", modified", func(t *testing.T) {
			got, err := readConditionally(t, paging, `"other"`)
			assert.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
		})
	}
}

func TestASinglePageThatIsNotModifiedIsEmpty(t *testing.T) {
	got, err := readConditionally(t, paging.Func(func(*transport.Page) (transport.Request, string, error) {
		return transport.Request{}, "one page", nil
	}), `"p1"`)
	assert.NoError(t, err)
	assert.Empty(t, got)
	for name, paging := range map[string]transport.Paging{"no paging": nil, "single page": paging.SinglePage{}} {
		t.Run(name, func(t *testing.T) {
			got, err := readConditionally(t, paging, `"p1"`)
			assert.NoError(t, err)
			assert.Empty(t, got)
		})
	}
}

// readIgnoring reads a source whose page 2 of 3 is a 404, which a rule ignores.
func readIgnoring(t testing.TB, paging transport.Paging, missing int) ([]transporttest.Item, error) {
	t.Helper()
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := max(number(r, "page"), 1)
		if page == missing {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next := ""
		if page < 3 {
			next = fmt.Sprintf(`,"next":"/l?page=%d","cursor":"%d"`, page+1, page+1)
			w.Header().Set("Link", fmt.Sprintf(`</l?page=%d>; rel="next"`, page+1))
		}
		fmt.Fprintf(w, `{"data":[{"id":%d}],"pages":3%s}`, page, next)
	}, transport.WithRules(transport.Rule{Status: http.StatusNotFound, Do: transport.DoIgnore}))
	return transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/l", RecordsAt: "data"}, paging))
}

func TestAnIgnoredPageToWhichThePageBeforePointsIsAnError(t *testing.T) {
	for name, paging := range map[string]transport.Paging{
		"link header": paging.LinkHeader{}, "next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "page"},
		"page number, with a total": paging.PageNumber{TotalPagesAt: "pages"},
		"prefetch":                  transport.Prefetch(paging.LinkHeader{}, 2),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readIgnoring(t, paging, 2)
			assert.Error(t, err)
			assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
			if name == "next URL" {
				assert.ErrorContains(t, err, "a rule ignores page 2 (404 Not Found)")
			}
		})
	}
}

func TestAnIgnoredFirstPageHasNoRecords(t *testing.T) {
	for name, paging := range map[string]transport.Paging{
		"link header": paging.LinkHeader{}, "next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "page"},
		"page number": paging.PageNumber{}, "keyset": paging.Keyset{KeyAt: "id", Param: "page"}, "single": paging.SinglePage{}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readIgnoring(t, paging, 1)
			assert.NoError(t, err)
			assert.Empty(t, got)
		})
	}
}

func TestTheNumberAfterTheLastPageMayBeIgnored(t *testing.T) {
	got, err := readIgnoring(t, paging.PageNumber{}, 3)
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}
