package transport_test

import (
	"fmt"
	"io"
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

// TestFaults lets a source fail in each way once, on a real connection, and
// wants every record of three pages once.
func TestFaults(t *testing.T) {
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			_, _ = buf.WriteString(text)
			_ = buf.Flush()
			_ = conn.Close()
		}
	}
	const half = `{"data":[{"id":1,"name":"n1"},{"id":2,"na`
	faults := map[string]http.HandlerFunc{
		"status 429": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0.001")
			w.WriteHeader(429)
		},
		"status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"status 503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"reset before any answer": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		},
		"closed before any answer":      raw(""),
		"half a status line":            raw("HTTP/1.1 20"),
		"cut of a length":               raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + half),
		"cut of chunks":                 raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n" + half + "\r\n"),
		"cut where nothing tells":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half),
		"cut before the first byte":     raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
		"cut between two records":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}`),
		"cut after the records":         raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}]`),
		"a proxy's own cut, well sized": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, half) },
		"panic in mid-body": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, half)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			failed := map[string]bool{}
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				page := r.URL.Query().Get("page")
				if !failed[page] {
					failed[page] = true
					fault(w, r)
					return
				}
				var n int
				_, _ = fmt.Sscan(page, &n)
				writeItems(w, 2*n-1, 2*n, `,"total":3`)
			}, transport.WithRetry(retry.Policy{Base: time.Microsecond, Max: time.Microsecond}))
			got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: "/items", RecordsAt: "data"},
				paging.PageNumber{TotalPagesAt: "total"}))
			require.NoError(t, err)
			assert.Equal(t, upTo(6), ids(got))
			assert.Len(t, failed, 3)
		})
	}
}

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
