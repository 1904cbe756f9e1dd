package paging_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// onePage reads a source that sends one body to each request, with a Link header if it is
// not empty. It returns the warnings and the error.
func onePage(t testing.TB, p transport.Paging, req transport.Request, body, link string) (warnings string, err error) {
	t.Helper()
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		if link != "" {
			w.Header().Set("Link", link)
		}
		_, _ = w.Write([]byte(body))
	}, log.Warnings())
	_, err = transporttest.Collect(transport.Records[map[string]any](ctx, client, req, p))
	return log.String(), err
}

func byURL(at string) transport.Paging   { return paging.NextURL{At: at} }
func byToken(at string) transport.Paging { return paging.PageToken{At: at, Param: "cursor"} }

// Each page has a pointer to the next one, but the path of the paging leads elsewhere.
func TestAMisspelledPathIsAnErrorThatNamesThePointerOfThePage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		paging transport.Paging
		body   string
		link   string
		want   string
	}{
		{"another case", byToken("nextCursor"), `{"data":[{}],"NextCursor":"a"}`, "", `use paging.PageToken{At: "NextCursor", …}`},
		{"snake case", byToken("nextCursor"), `{"data":[{}],"next_cursor":"a"}`, "", `At: "next_cursor"`},
		{"kebab case", byToken("nextPageToken"), `{"data":[{}],"next-page-token":"a"}`, "", `At: "next-page-token"`},
		{"a letter is wrong", byToken("next_curser"), `{"data":[{}],"next_cursor":"a"}`, "", `At: "next_cursor"`},
		{"a letter is missing", byURL("nxt"), `{"data":[{}],"next":"/x?page=2"}`, "", `use paging.NextURL{At: "next"}`},
		{"two letters are swapped", byToken("contnuiation"), `{"data":[{}],"continuation":"a"}`, "", `At: "continuation"`},
		{"a name of one API alone", byToken("folgeseite"), `{"data":[{}],"folgesiete":"a"}`, "", `At: "folgesiete"`},
		{"another case of a pointer that is null", byToken("nextCursor"), `{"data":[{}],"NextCursor":null}`, "", `use At: "NextCursor"`},
		{"a parent that the page lacks", byURL("paging.next"), `{"data":[{}],"next":"/x?page=2"}`, "", `At: "next"`},
		{"a parent that the path lacks", byURL("next"), `{"data":[{}],"paging":{"next":"/x?page=2"}}`, "", `At: "paging.next"`},
		{"a parent that the path lacks, at a depth", byToken("endCursor"), `{"data":[{}],"meta":{"paging":{"cursors":{"endCursor":"a","after":"b"}}}}`, "", `At: "meta.paging.cursors.endCursor"`},
		{"a JSON Pointer with another case", byURL("/@odata.nextlink"), `{"data":[{}],"@odata.nextLink":"/x?$skiptoken=2"}`, "", `At: "@odata.nextLink"`},
		{"a JSON Pointer for a name with a dot", byToken("/next/cursor"), `{"data":[{}],"next.cursor":"a"}`, "", `At: "next.cursor"`},
		{"the older name of OData", byURL("@odata.nextLink"), `{"data":[{}],"odata.nextLink":"/x?$skip=2"}`, "", `At: "odata.nextLink"`},
		{"OData version 2", byURL("@odata.nextLink"), `{"data":[],"d":{"results":[],"__next":"/x?$skip=2"}}`, "", `At: "d.__next"`},
		{"another name", byToken("next"), `{"data":[{}],"continuationToken":"a"}`, "", `At: "continuationToken"`},
		{"a number", byToken("next"), `{"data":[{}],"nextOffset":100}`, "", `At: "nextOffset"`},
		{"an object", byURL("nextPage"), `{"data":[{}],"links":{"next":{"href":"/x?page=2"}}}`, "", `At: "links.next.href"`},
		{"an object with a cursor", byToken("next_cursor"), `{"data":[{}],"paging":{"next":{"after":"a","link":"/x?after=a"}}}`, "", `At: "paging.next.link"`},
		{"a list of one link", byURL("next"), `{"data":[{}],"_links":{"next":[{"href":"/x?page=2"}]}}`, "", `At: "_links.next.0.href"`},
		{"an array of links", byURL("next"), `{"data":[{}],"links":[{"rel":"self","href":"/x"},{"rel":"next","href":"/x?page=2"}]}`, "", "the element of links with the relation next"},
		{"an array of links on the way", byURL("links.next"), `{"data":[{}],"links":[{"rel":"self","href":"/x"},{"rel":"next","href":"/x?page=2"}]}`, "", "links is an array of 2, so it has no member next"},
		{"a parent that is a string", byURL("next.href"), `{"data":[{}],"next":"/x?page=2"}`, "", "next is a string, so it has no member href"},
		{"a body that is an array", byURL("next"), `[{"id":1}]`, "", "the body is an array of 1, so it has no member next"},
		{"a Link header", byURL("next"), `{"data":[{}]}`, `</x?page=2>; rel="next"`, "use paging.LinkHeader"},
		{"a bool that says that there are more", byToken("next_cursor"), `{"data":[{}],"has_more":true}`, "", `use MoreAt: "has_more"`},
		{"a bool that says that this is not the last page", byToken("next_cursor"), `{"data":[{}],"meta":{"is_last":false}}`, "", `use DoneAt: "meta.is_last"`},
		{"hasNextPage of GraphQL", byToken("data.items.pageInfo.cursor"), `{"data":{"items":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":"a"}}}}`, "", `hasNextPage`},
		{"a URL with a name of its own", byURL("next"), `{"data":[{}],"weiter":"https://api.example.com/x?page=2"}`, "", `At: "weiter"`},
		{"a URL of more results on another path", byURL("next"), `{"data":[{}],"more_results_url":"/y?a=b"}`, "", `At: "more_results_url"`},
		{"a URL beside the records", byURL("next"), `{"result":{"data":[{}],"nextUrl":"/x?page=2"}}`, "", `At: "result.nextUrl"`},
		{"DynamoDB", paging.PageToken{At: "lastKey", Param: "k", InBody: true}, `{"data":[{}],"LastEvaluatedKey":{"id":{"S":"a"}}}`, "", `At: "LastEvaluatedKey"`},
		{"MediaWiki", byToken("next"), `{"data":[{}],"continue":{"sroffset":10,"continue":"-||"}}`, "", `the member continue`},
		{"a Link header, but the pointer is in the body", paging.LinkHeader{}, `{"data":[{}],"next":"/x?page=2"}`, "", `use paging.NextURL{At: "next"}`},
		{"a Link header with another relation", paging.LinkHeader{Rel: "nxt"}, `{"data":[{}]}`, `</x?page=2>; rel="next"`, "no Link header with rel=nxt, but one with rel=next: leave Rel empty"},
		{"a Link header that is not valid", paging.LinkHeader{}, `{"data":[{}]}`, `https://api.example.com/x?page=2; rel="next"`, "not valid (RFC 8288 §3)"},
		{"the path to the changes of OData", byURL("@odata.deltaLink"), `{"data":[{}],"@odata.nextLink":"/x?page=2"}`, "", `At: "@odata.nextLink"`},
		{"the path to the changes of Google", byToken("nextSyncToken"), `{"data":[{}],"nextPageToken":"a"}`, "", `At: "nextPageToken"`},
		{"a scroll id", paging.Scroll{At: "scroll_id", Param: "scroll_id"}, `{"data":[{}],"_scrollid":"a"}`, "", `the member _scrollid`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := transport.Request{Path: "/x", RecordsAt: "data"}
			switch {
			case tt.body[0] == '[':
				req.RecordsAt = ""
			case tt.name == "a URL beside the records":
				req.RecordsAt = "result.data"
			case tt.name == "hasNextPage of GraphQL":
				req.RecordsAt = "data.items.nodes"
			}
			_, err := onePage(t, tt.paging, req, tt.body, tt.link)
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

// Sources put many members beside the records of a single page.
func TestASinglePageWithOtherMembersIsNeitherAnErrorNorAWarning(t *testing.T) {
	for _, body := range []string{
		`{"data":[{"id":1}]}`,
		`{"data":[]}`,
		`{"data":null}`,
		`{"data":[{"id":1,"next":"/x?page=2","cursor":"abc","has_more":true}]}`,
		`{"data":[{"id":1}],"total":1,"count":1,"status":"ok","request_id":"req_1234567890abcdef"}`,
		`{"data":[{"id":1}],"total":500,"page":1,"per_page":1,"pages":1}`,
		`{"data":[{"id":1}],"has_more":false}`,
		`{"data":[{"id":1}],"object":"list","url":"/x","has_more":false}`,
		`{"data":[{"id":1}],"kind":"calendar#events","etag":"\"p32of3nkv8d5go0g\"","updated":"2026-01-02T03:04:05.678Z","nextSyncToken":"CPDAlvWDx70CEPDAlvWDx70CGAU="}`,
		`{"data":[{"id":1}],"@odata.context":"https://api.example.com/$metadata#x","@odata.count":1,"@odata.deltaLink":"https://api.example.com/x?$deltatoken=a1b2"}`,
		`{"data":[{"id":1}],"meta":{"result_count":1,"newest_id":"1346889436626259968","oldest_id":"1346889436626259968"}}`,
		`{"data":[{"id":1}],"links":{"self":"https://api.example.com/x?page=1","first":"https://api.example.com/x?page=1","last":"https://api.example.com/x?page=1"}}`,
		`{"data":[{"id":1}],"_links":{"self":{"href":"https://api.example.com/x?page=0&size=20"},"search":{"href":"/x{?q}","templated":true}},"page":{"size":20,"number":0,"totalPages":1}}`,
		`{"data":[{"id":1}],"links":[{"rel":"self","href":"/x"},{"rel":"describedby","href":"/schema"}]}`,
		`{"data":[{"id":1}],"prev_cursor":"a1b2c3d4e5f6a7b8","previous":"/x?page=0","startCursor":"a1b2c3d4e5f6"}`,
		`{"data":[{"id":1}],"pageInfo":{"hasNextPage":false,"endCursor":"YXJyYXljb25uZWN0aW9uOjI5"}}`,
		`{"data":[{"id":1}],"pagination":{"cursor":null}}`,
		`{"data":[{"id":1}],"pagination":{}}`,
		`{"data":[{"id":1}],"next_update":"2026-01-02T03:04:05Z","next_run_at":"2026-01-02","next_billing_date":"2026-02-01"}`,
		`{"data":[{"id":1}],"query":{"after":"2026-01-01","limit":100,"cursor":null}}`,
		`{"data":[{"id":1}],"last":true,"first":true,"empty":false,"totalPages":1,"size":20,"number":0}`,
		`{"data":[{"id":1}],"meta":{"apiVersion":"v2.10.4-beta1","server":"api-eu-west-1a","generated_at":"20260102T030405Z"}}`,
		`{"data":[{"id":1}],"trace":"4bf92f3577b34da6a3ce929d0e0e4736","checksum":"d41d8cd98f00b204e9800998ecf8427e"}`,
		`{"data":[{"id":1}],"more_info_url":"https://docs.example.com","message":"OK","success":true,"code":0,"text":"next","more_info":"https://docs.example.com/errors?code=0"}`,
		`{"data":[{"id":1}],"batch":"3f2504e0-4f89-11d3-9a0c-0305e82c3301"}`,
		`{"data":[{"id":1}],"filters":{"next":"2026-01-01"},"done":true}`,
		`{"data":[{"id":1}],"included":[{"id":"a","links":{"next":"/x?page=2"}}]}`,
		`{"data":[{"id":1}],"meta":{"has_more":false,"after_cursor":"eyJvIjoibmljZV9pZCIs","before_cursor":"eyJvIjoibmljZV9pZCIs"},"links":{"prev":"/x?page[before]=a"}}`,
		`{"data":[{"id":1}],"newStartPageToken":"a1b2c3d4e5f6g7"}`,
		`{"data":[{"id":1}],"pagination":{"current":"a1b2c3d4e5f6g7","totalEntries":1}}`,
		`{"data":[{"id":1}],"first_page_uri":"/x?Page=0","previous_page_uri":null,"uri":"/x?PageSize=50&Page=0","last_page_uri":"/x?Page=3","end":0,"start":0}`,
		`{"data":[{"id":1}],"metadata":{"resourceVersion":"1234567890123","continue":""}}`,
		`{"data":[{"id":1}],"_links":{"base":"https://api.example.com","context":"/x","self":"https://api.example.com/x?limit=25&start=0"}}`,
		`{"data":[{"id":1}],"additional_data":{"pagination":{"start":0,"limit":100,"more_items_in_collection":false}}}`,
		`{"data":[{"id":1}],"next_page":null,"next":false,"cursor":"","nextOffset":-1}`,
	} {
		for _, p := range []transport.Paging{
			byURL("links.next.href"), byURL("@odata.nextLink"), byToken("meta.next_token"), byToken("paging.next.after"), byToken("nextPageToken"),
			byToken("paging.cursors.after"), paging.LinkHeader{}, nil,
		} {
			warnings, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"}, body, "")
			if n, ok := p.(paging.NextURL); ok && n.At == "links.next.href" && body == `{"data":[{"id":1}],"links":[{"rel":"self","href":"/x"},{"rel":"describedby","href":"/schema"}]}` {
				assert.Error(t, err, "the path cannot lead through an array")
				continue
			}
			assert.NoError(t, err, "%#v in %s", p, body)
			assert.Empty(t, warnings, "%#v in %s", p, body)
		}
	}
}

// The page has a string of unknown meaning.
func TestAMemberThatMayBeAPointerIsAWarningThatNamesTheKnob(t *testing.T) {
	for _, tt := range []struct {
		paging transport.Paging
		body   string
		want   string
	}{
		{byToken("next"), `{"data":[{"id":1}],"suivant":"eyJpZCI6MTAwMH0="}`, "the member suivant may lead to another page"},
		{byToken("meta.next"), `{"data":[{"id":1}],"meta":{"seite":"a1b2c3d4e5f6g7"}}`, "the member meta.seite"},
		{byURL("next"), `{"data":[{"id":1}],"token":"abc"}`, "the member token"},
		{byToken("next"), `{"data":[{"id":1}],"bookmark":"abc"}`, "the member bookmark"},
		{byToken("next"), `{"data":[{"id":1}],"done":false}`, "the member done"},
		{byToken("next"), `{"data":[{"id":1}],"truncated":true}`, "the member truncated"},
		{byToken("nextPage"), `{"data":[{"id":1}],"account":{"next_page":"abc"}}`, "the member account.next_page"},
		{paging.LinkHeader{}, `{"data":[{"id":1}],"token":"abc"}`, "the member token"},
		{nil, `{"data":[{"id":1}],"has_more":true}`, "the member has_more"},
		{nil, `{"data":[{"id":1}],"next_cursor":"abc"}`, "the member next_cursor"},
		{nil, `{"data":[{"id":1}],"next":"/y?page=2"}`, "the member next"},
	} {
		warnings, err := onePage(t, tt.paging, transport.Request{Path: "/x", RecordsAt: "data"}, tt.body, "")
		assert.NoError(t, err, tt.body)
		assert.Contains(t, warnings, tt.want, tt.body)
		knob := "set Optional"
		if tt.paging == nil {
			knob = "paging.SinglePage"
		}
		assert.Contains(t, warnings, knob, tt.body)
		assert.NotContains(t, warnings, "abc", "the values of a source are not logged")
	}
}

func TestASinglePageThatLeadsToAnotherOneIsAnErrorWithoutPaging(t *testing.T) {
	for _, tt := range []struct{ body, link, want string }{
		{`{"data":[{"id":1}]}`, `</x?page=2>; rel="next"`, "use paging.LinkHeader; if only this page is wanted, use paging.SinglePage"},
		{`{"data":[{"id":1}],"links":{"next":"/x?page=2"}}`, "", `use paging.NextURL{At: "links.next"}`},
		{`{"data":[{"id":1}],"next":{"href":"https://api.example.com/x?page=2"}}`, "", `use paging.NextURL{At: "next.href"}`},
		{`{"data":[{"id":1}],"weiter":"/x?offset=100"}`, "", `use paging.NextURL{At: "weiter"}`},
	} {
		for _, p := range []transport.Paging{nil, transport.Prefetch(nil, 2)} {
			_, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"}, tt.body, tt.link)
			assert.ErrorContains(t, err, tt.want)
		}
		warnings, err := onePage(t, paging.SinglePage{}, transport.Request{Path: "/x", RecordsAt: "data"}, tt.body, tt.link)
		assert.NoError(t, err)
		assert.Empty(t, warnings)
	}
}

func TestOptionalDeclaresThatAPageWithoutThePointerIsASinglePage(t *testing.T) {
	body := `{"data":[{"id":1}],"NextCursor":"a","bookmark":"b","has_more":true}`
	for _, p := range []transport.Paging{
		paging.NextURL{At: "next", Optional: true},
		paging.PageToken{At: "nextCursor", Param: "cursor", Optional: true},
		paging.PageToken{At: "nextCursor", Param: "cursor", MoreAt: "more", DoneAt: "done", Optional: true},
		paging.LinkHeader{Optional: true},
		paging.Scroll{At: "scroll", Param: "scroll", Optional: true},
	} {
		warnings, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"}, body, "")
		assert.NoError(t, err, "%#v", p)
		assert.Empty(t, warnings, "%#v", p)
	}
}

// The parent of the pointer is null or empty on the last page.
func TestAParentWithoutMembersIsTheEnd(t *testing.T) {
	for _, body := range []string{
		`{"data":[],"links":null,"cursor":"a"}`, `{"data":[],"links":{},"cursor":"a"}`, `{"data":[],"links":[],"cursor":"a"}`, `{"data":[],"links":false,"cursor":"a"}`,
		`{"data":[],"links":"","cursor":"a"}`, `{"data":[],"links":{"next":null},"cursor":"a"}`, `{"data":[],"links":{"next":{}},"cursor":"a"}`, `{"data":[],"links":{"next":[]},"cursor":"a"}`,
	} {
		_, err := onePage(t, byURL("links.next.href"), transport.Request{Path: "/x", RecordsAt: "data"}, body, "")
		assert.NoError(t, err, body)
	}
}

func TestAnObjectAtThePathOfThePointerIsAnErrorThatNamesItsMembers(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":[],"next":{"href":"/x","title":"t"}}`: "there is an object with the keys href, title; continue the path with one of them",
		`{"data":[],"next":["/x"]}`:                    "there is an array of 1",
		`{"data":[],"next":true}`:                      "next is true, which does not identify the next page: pass the path in MoreAt instead",
		`{"data":[],"next":[{"rel":"next"}]}`:          "paging.Func",
	} {
		for _, p := range []transport.Paging{byURL("next"), byToken("next"), paging.Scroll{At: "next", Param: "p"}} {
			if _, ok := p.(paging.Scroll); ok { // which ends at a page without records
				body = `{"data":[{}]` + body[len(`{"data":[]`):]
			}
			_, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"}, body, "")
			assert.ErrorContains(t, err, want, body)
		}
	}
	_, err := onePage(t, byURL("next"), transport.Request{Path: "/x", RecordsAt: "data"}, `{"data":[],"next":2}`, "")
	assert.ErrorContains(t, err, `next is a number, not a URL: use paging.PageToken{At: "next", …}`)
}

// The last page has members that look like pointers, but not the pointer of the pages
// before it.
func TestAnAbsentPointerAfterAFoundOneIsTheEnd(t *testing.T) {
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := max(1, number(r, "page"))
		next := ""
		if page < 2 {
			next = `,"next":"2"`
		}
		transporttest.WriteItems(w, page, page, next+`,"cursor":"abc","nextState":"eyJpZCI6MTAwMH0="`)
	}, log.Warnings())
	read := func(path, page string) error {
		req := transport.Request{Path: path, RecordsAt: "data"}
		if page != "" {
			req.Query = map[string][]string{"page": {page}}
		}
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, req, paging.PageToken{At: "next", Param: "page"}))
		return err
	}
	assert.ErrorContains(t, read("/x/7/y", "2"), "the member cursor", "nothing shows that the path is right")
	assert.NoError(t, read("/x/7/y", ""))
	assert.NoError(t, read("/x/7/y", "2"), "an earlier sequence has had the pointer")
	assert.NoError(t, read("/x/8/y", "2"), "the list of another record")
	assert.Error(t, read("/z", "2"), "another list")
	assert.Empty(t, log.String())
}

