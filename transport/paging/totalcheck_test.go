package paging_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestATotalThatIsMoreThanAPageWithoutPagingHasIsAWarning(t *testing.T) {
	for _, tt := range []struct {
		name, at, body, query, want string
	}{
		{"a number of pages", "data", `{"data":[{},{}],"total_pages":7}`, "", `paging.PageNumber{TotalPagesAt: "total_pages"}`},
		{"a number of pages beside the records", "data", `{"data":[{}],"meta":{"pagination":{"pageCount":2}}}`, "", `TotalPagesAt: "meta.pagination.pageCount"`},
		{"a number of records", "data", `{"data":[{}],"totalResults":20}`, "", `the member totalResults, which is 20 although the page has 1 record,`},
		{"a text", "data", `{"data":[{}],"total_count":"20"}`, "", `paging.Offset{TotalAt: "total_count"}`},
		{"a total and the size of a page", "data", `{"data":[{},{}],"total":20,"limit":2,"offset":0}`, "", `although the page has 2 records,`},
		{"a total and the size that was requested", "data", `{"data":[{}],"count":20}`, "per_page=1", `paging.Offset{TotalAt: "count"}`},
		{"an object", "hits.hits", `{"hits":{"total":{"value":5000,"relation":"eq"},"hits":[{}]}}`, "", `paging.Offset{TotalAt: "hits.total.value"}`},
		{"OData", "value", `{"value":[{}],"@odata.count":2000}`, "", `paging.Offset{TotalAt: "@odata.count"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			query, _ := url.ParseQuery(tt.query)
			req := transport.Request{Path: "/x", RecordsAt: tt.at, Query: query}
			warnings, err := onePage(t, nil, req, tt.body, "")
			assert.NoError(t, err)
			assert.Contains(t, warnings, strings.ReplaceAll(tt.want, `"`, `\"`))
			assert.Contains(t, warnings, "if only this page is wanted, use paging.SinglePage")

			warnings, err = onePage(t, paging.SinglePage{}, req, tt.body, "")
			assert.NoError(t, err)
			assert.Empty(t, warnings)
		})
	}
}

func TestAConnectionWithoutPagingIsAWarningThatNamesRelay(t *testing.T) {
	warnings, err := onePage(t, nil, transport.Request{Path: "/x", RecordsAt: "data.orders.nodes"}, `{"data":{"orders":{"nodes":[{}],"pageInfo":{"hasNextPage":true}}}}`, "")
	assert.NoError(t, err)
	assert.Contains(t, warnings, "use paging.Relay{At: "+`\"data.orders\"`)
}

func TestATotalThatDoesNotSayThatRecordsAreMissingIsNoWarning(t *testing.T) {
	for _, tt := range []struct{ name, body, query string }{
		{"the page has all records", `{"data":[{},{}],"total_count":2,"total_pages":1}`, "limit=2"},
		{"one page", `{"data":[{}],"total":500,"limit":100,"pages":1}`, ""},
		{"a sum", `{"data":[{}],"total":1990}`, ""},
		{"a sum with a fraction", `{"data":[{}],"total":19.90}`, "limit=10"},
		{"an object of sums", `{"data":[{}],"total":{"amount":500,"currency":"EUR"}}`, "limit=10"},
		{"no records", `{"data":[],"total_count":20}`, ""},
		{"a page that is requested by its number", `{"data":[{}],"total_pages":7}`, "page=3"},
		{"records that are requested by their offset", `{"data":[{}],"total_count":7}`, "offset=3&limit=1"},
		{"a total that is not beside the records", `{"data":[{}],"quota":{"total_count":7}}`, ""},
		{"a flag", `{"data":[{}],"total_count":7,"has_more":false}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			query, _ := url.ParseQuery(tt.query)
			warnings, err := onePage(t, nil, transport.Request{Path: "/x", RecordsAt: "data", Query: query}, tt.body, "")
			assert.NoError(t, err)
			assert.Empty(t, warnings)
		})
	}
}

func TestATotalIsAWarningIfThePointerToTheNextPageIsAbsent(t *testing.T) {
	warnings, err := onePage(t, byURL("next"), transport.Request{Path: "/x", RecordsAt: "rows", Query: url.Values{"limit": {"1"}}}, `{"total":53,"rows":[{}]}`, "")
	assert.NoError(t, err)
	assert.Contains(t, warnings, "the member total, which is 53 although the page has 1 record, may lead to another page")
}
