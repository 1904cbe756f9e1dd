package paging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		t.Run(c.name, func(t *testing.T) {
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
		t.Run(c.name, func(t *testing.T) {
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
}

// rows are the records of a page as JSON.
func rows(records ...string) []json.RawMessage {
	out := []json.RawMessage{}
	for _, r := range records {
		out = append(out, json.RawMessage(r))
	}
	return out
}

// serveInTurn ignores the parameters of the requests and serves one list of records after
// the other. After the last one, it repeats the lists from loop on. The other members of
// each response are new.
func serveInTurn(pages [][]json.RawMessage, loop int) (http.HandlerFunc, *atomic.Int64) {
	var requests atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		n := int(requests.Add(1)) - 1
		if n >= len(pages) && loop < len(pages) {
			n = loop + (n-loop)%(len(pages)-loop)
		}
		data := rows()
		if n < len(pages) {
			data = pages[n]
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"data": data, "total": 1 << 20, "served": requests.Load(), "next": fmt.Sprintf("/x?at=%d", requests.Load()), "cursor": requests.Load()})
	}, &requests
}

func TestPagesWithTheRecordsOfEarlierPagesEndTheSequence(t *testing.T) {
	a, b, c := rows(`{"id":1}`, `{"id":2}`), rows(`{"id":3}`, `{"id":4}`), rows(`{"id":5}`, `{"id":6}`)
	reversed := rows(`{"id":2}`, `{"id":1}`)
	one, two := rows(`{"id":1}`), rows(`{"id":2}`)
	equal := rows(`{"v":1}`, `{"v":1}`)
	counting := map[string]transport.Paging{
		"page number": paging.PageNumber{}, "page number with a total": paging.PageNumber{TotalPagesAt: "total"},
		"page number, parallel": transport.Parallel(paging.PageNumber{TotalPagesAt: "total"}, 3), "page number, prefetch": transport.Prefetch(paging.PageNumber{}, 2),
		"offset": paging.Offset{}, "offset with a total": paging.Offset{TotalAt: "total"}, "offset, prefetch": transport.Prefetch(paging.Offset{}, 2),
	}
	pointers := map[string]transport.Paging{
		"next URL": paging.NextURL{At: "next"}, "cursor": paging.PageToken{At: "cursor", Param: "at"},
		"cursor, prefetch": transport.Prefetch(paging.PageToken{At: "cursor", Param: "at"}, 1),
		"function": paging.Func(func(p *transport.Page) (transport.Request, string, error) {
			next, err := p.Request.WithParam("at", false, p.Number)
			return next, "", err
		}),
	}
	for _, tt := range []struct {
		name              string
		pages             [][]json.RawMessage
		loop              int
		counting, pointer int64 // the number of requests until the error
	}{
		{"the same page", [][]json.RawMessage{a}, 0, 2, 52},
		{"the last page", [][]json.RawMessage{a, b, c}, 2, 4, 54},
		{"two pages in turn", [][]json.RawMessage{a, b}, 0, 3, 53},
		{"a longer loop", [][]json.RawMessage{c, a, b}, 1, 4, 54},
		{"another order", [][]json.RawMessage{a, reversed}, 0, 2, 52},
		{"one record", [][]json.RawMessage{one}, 0, 2, 502},
		{"one record each in turn", [][]json.RawMessage{one, two}, 0, 3, 503},
		{"records that are equal", [][]json.RawMessage{equal}, 0, 502, 502},
		{"empty pages in between", [][]json.RawMessage{a, rows(), b, rows()}, 0, 0, 105},
	} {
		for kinds, want := range map[*map[string]transport.Paging]int64{&counting: tt.counting, &pointers: tt.pointer} {
			for name, p := range *kinds {
				if want == 0 {
					continue
				}
				t.Run(tt.name+"/"+name, func(t *testing.T) {
					handler, requests := serveInTurn(tt.pages, tt.loop)
					client := transporttest.InMemory(t, handler)
					_, err := transporttest.Collect(transport.Records[map[string]any](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, p))
					require.ErrorIs(t, err, transport.ErrPageLoop)
					transporttest.AsError(t, err)
					assert.ErrorContains(t, err, "transport.MaxStalled")
					// Prefetch and Parallel have requested further pages.
					assert.GreaterOrEqual(t, requests.Load(), want)
					assert.LessOrEqual(t, requests.Load(), want+3)
				})
			}
		}
	}
}

func TestARepeatedPageIsNotYieldedIfItEndsTheSequence(t *testing.T) {
	handler, _ := serveInTurn([][]json.RawMessage{rows(`{"id":1}`, `{"id":2}`), rows(`{"id":3}`)}, 1)
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, transporttest.InMemory(t, handler), transport.Request{RecordsAt: "data"}, paging.PageNumber{}))
	require.ErrorIs(t, err, transport.ErrPageLoop)
	assert.ErrorContains(t, err, "page 3 has the same records as page 2")
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
}

