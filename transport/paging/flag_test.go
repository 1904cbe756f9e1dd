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

// readMembers reads three pages of one record each. rest returns the text of the members
// beside the records.
func readMembers(t testing.TB, p transport.Paging, rest func(page int) string) ([]int64, error) {
	t.Helper()
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := max(1, number(r, "page"), number(r, "after")+1)
		if page > 3 {
			t.Errorf("page %d is requested", page)
		}
		transporttest.WriteItems(w, page, page, rest(page))
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
	return transporttest.IDs(got), err
}

// The source sends a pointer with its last page, too. A bool says that it is the last.
func TestABoolEndsThePagesInTheFormsThatSourcesUse(t *testing.T) {
	for _, form := range [][2]string{{"true", "false"}, {`"true"`, `"false"`}, {`"True"`, `"False"`}, {"1", "0"}, {`"1"`, `"0"`}, {`"Y"`, `"N"`}, {`"yes"`, `"no"`}, {`"T"`, `"F"`}} {
		for name, p := range map[string]transport.Paging{
			"more, URL":    paging.NextURL{At: "next", MoreAt: "more"},
			"done, URL":    paging.NextURL{At: "next", DoneAt: "done"},
			"both, URL":    paging.NextURL{At: "next", MoreAt: "more", DoneAt: "done"},
			"more, token":  paging.PageToken{At: "token", Param: "page", MoreAt: "more"},
			"done, token":  paging.PageToken{At: "token", Param: "page", DoneAt: "done"},
			"both, token":  paging.PageToken{At: "token", Param: "page", MoreAt: "more", DoneAt: "done"},
			"more, scroll": paging.Scroll{At: "token", Param: "page", MoreAt: "more"},
			"more, keyset": paging.Keyset{KeyAt: "id", Param: "after", MoreAt: "more"},
			"done, keyset": paging.Keyset{KeyAt: "id", Param: "after", DoneAt: "done"},
			"done, scroll": paging.Scroll{At: "token", Param: "page", DoneAt: "done"},
			"more, number": paging.PageNumber{MoreAt: "more"},
			"done, number": paging.PageNumber{DoneAt: "done"},
			"more, offset": paging.Offset{Param: "after", MoreAt: "more"},
			"both, offset": paging.Offset{Param: "after", MoreAt: "more", DoneAt: "done"},
		} {
			got, err := readMembers(t, p, func(page int) string {
				more, done := form[0], form[1]
				if page == 3 {
					more, done = done, more
				}
				return fmt.Sprintf(`,"next":"/x?page=%d","token":%d,"more":%s,"done":%s`, page+1, page+1, more, done)
			})
			assert.NoError(t, err, name)
			assert.Equal(t, transporttest.UpTo(3), got, "%s as %s", name, form)
		}
	}
}

func TestABoolThatSaysThatThereAreMorePagesWithoutAPointerIsAnError(t *testing.T) {
	for _, rest := range []string{`,"next":null`, `,"next":""`, ``, `,"next":"END"`, `,"next":{}`} {
		for _, p := range []transport.Paging{
			paging.NextURL{At: "next", MoreAt: "more", End: "END"}, paging.NextURL{At: "next", DoneAt: "done", End: "END"},
			paging.PageToken{At: "next", Param: "page", MoreAt: "more", End: "END"}, paging.PageToken{At: "next", Param: "page", DoneAt: "done", End: "END"},
			paging.PageToken{At: "next", Param: "page", MoreAt: "more", End: "END", Optional: true},
			paging.Scroll{At: "next", Param: "page", DoneAt: "done", End: "END"}, paging.Scroll{At: "next", Param: "page", MoreAt: "more", End: "END", Optional: true},
		} {
			got, err := readMembers(t, p, func(int) string { return rest + `,"more":true,"done":false` })
			assert.Error(t, err, "%#v with %s", p, rest)
			assert.Equal(t, transporttest.UpTo(1), got)
		}
	}
}

func TestBoolsThatContradictEachOtherAreAnError(t *testing.T) {
	for _, rest := range []string{`"more":true,"done":true`, `"more":false,"done":false`} {
		for _, p := range []transport.Paging{
			paging.NextURL{At: "next", MoreAt: "more", DoneAt: "done"}, paging.PageToken{At: "next", Param: "page", MoreAt: "more", DoneAt: "done"},
			paging.Scroll{At: "next", Param: "page", MoreAt: "more", DoneAt: "done"},
		} {
			_, err := readMembers(t, p, func(int) string { return `,"next":"/x?page=2",` + rest })
			assert.ErrorContains(t, err, ", but ")
			assert.ErrorContains(t, err, "more is ")
			assert.ErrorContains(t, err, "done is ")
		}
	}
}

