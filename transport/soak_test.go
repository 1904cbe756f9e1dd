package transport_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// TestTenThousandPages reads 10,000 pages over real connections from a source
// that fails one request in ten, in each of the ways that sources fail, and
// wants every record once.
func TestTenThousandPages(t *testing.T) {
	pages, size := 10_000, 5
	if testing.Short() {
		pages = 500
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	rnd := rand.New(rand.NewPCG(seed, 1))
	faults := 0
	roll := func() int {
		mu.Lock()
		defer mu.Unlock()
		if rnd.IntN(10) > 0 {
			return -1
		}
		faults++
		return rnd.IntN(6)
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		rest := fmt.Sprintf(`,"pages":%d,"fifth":%d`, pages, pages/5)
		switch roll() {
		case 0:
			w.Header().Set("Retry-After", "0.001")
			w.WriteHeader(429)
			return
		case 1:
			w.WriteHeader(500)
			return
		case 2:
			w.WriteHeader(503)
			return
		case 3: // cut where the length tells
			w.Header().Set("Content-Length", "100000")
		case 4: // reset
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = conn.(*net.TCPConn).SetLinger(0)
				_ = conn.Close()
			}
			return
		case 5: // cut between two records, well framed
			_, _ = fmt.Fprintf(w, `{"data":[{"id":%d,"name":"x"}`, (n-1)*size+1)
			return
		}
		writeItems(w, (n-1)*size+1, n*size, rest)
	}, transport.WithRetry(retry.Policy{Attempts: 12, Base: time.Microsecond, Max: time.Microsecond}))
	req := transport.Request{Path: "/items", RecordsAt: "data"}
	for name, paging := range map[string]transport.Paging{
		"one by one": paging.PageNumber{TotalPagesAt: "pages"},
		"parallel":   transport.Parallel(paging.PageNumber{TotalPagesAt: "fifth"}, 8),
	} {
		want, pages := int64(0), pages
		if name == "parallel" {
			pages /= 5
		}
		for it, err := range transport.Records[item](ctx, c, req, paging) {
			require.NoError(t, err, name)
			want++
			require.Equal(t, want, it.ID, name)
		}
		assert.EqualValues(t, want, pages*size, name)
	}
	assert.Greater(t, faults, pages/10)
}
