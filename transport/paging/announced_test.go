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

// The source filters the records of a page after it has chosen the page, so that the second
// of three pages is empty. A bool that the paging does not read says that there is a third.
func TestAPageWithoutRecordsThatAnnouncesAnotherOneIsAWarning(t *testing.T) {
	read := func(p transport.Paging, flag func(page int) string) (got []int64, warnings string) {
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			page := max(1, number(r, "page"), number(r, "after")+1)
			if page == 2 {
				_, _ = fmt.Fprintf(w, `{"data":[],"token":3%s}`, flag(page))
				return
			}
			transporttest.WriteItems(w, page, page, fmt.Sprintf(`,"token":%d%s`, page+1, flag(page)))
		}, log.Warnings())
		items, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err)
		return transporttest.IDs(items), log.String()
	}
	more := func(page int) string { return fmt.Sprintf(`,"has_more":%t,"meta":{"is_last":%t}`, page < 3, page >= 3) }
	none := func(page int) string { return `,"has_more":false` }
	for name, p := range map[string]transport.Paging{
		"page number": paging.PageNumber{}, "prefetch": transport.Prefetch(paging.PageNumber{}, 2), "offset": paging.Offset{Param: "after"},
		"keyset": paging.Keyset{KeyAt: "id", Param: "after"}, "scroll": paging.Scroll{At: "token", Param: "page"},
	} {
		t.Run(name, func(t *testing.T) {
			got, warnings := read(p, more)
			assert.Equal(t, transporttest.UpTo(1), got)
			assert.Contains(t, warnings, "the page has no records, so it is read as the last one, but the member has_more says that there is another page")
			_, warnings = read(p, none)
			assert.Empty(t, warnings)
		})
	}
	got, warnings := read(paging.PageNumber{MoreAt: "has_more"}, more)
	assert.Equal(t, []int64{1, 3}, got)
	assert.Empty(t, warnings)
}

func TestAShortPageThatAnnouncesAnotherOneIsAWarning(t *testing.T) {
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "page") == 2 {
			transporttest.WriteItems(w, 3, 3, `,"last":false`)
			return
		}
		transporttest.WriteItems(w, 1, 2, `,"last":false`)
	}, log.Warnings())
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x?limit=2", RecordsAt: "data", Query: map[string][]string{"limit": {"2"}}}, paging.PageNumber{SizeParam: "limit"}))
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	assert.Contains(t, log.String(), "the page has 1 of the 2 requested records")
	assert.Contains(t, log.String(), "the member last says that there is another page")
}

// The pointer is there and null, while a bool says that there is another page: the pointer
// may be another one.
func TestANullPointerOnAPageThatAnnouncesAnotherOneIsAnError(t *testing.T) {
	for _, rest := range []string{`,"next":null`, `,"next":""`, `,"next":false`, `,"next":{}`} {
		for _, p := range []transport.Paging{byURL("next"), byToken("next")} {
			req := transport.Request{Path: "/x", RecordsAt: "data"}
			_, err := onePage(t, p, req, `{"data":[{"id":1}],"has_more":true`+rest+`}`, "")
			assert.ErrorContains(t, err, "the member has_more says that there is another page", "%#v with %s", p, rest)
			_, err = onePage(t, p, req, `{"data":[{"id":1}],"has_more":false`+rest+`}`, "")
			assert.NoError(t, err)
		}
	}
	warnings, err := onePage(t, paging.PageToken{At: "next", Param: "page", Optional: true}, transport.Request{Path: "/x", RecordsAt: "data"}, `{"data":[{"id":1}],"has_more":true,"next":null}`, "")
	assert.NoError(t, err)
	assert.Empty(t, warnings)
}

func TestAPageWithoutABodyAnnouncesNothing(t *testing.T) {
	for _, p := range []transport.Paging{paging.PageNumber{}, paging.Offset{}, paging.Keyset{KeyAt: "id", Param: "after"}, paging.Scroll{At: "token", Param: "page"}} {
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, log.Warnings())
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err)
		assert.Empty(t, log.String())
	}
}

