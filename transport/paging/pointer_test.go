package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// pointerPages serves three pages of two records. A member of the body or the Link
// header points to the next page.
func pointerPages(member string, pointer func(page int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page := max(1, number(r, "page"))
		body := map[string]any{"value": []transporttest.Item{{ID: int64(page*2 - 1)}, {ID: int64(page * 2)}}}
		if page < 3 {
			if member == "Link" {
				w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next"`, pointer(page+1)))
			} else {
				body[member] = pointer(page + 1)
			}
		}
		_ = json.NewEncoder(w).Encode(body)
	}
}

func pageURL(page int) string { return fmt.Sprintf("/items?page=%d", page) }

func pageToken(page int) string { return fmt.Sprint(page) }

// The author copies the name of the pointer from the documentation of the source
// (@odata.nextLink: OData JSON 4.01 §4.5.5), misspells it, or sets no paging although
// the source sends a Link header (RFC 8288).
func TestAPathThatIsNeverFoundIsNotTheEndOfThePages(t *testing.T) {
	for _, c := range []struct {
		name, member string
		pointer      func(page int) string
		paging       transport.Paging
	}{
		{"dot in the name", "@odata.nextLink", pageURL, paging.NextURL{At: "@odata.nextLink"}},
		{"older name with a dot", "odata.nextLink", pageURL, paging.NextURL{At: "odata.nextLink"}},
		{"the same name as a JSON Pointer", "@odata.nextLink", pageURL, paging.NextURL{At: "/@odata.nextLink"}},
		{"cursor with a dot", "next.cursor", pageToken, paging.PageToken{At: "next.cursor", Param: "page"}},
		{"different case", "NextCursor", pageToken, paging.PageToken{At: "nextCursor", Param: "page"}},
		{"misspelled", "next_cursor", pageToken, paging.PageToken{At: "next_curser", Param: "page"}},
		{"missing parent", "next", pageURL, paging.NextURL{At: "paging.next"}},
		{"no paging, but a Link header", "Link", pageURL, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var warnings transporttest.LogRecord
			client := transporttest.InMemory(t, pointerPages(c.member, c.pointer), warnings.Warnings())
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/items", RecordsAt: "value"}, c.paging))
			if err == nil && warnings.String() == "" {
				assert.Len(t, got, 6, "records are missing without an error or a warning")
			}
		})
	}
}

// Many sources omit the pointer from the last page.
func TestASinglePageWithoutAPointerIsNotAnError(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"value":[{"id":1}]}`) })
	for _, paging := range []transport.Paging{
		paging.NextURL{At: "next"}, paging.PageToken{At: "next_cursor", Param: "cursor"}, paging.LinkHeader{}, nil,
	} {
		t.Run(fmt.Sprintf("%T", paging), func(t *testing.T) {
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/items", RecordsAt: "value"}, paging))
			assert.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(1), transporttest.IDs(got))
		})
	}
}
