package paging_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
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
	knownfault.Run(t, []string{"link header", "next URL", "cursor"}, func(t *knownfault.T) {
		for name, paging := range map[string]transport.Paging{
			"link header": paging.LinkHeader{}, "next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "page"},
		} {
			t.Run(name, func(t *knownfault.T) {
				got, err := readConditionally(t, paging, `"p1"`)
				assert.True(t, err != nil || len(got) > 0, "the records of the second page are missing without an error")
			})
		}
	})
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
}