// Only some pages have the total. The second page is empty, as after a failure of the source.
func TestAnEmptyPageWithoutTheTotalOfTheFirstOneIsAWarning(t *testing.T) {
	read := func(p transport.Paging, empty, firstPage int) (got []int64, warnings string) {
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			page := number(r, "page") + 1 - firstPage
			if r.URL.Query().Has("offset") {
				page = number(r, "offset")/2 + 1
			}
			switch {
			case page >= 5:
				_, _ = w.Write([]byte(`{"data":[]}`))
			case page == empty && page%2 == 0:
				w.WriteHeader(http.StatusNoContent)
			case page == empty:
				_, _ = w.Write([]byte(`{"data":null}`))
			case page == 1:
				transporttest.WriteItems(w, 1, 2, `,"pages":4,"total":8`)
			default:
				transporttest.WriteItems(w, page*2-1, page*2, "")
			}
		}, log.Warnings())
		items, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err)
		return transporttest.IDs(items), log.String()
	}
	for name, p := range map[string]transport.Paging{
		"offset": paging.Offset{TotalAt: "total"}, "offset, parallel": transport.Parallel(paging.Offset{TotalAt: "total"}, 3),
		"number": paging.PageNumber{TotalPagesAt: "pages"}, "number, parallel": transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 2),
		"number from 0": paging.PageNumber{TotalPagesAt: "pages", FromZero: true},
	} {
		t.Run(name, func(t *testing.T) {
			first := 1
			if name == "number from 0" {
				first = 0
			}
			for _, empty := range []int{2, 3, 4} {
				got, warnings := read(p, empty, first)
				assert.Less(t, len(got), 8)
				if empty == 4 && !strings.HasPrefix(name, "offset") {
					assert.Empty(t, warnings, "the source may round the number of pages up")
					continue
				}
				assert.Regexp(t, "the page has no records, although (total|pages), which it lacks, was (8|4) on an earlier page: records may be missing", warnings)
			}
			got, warnings := read(p, 0, first)
			assert.Equal(t, transporttest.UpTo(8), got)
			assert.Empty(t, warnings)
		})
	}
}

// The total is a limit, and a filter of the source has left one record on the last page that
// it includes.
func TestALaterPageThatIsTheLastByTheTotalButAnnouncesAnotherOneIsAWarning(t *testing.T) {
	read := func(p transport.Paging, second int, more bool) string {
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			rest := fmt.Sprintf(`,"pages":2,"total":%d,"has_more":%t`, 2+second, more)
			switch {
			case number(r, "page") > 2 || number(r, "offset") > 3:
				_, _ = w.Write([]byte(`{"data":[]}`))
			case number(r, "page") == 2 || number(r, "offset") > 0:
				if second == 0 {
					_, _ = w.Write([]byte(`{"data":[]` + rest + `}`))
					return
				}
				transporttest.WriteItems(w, 3, 2+second, rest)
			default:
				transporttest.WriteItems(w, 1, 2, rest)
			}
		}, log.Warnings())
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err)
		assert.Len(t, got, 2+second)
		return log.String()
	}
	for _, p := range []transport.Paging{paging.PageNumber{TotalPagesAt: "pages"}, paging.Offset{TotalAt: "total"}} {
		assert.Contains(t, read(p, 1, true), "but the member has_more says that there is another page, whose records are then lost: set MoreAt or DoneAt instead of the total")
		assert.Empty(t, read(p, 1, false))
		assert.Empty(t, read(p, 2, true), "the page is full, so the one after it is requested")
	}
	assert.Contains(t, read(paging.PageNumber{TotalPagesAt: "pages"}, 0, true), "page 2 is the last according to pages, but the member has_more")
	assert.Empty(t, read(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 1, true))
	assert.Empty(t, read(paging.Offset{TotalAt: "total", TrustTotal: true}, 1, true))
}

func TestAHeaderThatSaysThatThereAreMorePagesIsAWarningWithoutPaging(t *testing.T) {
	read := func(p transport.Paging, name, value string) string {
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(name, value)
			transporttest.WriteItems(w, 1, 2, "")
		}, log.Warnings())
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err)
		return log.String()
	}
	for _, tt := range []struct{ name, value, want string }{
		{"X-Has-More", "true", "the header X-Has-More says that there is another page"},
		{"X-Last-Page", "false", "the header X-Last-Page says that there is another page"},
		{"X-Pagination", `{"TotalCount":500,"PageSize":2,"CurrentPage":1,"TotalPages":250,"HasNext":true,"HasPrevious":false}`, "the header X-Pagination says that there is another page"},
		{"X-Pagination", `{"totalCount":500,"totalPages":250}`, "the header X-Pagination, which is 500 although the page has 2 records, suggests that there are other pages"},
		{"Pagination", `{"totalPages":250}`, "the header Pagination, 250 pages, suggests that there are other pages"},
		{"X-Has-More", "false", ""},
		{"X-Last-Page", "7", ""},
		{"X-Pagination", `{"TotalCount":500,"TotalPages":250,"HasNext":false}`, ""},
		{"X-Pagination", `{"totalCount":2,"totalPages":1}`, ""},
		{"X-Pagination", "next", ""},
		{"X-Pagination", `{"next":`, ""},
	} {
		log := read(nil, tt.name, tt.value)
		assert.Contains(t, log, tt.want, tt.value)
		assert.Equal(t, tt.want == "", log == "", "%s: %s\n%s", tt.name, tt.value, log)
		assert.Empty(t, read(paging.SinglePage{}, tt.name, tt.value))
	}
}