func TestABoolThatThePageDoesNotHaveIsAnErrorUnlessItIsOptional(t *testing.T) {
	for name, rest := range map[string]string{"absent": `,"has_more":false`, "null": `,"more":null`, "an object": `,"more":{"a":1}`, "a text": `,"more":"maybe"`, "a number": `,"more":7`} {
		for _, p := range []transport.Paging{
			paging.NextURL{At: "next", MoreAt: "more"}, paging.PageToken{At: "next", Param: "page", MoreAt: "more"},
			paging.PageToken{At: "next", Param: "page", DoneAt: "more"}, paging.Scroll{At: "next", Param: "page", MoreAt: "more"},
			paging.Keyset{KeyAt: "id", Param: "page", MoreAt: "more"},
		} {
			_, err := readMembers(t, p, func(int) string { return rest })
			assert.ErrorContains(t, err, "more is neither true nor false", "%s: %#v", name, p)
			if name == "absent" {
				assert.ErrorContains(t, err, "has_more", "the members that the page has")
			}
		}
	}
	got, err := readMembers(t, paging.PageToken{At: "next", Param: "page", MoreAt: "more", Optional: true}, func(page int) string {
		if page == 3 {
			return ""
		}
		return fmt.Sprintf(`,"more":true,"next":%d`, page+1)
	})
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), got)
}

func TestAValueOfThePointerCanMeanTheEnd(t *testing.T) {
	for _, end := range []string{`0`, `"0"`, `-1`, `"-1"`, `"END"`, `"null"`, `"None"`} {
		text := strings.Trim(end, `"`)
		for _, p := range []transport.Paging{
			paging.NextURL{At: "next", End: text}, paging.PageToken{At: "token", Param: "page", End: text},
			paging.Scroll{At: "token", Param: "page", End: text},
		} {
			got, err := readMembers(t, p, func(page int) string {
				if page == 3 {
					return fmt.Sprintf(`,"next":%s,"token":%s`, end, end)
				}
				return fmt.Sprintf(`,"next":"/x?page=%d","token":"%d"`, page+1, page+1)
			})
			assert.NoError(t, err, end)
			assert.Equal(t, transporttest.UpTo(3), got, "%#v with %s", p, end)
		}
	}
}

// A page without records is not the last one if a bool says that there are more.
func TestAnEmptyPageOfAScrollIsNotTheEndIfABoolSaysThatThereAreMore(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := max(1, number(r, "page"))
		if page == 2 {
			fmt.Fprint(w, `{"data":[],"token":3,"more":true}`)
			return
		}
		transporttest.WriteItems(w, (page+1)/2, (page+1)/2, fmt.Sprintf(`,"token":%d,"more":%t`, page+1, page < 3))
	})
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"},
		paging.Scroll{At: "token", Param: "page", MoreAt: "more"}))
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}

func TestAResponseWithoutABodyIsTheLastPage(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, p := range []transport.Paging{
		paging.NextURL{At: "next"}, paging.NextURL{At: "next", MoreAt: "more"}, paging.PageToken{At: "next", Param: "page", DoneAt: "done"},
		paging.Scroll{At: "next", Param: "page", MoreAt: "more"}, paging.LinkHeader{}, paging.Relay{At: "data.x"}, nil,
	} {
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
		assert.NoError(t, err, "%#v", p)
	}
}

func TestABoolAndATotalExcludeEachOther(t *testing.T) {
	for _, p := range []transport.Paging{
		paging.PageNumber{TotalPagesAt: "pages", MoreAt: "more"}, paging.PageNumber{TotalPagesAt: "pages", DoneAt: "done"},
		paging.Offset{TotalAt: "total", MoreAt: "more"}, paging.Offset{TotalAt: "total", DoneAt: "done"},
	} {
		_, err := readMembers(t, p, func(int) string { return "" })
		assert.ErrorContains(t, err, "cannot be combined with MoreAt and DoneAt")
	}
}

// A source that filters after it has chosen a page may have pages without records.
func TestAnEmptyPageOfACountedListIsNotTheEndIfABoolSaysThatThereAreMore(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "page")
		if page == 2 {
			fmt.Fprint(w, `{"data":[],"more":true}`)
			return
		}
		transporttest.WriteItems(w, (page+1)/2, (page+1)/2, fmt.Sprintf(`,"more":%t`, page < 3))
	})
	req := transport.Request{Path: "/x", RecordsAt: "data"}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, req, paging.PageNumber{MoreAt: "more"}))
	assert.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
	_, err = transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x?page=2", RecordsAt: "data"}, paging.Offset{MoreAt: "more"}))
	assert.ErrorContains(t, err, "more is true, but the page has no records, so the next offset is unknown")
}
