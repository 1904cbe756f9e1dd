package paging_test

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
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// Each page leads to another page, which has no records or the same records again.
func TestPagesThatNeverEndAreAnErrorOrAWarning(t *testing.T) {
	const limit = 1000 // requests
	same := []map[string]int{{"id": 1}, {"id": 2}}
	empty := []map[string]int{}
	cursor := paging.PageToken{At: "cursor", Param: "page"}
	knownfault.Run(t, []string{
		"next URL, no records", "next URL, the same records", "cursor, no records", "cursor, the same records",
		"page number, the same records",
	}, func(t *knownfault.T) {
		for _, c := range []struct {
			name    string
			paging  transport.Paging
			records []map[string]int
		}{
			{"next URL, no records", paging.NextURL{At: "next"}, empty},
			{"next URL, the same records", paging.NextURL{At: "next"}, same},
			{"cursor, no records", cursor, empty},
			{"cursor, the same records", cursor, same},
			{"page number, the same records", paging.PageNumber{}, same},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				requests := 0
				var warnings transporttest.LogRecord
				client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
					if requests++; requests >= limit {
						cancel()
					}
					_ = json.NewEncoder(w).Encode(map[string]any{
						"data": c.records, "next": fmt.Sprintf("/items?page=%d", requests+1), "cursor": fmt.Sprint(requests + 1)})
				}, warnings.Warnings())
				_, err := transporttest.Collect(transport.Records[map[string]int](ctx, client, transport.Request{Path: "/items", RecordsAt: "data"}, c.paging))
				if warnings.String() == "" {
					assert.Less(t, requests, limit, "the number of requests; the error is: %v", err)
				}
			})
		}
	})
}

// The source ignores the parameter for the page, because its name is misspelled or a
// proxy removes it, and responds with the first page to every request. Or it sorts in
// the opposite order.
func TestASourceThatIgnoresThePageParameterIsAnError(t *testing.T) {
	firstPage := func(*http.Request) any {
		return map[string]any{"data": transporttest.IDRecords(1, 2), "total": 6, "total_pages": 3, "has_more": true}
	}
	served := 0
	pageNumber, offset := paging.PageNumber{TotalPagesAt: "total_pages"}, paging.Offset{TotalAt: "total"}
	keyset := paging.Keyset{KeyAt: "id", Param: "since_id"}
	knownfault.Run(t, []string{
		"page number with a total", "page number with a total, parallel", "offset with a total", "offset with a total, parallel",
		"page number, another member changes", "keyset, newest first",
	}, func(t *knownfault.T) {
		for _, c := range []struct {
			name   string
			paging transport.Paging
			page   func(*http.Request) any
		}{
			{"page number", paging.PageNumber{}, firstPage},
			{"page number with a total", pageNumber, firstPage},
			{"page number with a total, parallel", transport.Parallel(pageNumber, 2), firstPage},
			{"offset", paging.Offset{}, firstPage},
			{"offset with a total", offset, firstPage},
			{"offset with a total, parallel", transport.Parallel(offset, 2), firstPage},
			{"keyset", keyset, firstPage},
			{"page number, another member changes", paging.PageNumber{}, func(*http.Request) any {
				served++
				return map[string]any{"data": transporttest.IDRecords(1, 2), "served": served}
			}},
			{"page number, the last page repeats", paging.PageNumber{}, func(r *http.Request) any {
				page := min(max(1, number(r, "page")), 3)
				return map[string]any{"data": transporttest.IDRecords(page*2-1, page*2)}
			}},
			{"keyset, newest first", keyset, func(r *http.Request) any {
				since := number(r, "since_id")
				records := transporttest.IDRecords(max(since+1, 5), 6)
				slices.Reverse(records)
				return map[string]any{"data": records}
			}},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				const limit = 100 // requests
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var requests atomic.Int64
				client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
					if requests.Add(1) > limit {
						cancel()
					}
					_ = json.NewEncoder(w).Encode(c.page(r))
				})
				got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, c.paging))
				assert.LessOrEqual(t, requests.Load(), int64(limit), "the number of requests for the same records")
				if err == nil {
					assert.Len(t, slices.Compact(slices.Sorted(slices.Values(transporttest.IDs(got)))), 6, "read %v without an error", transporttest.IDs(got))
				}
			})
		}
	})
}
