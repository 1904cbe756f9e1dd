package connectortest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// unreadReport returns the report of Unread for a connector that delivers the records of
// the first page, and a source that finds the page by a parameter.
func unreadReport(t *testing.T, method, param string, write func(w http.ResponseWriter, records []post, from int)) *connectortest.Report {
	t.Helper()
	c := readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		request := transport.Request{Method: method, Path: "/posts", RecordsAt: "data", Idempotent: true}
		if method == http.MethodPost {
			request.Body = map[string]any{"size": 4}
		}
		for p, err := range transport.Records[post](ctx, api, request, paging.SinglePage{}) {
			if err != nil {
				return err
			}
			if err := out.Upsert("posts", p); err != nil {
				return err
			}
		}
		return nil
	})
	source := func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/posts" {
				http.NotFound(w, r)
				return
			}
			text := r.URL.Query().Get(param)
			if r.Method == http.MethodPost {
				var body map[string]any
				_ = json.NewDecoder(r.Body).Decode(&body)
				text, _ = body[param].(string)
			}
			all := posts(10)
			from, _ := strconv.Atoi(strings.TrimPrefix(text, "at-"))
			if param == "page" {
				from = max(from-1, 0) * 4
			}
			from = min(from, len(all))
			write(w, all[from:min(from+4, len(all))], from)
		})
	}
	return connectortest.Record(t, c, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
}

