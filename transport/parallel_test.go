package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// slowPages serves each page after a second of virtual time.
func slowPages(pages int, running, most *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := running.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer running.Add(-1)
		time.Sleep(time.Second)
		page := number(r, "page")
		writeItems(w, 2*page-1, 2*page, fmt.Sprintf(`,"pages":%d`, pages))
	}
}

func TestPrefetchAndParallelSaveTime(t *testing.T) {
	for name, tt := range map[string]struct {
		paging transport.Paging
		want   time.Duration
		most   int64
	}{
		// 10 pages of 1 s each, and 2 records of 0.5 s each per page.
		"one by one": {paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 20 * time.Second, 1},
		"prefetch":   {transport.Prefetch(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 1), 11 * time.Second, 1},
		"prefetch 3": {transport.Prefetch(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 3), 11 * time.Second, 1},
		"parallel":   {transport.Parallel(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 3), 11 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var running, most atomic.Int64
				c := inMemory(t, slowPages(10, &running, &most))
				start := time.Now()
				var got []int64
				for it, err := range transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, tt.paging) {
					require.NoError(t, err)
					time.Sleep(500 * time.Millisecond)
					got = append(got, it.ID)
				}
				assert.Equal(t, upTo(20), got)
				assert.Equal(t, tt.want, time.Since(start))
				assert.Equal(t, tt.most, most.Load())
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		c := inMemory(t, slowPages(21, &running, &most))
		start := time.Now()
		got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, transport.Parallel(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 5)))
		require.NoError(t, err)
		assert.Equal(t, upTo(42), ids(got))
		assert.Equal(t, 5*time.Second, time.Since(start), "one page, then four times five pages")
	})
}

func TestLeavingTheLoopEndsTheRequestsForPagesAhead(t *testing.T) {
	for _, paging := range []transport.Paging{
		transport.Prefetch(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 3), transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 4),
	} {
		synctest.Test(t, func(t *testing.T) {
			var running, most atomic.Int64
			c := inMemory(t, slowPages(1000, &running, &most))
			seq := transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, paging)
			n := 0
			for range seq {
				if n++; n == 5 {
					break
				}
			}
			assert.Zero(t, running.Load(), "no request is in progress")

			cctx, cancel := context.WithTimeout(ctx, 4500*time.Millisecond)
			defer cancel()
			_, err := collect(transport.Records[item](cctx, c, transport.Request{RecordsAt: "data"}, paging))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			asError(t, err)
			assert.Zero(t, running.Load())
		})
	}
}

func TestAFailedPageAheadIsReportedAfterThePagesBeforeIt(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "page") == 3 {
			w.WriteHeader(400)
			return
		}
		page := number(r, "page")
		writeItems(w, page, page, `,"pages":9`)
	})
	for _, paging := range []transport.Paging{
		transport.Prefetch(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 3), transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 4),
	} {
		got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, paging))
		assert.Equal(t, upTo(2), ids(got), "the records before the failure are yielded")
		assert.Equal(t, 400, asError(t, err).Status)
	}
}

func TestAPanicOfAPagingReachesTheCaller(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { writeItems(w, 1, 1, "") })
	boom := transport.Prefetch(paging.Func(func(*transport.Page) (transport.Request, string, error) { panic("boom") }), 1)
	assert.PanicsWithValue(t, "boom", func() {
		_, _ = collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, boom))
	})
}

func TestParallelWithoutATotalIsAnError(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { writeItems(w, 1, 1, "") })
	_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, transport.Parallel(paging.PageNumber{}, 2)))
	assert.ErrorContains(t, err, "parallel pages require TotalPagesAt")
}

func TestParallelReadsPagesThatAreAddedWhileItReads(t *testing.T) {
	var mu sync.Mutex
	requests := map[int]int{}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "page")
		mu.Lock()
		requests[page]++
		mu.Unlock()
		total := 4
		if page >= 4 {
			total = 6
		}
		writeItems(w, page, page, fmt.Sprintf(`,"pages":%d`, total))
	})
	got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, transport.Parallel(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 3)))
	require.NoError(t, err)
	assert.Equal(t, upTo(6), ids(got))
	assert.Len(t, requests, 6)
}