func TestALaterPageThatSaysThatThereAreMoreIsAnError(t *testing.T) {
	got, err := readMembers(t, paging.PageToken{At: "next", Param: "page"}, func(page int) string {
		if page == 2 {
			return `,"has_more":true`
		}
		return fmt.Sprintf(`,"next":%d,"has_more":true`, page+1)
	})
	assert.ErrorContains(t, err, "has_more")
	assert.Equal(t, transporttest.UpTo(2), got)
}

func TestAWarningIsLoggedOnceForEachClientAndPath(t *testing.T) {
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":[],"bookmark":"a"}`)) }, log.Warnings())
	for _, path := range []string{"/x/1/y", "/x/1/y", "/x/2/y", "/z"} {
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: path, RecordsAt: "data"}, byURL("next")))
		assert.NoError(t, err)
	}
	assert.Equal(t, 2, strings.Count(log.String(), "level=WARN"), log.String())
}

// A member that repeats a parameter of the request is not a pointer.
func TestACursorOfTheRequestThatTheResponseRepeatsIsNotAPointer(t *testing.T) {
	warnings, err := onePage(t, byToken("next_cursor"), transport.Request{Path: "/x?cursor=a1b2c3d4e5f6g7", RecordsAt: "data"}, `{"data":[],"cursor":"a1b2c3d4e5f6g7","position":"a1b2c3d4e5f6g7"}`, "")
	assert.NoError(t, err)
	assert.Empty(t, warnings)
	warnings, err = onePage(t, paging.PageToken{At: "next_cursor", Param: "page.cursor", InBody: true},
		transport.Request{Method: "POST", Path: "/x", Body: map[string]any{"page": map[string]string{"cursor": "a1b2c3d4e5f6g7"}}, RecordsAt: "data"},
		`{"data":[],"cursor":"a1b2c3d4e5f6g7"}`, "")
	assert.NoError(t, err)
	assert.Empty(t, warnings)
}

