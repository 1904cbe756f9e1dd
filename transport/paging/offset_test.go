package paging_test

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestOffsetReadsEveryRecordOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		paging   transport.Paging
		requests int64
	}{
		"total":                 {paging.Offset{TotalAt: "total"}, 3},
		"until empty":           {paging.Offset{}, 4},
		"until short":           {paging.Offset{SizeParam: "limit"}, 3},
		"parallel":              {transport.Parallel(paging.Offset{TotalAt: "total"}, 3), 3},
		"prefetch":              {transport.Prefetch(paging.Offset{TotalAt: "total"}, 2), 3},
		"parallel and prefetch": {transport.Prefetch(transport.Parallel(paging.Offset{TotalAt: "total"}, 2), 1), 3},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int64
			c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				at := number(r, "offset")
				// The source sends at most two records, although the limit is 500.
				transporttest.WriteItems(w, at+1, min(at+2, 5), `,"total":5`)
			})
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data", Query: url.Values{"limit": {"500"}}}, tt.paging))
			require.NoError(t, err)
			assert.Equal(t, transporttest.UpTo(5), transporttest.IDs(got))
			assert.Equal(t, tt.requests, requests.Load())
		})
	}
}

func TestAnEmptyPageBeforeTheTotalIsAnError(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if number(r, "offset") == 0 {
			transporttest.WriteItems(w, 1, 2, `,"total":5`)
			return
		}
		transporttest.WriteItems(w, 1, 0, `,"total":5`)
	})
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, paging.Offset{TotalAt: "total"}))
	assert.ErrorContains(t, err, "an empty page at offset 2, but total is 5")
}

// The offsets of parallel pages follow from the length of the first one.
func TestAShorterParallelPageLosesNoRecords(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		at, size := number(r, "offset"), 3
		if at == 3 {
			size = 2 // the source limits the bytes of a page
		}
		transporttest.WriteItems(w, at+1, min(at+size, 9), `,"total":9`)
	})
	read := func(p transport.Paging) ([]int64, error) {
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, c, transport.Request{RecordsAt: "data"}, p))
		return transporttest.IDs(got), err
	}
	got, err := read(paging.Offset{TotalAt: "total"})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(9), got)
	got, err = read(transport.Parallel(paging.Offset{TotalAt: "total"}, 2))
	assert.ErrorContains(t, err, "page 2 has 2 records")
	assert.Equal(t, transporttest.UpTo(5), got)
}