func TestARepeatedPageThatMayBeRightIsAWarning(t *testing.T) {
	a, b := rows(`{"id":1}`, `{"id":2}`), rows(`{"id":3}`)
	one, equal := rows(`{"v":0}`), rows(`{"v":1}`, `{"v":1}`)
	cursor := untilEmpty{paging.PageToken{At: "cursor", Param: "at"}}
	for _, tt := range []struct {
		name   string
		pages  [][]json.RawMessage
		paging transport.Paging
		warned bool
	}{
		{"records that can be told apart, by a pointer", [][]json.RawMessage{a, a, b, a}, cursor, true},
		{"records that can be told apart, allowed", [][]json.RawMessage{a, a, b, a}, transport.MaxStalled(cursor, 2), false},
		{"one record, by a pointer", [][]json.RawMessage{one, one, b}, cursor, false},
		{"equal records, by a pointer", [][]json.RawMessage{equal, equal, b}, cursor, false},
		{"equal records, by number", [][]json.RawMessage{equal, equal, b}, paging.PageNumber{}, true},
		{"equal records, by number, allowed", [][]json.RawMessage{equal, equal, b}, transport.MaxStalled(paging.PageNumber{}, 1), false},
		{"equal pages, by number, allowed", [][]json.RawMessage{a, a, a, b}, transport.MaxStalled(paging.PageNumber{}, 2), false},
		{"equal pages, by number, allowed, prefetch", [][]json.RawMessage{a, a, a, b}, transport.MaxStalled(transport.Prefetch(paging.PageNumber{}, 1), 2), false},
		{"no page repeats", [][]json.RawMessage{a, b}, paging.PageNumber{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var warnings transporttest.LogRecord
			handler, _ := serveInTurn(tt.pages, len(tt.pages))
			client := transporttest.InMemory(t, handler, warnings.Warnings())
			got, err := transporttest.Collect(transport.Records[map[string]any](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, tt.paging))
			require.NoError(t, err)
			want := 0
			for _, p := range tt.pages {
				want += len(p)
			}
			assert.Len(t, got, want)
			if tt.warned {
				assert.Contains(t, warnings.String(), "has the same records as page 1")
				assert.Equal(t, 1, strings.Count(warnings.String(), "WARN"), "one line for a sequence")
			} else {
				assert.Empty(t, warnings.String())
			}
		})
	}
}

// untilEmpty ends another paging at the first page without records.
type untilEmpty struct{ transport.Paging }

func (u untilEmpty) Next(page *transport.Page) (transport.Request, string, error) {
	if page.Len() == 0 {
		return transport.Request{}, "empty", nil
	}
	return u.Paging.Next(page)
}

// A source that filters after it has chosen a page sends empty pages.
func TestEmptyPagesAreReadUpToALimit(t *testing.T) {
	read := func(empty int, p transport.Paging) error {
		requests := 0
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			switch {
			case requests <= empty:
				fmt.Fprintf(w, `{"data":[],"cursor":%d}`, requests)
			case requests == empty+1:
				fmt.Fprintf(w, `{"data":[{"id":1}],"cursor":%d}`, requests)
			case requests <= 2*empty+1: // the limit is for pages in a row
				fmt.Fprintf(w, `{"data":null,"cursor":%d}`, requests)
			default:
				fmt.Fprint(w, `{"data":[],"cursor":null}`)
			}
		})
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, p))
		if err == nil {
			assert.Len(t, got, 1)
		}
		return err
	}
	cursor := paging.PageToken{At: "cursor", Param: "at"}
	assert.NoError(t, read(499, cursor))
	assert.ErrorIs(t, read(501, cursor), transport.ErrPageLoop)
	assert.NoError(t, read(1200, transport.MaxStalled(cursor, 1201)))
	assert.NoError(t, read(1200, transport.Prefetch(transport.MaxStalled(cursor, 1201), 2)))
	assert.NoError(t, read(1200, transport.MaxStalled(transport.Prefetch(cursor, 2), 1201)))
	assert.ErrorIs(t, read(4, transport.MaxStalled(cursor, 3)), transport.ErrPageLoop)
	assert.NoError(t, read(4, transport.MaxStalled(transport.MaxStalled(cursor, 3), 9)), "the outer limit counts")
	assert.NoError(t, read(4, transport.MaxStalled(cursor, 0)), "0 is the default")
}

func TestMaxStalledAppliesToParallelPages(t *testing.T) {
	read := func(p transport.Paging) error {
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if n := number(r, "page"); n < 8 {
				transporttest.WriteItems(w, 1, 0, `,"pages":9`)
			} else {
				transporttest.WriteItems(w, n, n, `,"pages":9`)
			}
		})
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, p))
		return err
	}
	parallel := transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 2)
	assert.NoError(t, read(parallel))
	assert.NoError(t, read(transport.MaxStalled(parallel, 7)))
	assert.ErrorIs(t, read(transport.MaxStalled(parallel, 6)), transport.ErrPageLoop)
	assert.ErrorIs(t, read(transport.MaxStalled(transport.Prefetch(parallel, 1), 6)), transport.ErrPageLoop)
}