// The first of the two values wins that the dots lead to.
func TestAPathWithDotsLeadsToNestedMembersBeforeNamesWithDots(t *testing.T) {
	got, err := readMembers(t, paging.PageToken{At: "next.cursor", Param: "page"}, func(page int) string {
		if page == 3 {
			return `,"next":{"cursor":null},"next.cursor":"7"`
		}
		return fmt.Sprintf(`,"next":{"cursor":%d},"next.cursor":"7"`, page+1)
	})
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), got)
}

func TestAPathToReadBackwardsIsNotCheckedForTheNextPage(t *testing.T) {
	for _, p := range []transport.Paging{byURL("links.prev"), byURL("previous"), paging.LinkHeader{Rel: "prev"}} {
		warnings, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"}, `{"data":[],"next":"/x?page=2","links":{"next":"/x?page=2"}}`, `</x?page=2>; rel="next"`)
		assert.NoError(t, err)
		assert.Empty(t, warnings)
	}
}

// Facebook sends the cursors of the first and the last record of each page. Its last page
// has no paging.next.
func TestTheCursorOfTheLastRecordIsNotTakenForAPointer(t *testing.T) {
	for _, p := range []transport.Paging{byURL("paging.next"), nil} {
		warnings, err := onePage(t, p, transport.Request{Path: "/x", RecordsAt: "data"},
			`{"data":[{"id":1}],"paging":{"cursors":{"before":"QVFIUmx1WTBpMGpJWXprYzVYaVhabW","after":"QVFIUmx1WTBpMGpJWXprYzVYaVhabW"}}}`, "")
		assert.NoError(t, err)
		assert.Empty(t, warnings)
	}
}