func writeJSON(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func TestANextPageThatNobodyRequestsIsFound(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	for name, c := range map[string]struct {
		param, want string
		body        func(records []post, from int) any
	}{
		"a URL": {"from", "the member next", func(r []post, from int) any { return object{"data": r, "next": fmt.Sprint("/posts?from=", from+4)} }},
		"an absolute URL": {"from", "the member paging.next_url", func(r []post, from int) any {
			return object{"data": r, "paging": object{"next_url": fmt.Sprint("http://api.test/posts?from=", from+4)}}
		}},
		"a query": {"from", "the member @odata.nextLink", func(r []post, from int) any {
			return object{"data": r, "@odata.nextLink": fmt.Sprint("?from=", from+4)}
		}},
		"an object with a URL": {"from", "the member _links.next.href", func(r []post, from int) any {
			return object{"data": r, "_links": object{"next": object{"href": fmt.Sprint("/posts?from=", from+4)}}}
		}},
		"a list of links": {"from", "the member links.href", func(r []post, from int) any {
			return object{"data": r, "links": []any{object{"rel": "self", "href": "/posts"}, object{"rel": "next", "href": fmt.Sprint("/posts?from=", from+4)}}}
		}},
		"a token": {"cursor", "the member meta.next_cursor", func(r []post, from int) any {
			return object{"data": r, "meta": object{"next_cursor": fmt.Sprint("at-", from+4)}}
		}},
		"a token in another style": {"pageToken", "the member nextPageToken", func(r []post, from int) any { return object{"data": r, "nextPageToken": fmt.Sprint("at-", from+4)} }},
		"a number":                 {"page", "the member next_page", func(r []post, from int) any { return object{"data": r, "next_page": from/4 + 2} }},
		"a flag":                   {"offset", "the member has_more", func(r []post, from int) any { return object{"data": r, "has_more": from+4 < 10} }},
		"a flag for the key":       {"starting_after", "the member hasNextPage", func(r []post, from int) any { return object{"data": r, "hasNextPage": from+4 < 10} }},
		"a flag for the last page": {"page", "the member last", func(r []post, from int) any { return object{"data": r, "last": false} }},
		"a number of pages":        {"page", "the member total_pages", func(r []post, from int) any { return object{"data": r, "page": from/4 + 1, "total_pages": 3} }},
		"a number of records":      {"offset", "the member total", func(r []post, from int) any { return object{"data": r, "total": 10} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := unreadReport(t, http.MethodGet, c.param, func(w http.ResponseWriter, records []post, from int) { writeJSON(w, c.body(records, from)) })
			assert.Contains(t, r.String(), "GET /posts: the response names a next page in "+c.want+", but the sync did not request it; that page has 4 records that the sync did not read, such as\n    {\"id\":5")
			assert.Contains(t, r.String(), "to fix it: ")
		})
	}
	t.Run("a header", func(t *testing.T) {
		t.Parallel()
		r := unreadReport(t, http.MethodGet, "page", func(w http.ResponseWriter, records []post, from int) {
			w.Header().Set("X-Next-Page", strconv.Itoa(from/4+2))
			writeJSON(w, object{"data": records})
		})
		assert.Contains(t, r.String(), "names a next page in the header X-Next-Page")
	})
	t.Run("a token for the body of a request", func(t *testing.T) {
		t.Parallel()
		r := unreadReport(t, http.MethodPost, "cursor", func(w http.ResponseWriter, records []post, from int) {
			writeJSON(w, object{"data": records, "next_cursor": fmt.Sprint("at-", from+4)})
		})
		assert.Contains(t, r.String(), "POST /posts: the response names a next page in the member next_cursor")
	})
}

// What the suite cannot verify is not a failure.
func TestANextPageThatIsNotCertainIsLogged(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	for name, c := range map[string]struct {
		body map[string]any
		want string
	}{
		"a token of an unknown parameter":   {object{"next_cursor": "at-4"}, "GET /posts: a response names a next page in the member next_cursor, and no request seems to ask for it"},
		"a URL of another host":             {object{"next": "http://other.test/posts?from=4"}, "names a next page in the member next, and no request seems to ask for it"},
		"a URL that the source rejects":     {object{"next": "/nothing"}, "names a next page in the member next, and no request seems to ask for it"},
		"a number that counts other things": {object{"total": 100}, ""},
		"a position for a later sync":       {object{"nextSyncToken": "at-4", "@odata.deltaLink": "/posts?from=4"}, ""},
		"a token with the last page":        {object{"next_cursor": "at-4", "has_more": false}, ""},
		"the end of the pages":              {object{"next": nil, "next_page": "", "has_more": false}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := unreadReport(t, http.MethodGet, "secret_parameter", func(w http.ResponseWriter, records []post, _ int) {
				c.body["data"] = records
				writeJSON(w, c.body)
			})
			assert.Empty(t, r.Failures)
			logs := strings.Join(r.Logs, "\n")
			assert.Contains(t, logs, c.want)
			assert.Equal(t, c.want != "", strings.Contains(logs, "next page"), logs)
		})
	}
}

func TestAMisspelledNameIsToldFromAnotherName(t *testing.T) {
	for _, test := range []struct {
		column, member string
		want           bool
	}{
		{"titel", "title", true},
		{"singed_up", "signed_up", true},
		{"order_id", "orderId", true},
		{"orderid", "order_id", true},
		{"comment_txet", "comment_text", true},
		{"zoen", "zone", true},
		{"on", "no", false},
		{"custmer_id", "customer_id", true},
		{"warehoyse", "warehouse", true},
		{"note", "notes", false},
		{"closed", "close", false},
		{"approved", "approver", false},
		{"contract_id", "contact_id", false},
		{"latitude", "altitude", false},
		{"county", "country", false},
		{"order", "orders", false},
		{"price", "prize", false},
		{"created_at", "created_by", false},
		{"address1", "address2", false},
		{"line_1", "line_2", false},
		{"code", "mode", false},
		{"first_name", "last_name", false},
		{"paid", "unpaid", false},
		{"a", "b", false},
		{"", "_", false},
	} {
		assert.Equal(t, test.want, connectortest.IsMisspelling(test.column, test.member), "%s and %s", test.column, test.member)
		assert.Equal(t, test.want, connectortest.IsMisspelling(test.member, test.column), "%s and %s", test.member, test.column)
	}
}

