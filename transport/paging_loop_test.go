package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
)

// Each page has a pointer to a new one, which has no records or the same ones.
func TestPagesThatNeverEndAreAnErrorOrAWarning(t *testing.T) {
	const limit = 1000 // requests
	same := []map[string]int{{"id": 1}, {"id": 2}}
	empty := []map[string]int{}
	cursor := transport.Cursor{At: "cursor", Param: "page"}
	knownfault.Run(t, []string{
		"next URL, no records", "next URL, the same records", "cursor, no records", "cursor, the same records",
		"page number, the same records",
	}, func(t *knownfault.T) {
		for _, c := range []struct {
			name    string
			paging  transport.Paging
			records []map[string]int
		}{
			{"next URL, no records", transport.NextURL{At: "next"}, empty},
			{"next URL, the same records", transport.NextURL{At: "next"}, same},
			{"cursor, no records", cursor, empty},
			{"cursor, the same records", cursor, same},
			{"page number, the same records", transport.PageNumber{}, same},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				asked := 0
				var warnings warningLog
				client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
					if asked++; asked >= limit {
						cancel()
					}
					_ = json.NewEncoder(w).Encode(map[string]any{
						"data": c.records, "next": fmt.Sprintf("/items?page=%d", asked+1), "cursor": fmt.Sprint(asked + 1)})
				}, warnings.option())
				_, err := collect(transport.Records[map[string]int](ctx, client, transport.Request{Path: "/items", Records: "data"}, c.paging))
				if warnings.String() == "" {
					assert.Less(t, asked, limit, "requests until the pages ended with: %v", err)
				}
			})
		}
	})
}

// The source does not know the parameter that names the page, as its name is
// misspelled or a proxy drops it, and answers with its first page each time. Or it
// sorts the other way round.
func TestASourceThatIgnoresThePageParameterIsAnError(t *testing.T) {
	firstPage := func(*http.Request) any {
		return map[string]any{"data": idRecords(1, 2), "total": 6, "total_pages": 3, "has_more": true}
	}
	served := 0
	pageNumber, offset := transport.PageNumber{TotalPages: "total_pages"}, transport.Offset{Total: "total"}
	keyset := transport.Keyset{Field: "id", Param: "since_id"}
	knownfault.Run(t, []string{
		"page number with a total", "page number with a total, parallel", "offset with a total", "offset with a total, parallel",
		"page number, something else in the body changes", "keyset, newest first",
	}, func(t *knownfault.T) {
		for _, c := range []struct {
			name   string
			paging transport.Paging
			answer func(*http.Request) any
		}{
			{"page number", transport.PageNumber{}, firstPage},
			{"page number with a total", pageNumber, firstPage},
			{"page number with a total, parallel", transport.Parallel(pageNumber, 2), firstPage},
			{"offset", transport.Offset{}, firstPage},
			{"offset with a total", offset, firstPage},
			{"offset with a total, parallel", transport.Parallel(offset, 2), firstPage},
			{"keyset", keyset, firstPage},
			{"page number, something else in the body changes", transport.PageNumber{}, func(*http.Request) any {
				served++
				return map[string]any{"data": idRecords(1, 2), "served": served}
			}},
			{"page number, the last page again and again", transport.PageNumber{}, func(r *http.Request) any {
				page := min(max(1, number(r, "page")), 3)
				return map[string]any{"data": idRecords(page*2-1, page*2)}
			}},
			{"keyset, newest first", keyset, func(r *http.Request) any {
				since := number(r, "since_id")
				records := idRecords(max(since+1, 5), 6)
				slices.Reverse(records)
				return map[string]any{"data": records}
			}},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				const limit = 100 // requests
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var asked atomic.Int64
				client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					if asked.Add(1) > limit {
						cancel()
					}
					_ = json.NewEncoder(w).Encode(c.answer(r))
				})
				got, err := collect(transport.Records[item](ctx, client, transport.Request{Path: "/x", Records: "data"}, c.paging))
				assert.LessOrEqual(t, asked.Load(), int64(limit), "requests for the same records")
				if err == nil {
					assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids(got)))), 6, "read %v, without an error", ids(got))
				}
			})
		}
	})
}

// idRecords returns the records from first to last.
func idRecords(first, last int) []map[string]int {
	records := []map[string]int{}
	for id := first; id <= last; id++ {
		records = append(records, map[string]int{"id": id})
	}
	return records
}