// Sentry sends a link to the next page with the last one.
func TestALinkWithoutResultsIsTheEnd(t *testing.T) {
	for _, p := range []transport.Paging{paging.LinkHeader{}, nil} {
		warnings, err := onePage(t, p, transport.Request{Path: "/x"}, `[{"id":1}]`, `</x?cursor=0:-1:1>; rel="previous"; results="false", </x?cursor=0:100:0>; rel="next"; results="false"; cursor="0:100:0"`)
		assert.NoError(t, err)
		assert.Empty(t, warnings)
	}
}

func TestALinkHeaderInSingleQuotesIsFollowed(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := max(1, number(r, "page"))
		if page < 3 {
			w.Header().Set("Link", fmt.Sprintf(`</x?page=%d>; rel='next'`, page+1))
		}
		transporttest.WriteItems(w, page, page, "")
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, paging.LinkHeader{}))
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
}

func TestRelayNamesWhatThePageHasInsteadOfPageInfo(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":{"orders":{"nodes":[]}}}`:                                                  "data.orders.pageInfo is missing: the query must select it as pageInfo { hasNextPage endCursor }; there is nothing, and data.orders is an object with the keys nodes",
		`{"data":{"orders":{"nodes":[],"pageInfo":null}}}`:                                  "there is null",
		`{"data":{"orders":{"nodes":[],"pageInfo":{"endCursor":"a"}}}}`:                     "hasNextPage is neither true nor false",
		`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":null}}}}`: "hasNextPage is true, but data.orders.pageInfo.endCursor is null",
		`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":true}}}}`:                  "endCursor is absent",
		`{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":""}}}}`:   "hasNextPage is true, but",
	} {
		_, err := onePage(t, paging.Relay{At: "data.orders"}, transport.Request{Path: "/graphql", RecordsAt: "data.orders.nodes"}, body, "")
		assert.ErrorContains(t, err, want, body)
	}
}