// A column without values is a fault only if a record has nearly its name.
func TestAColumnWithoutValuesIsNotAFault(t *testing.T) {
	t.Parallel()
	type computed struct {
		ID      int64  `json:"id" schema:"primary_key"`
		Country string `json:"country"`
		Title   string `json:"title"`
	}
	source := withKey(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":1,"title":"A","countries":["de"],"zip":"1","empty":null},{"id":2,"title":"B","Title2":"C"}]`)
	})
	r := connectortest.Record(t, &apiRows[computed]{Key: apiKey}, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
	assert.Empty(t, r.Failures)
	assert.Contains(t, r.Logs, "table s.items: no column takes these members of its records: Title2, countries, zip")
}

func FuzzNextPagesAcceptAnyResponse(f *testing.F) {
	f.Add(`{"data":[{"id":1}],"links":[{"rel":"next","href":"/x"}],"has_more":1,"total":1e99}`)
	f.Add(`{"next":{"href":{"url":[]}},"last_page":-1}`)
	f.Add("[[[{}]]]\n{}")
	f.Fuzz(func(t *testing.T, body string) { connectortest.NextPages(body) })
}

// The facets are a list of the page, too, and the same on every page.
func TestANextPageOfOneOfSeveralListsIsFound(t *testing.T) {
	t.Parallel()
	r := unreadReport(t, http.MethodGet, "from", func(w http.ResponseWriter, records []post, from int) {
		writeJSON(w, map[string]any{"a_facets": []any{map[string]any{"id": 1}}, "data": records, "next": fmt.Sprint("/posts?from=", from+4)})
	})
	assert.Contains(t, r.String(), "that page has 4 records that the sync did not read")
}

// The tokens of both lists are the same, as if they were made from an offset. The sync
// reads the second list to its end, and only the first page of the first one.
func TestATokenOfAnotherListDoesNotCount(t *testing.T) {
	t.Parallel()
	c := readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		for path, pages := range map[string]transport.Paging{"/posts": paging.SinglePage{}, "/archive": paging.PageToken{At: "next_cursor", Param: "cursor"}} {
			for p, err := range transport.Records[post](ctx, api, transport.Request{Path: path, RecordsAt: "data"}, pages) {
				if err != nil {
					return err
				}
				if err := out.Upsert("posts", p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	source := func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			all := posts(10)
			if r.URL.Path == "/archive" {
				for i := range all {
					all[i].ID += 100
				}
			}
			from, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Query().Get("cursor"), "at-"))
			page := map[string]any{"data": all[from:min(from+4, len(all))], "next_cursor": nil}
			if from+4 < len(all) {
				page["next_cursor"] = fmt.Sprint("at-", from+4)
			}
			writeJSON(w, page)
		})
	}
	r := connectortest.Record(t, c, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
	assert.Contains(t, r.String(), "GET /posts: the response names a next page in the member next_cursor, but the sync did not request it; that page has 4 records that the sync did not read, such as\n    {\"id\":5")
	assert.Len(t, r.Failures, 1)
}

// A source whose second request fails is not a network of the connector's own.
func TestASecondSyncThatFailsIsNotBlamedOnTheNetwork(t *testing.T) {
	t.Parallel()
	source := func() http.Handler {
		requests := 0
		return withKey(func(w http.ResponseWriter, _ *http.Request) {
			if requests++; requests == 2 {
				http.Error(w, "{}", http.StatusNotImplemented)
				return
			}
			fmt.Fprint(w, `[{"id":1,"title":"A"}]`)
		})()
	}
	type titled struct {
		ID    int64  `json:"id" schema:"primary_key"`
		Title string `json:"title"`
	}
	r := connectortest.Record(t, &apiRows[titled]{Key: apiKey}, connectortest.Source(source), connectortest.Only(connectortest.RuleNames(), "Unread"))["Unread"]
	assert.Contains(t, strings.Join(r.Logs, "\n"), "nothing is tested: a second sync failed, although the first one succeeded: ")
}
