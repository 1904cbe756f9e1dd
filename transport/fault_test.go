package transport_test

import (
	"flag"
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

// resetConnection closes the connection of a request so that the client sees a reset.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// The first request for each page fails, on a real connection.
func TestAFailureOfAnyKindLosesAndRepeatsNoRecord(t *testing.T) {
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
		"status 500":                      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"status 503":                      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"reset before the response":       func(w http.ResponseWriter, _ *http.Request) { resetConnection(w) },
		"closed before the response":      raw(""),
		"truncated status line":           raw("HTTP/1.1 20"),
		"truncated, Content-Length":       raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + half),
		"truncated, chunked":              raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n" + half + "\r\n"),
		"truncated within a record":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half),
		"truncated before the first byte": raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
		"truncated between records":       raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}`),
		"truncated after the records":     raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"data":[{"id":1,"name":"n1"}]`),
		"truncated by a proxy":            func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, half) },
		"panic in the handler": func(w http.ResponseWriter, _ *http.Request) {
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
				paging.PageNumber{TotalPagesAt: "total", TrustTotal: true}))
			require.NoError(t, err)
			assert.Equal(t, upTo(6), ids(got))
			assert.Len(t, failed, 3)
		})
	}
}

var long = flag.Bool("long", false, "in TestOneFailureInTenRequestsLosesAndRepeatsNoRecord, read 10,000 pages instead of 500; read the hostile sources that take seconds")

// oneInTen chooses one of every ten requests at random. It is safe for concurrent use.
type oneInTen struct {
	mu       sync.Mutex
	rnd      *rand.Rand
	requests int
	position int // of the chosen request in its ten
	chosen   int
}

// next returns the number of requests that were chosen before, and reports whether this
// request is chosen.
func (o *oneInTen) next() (before int, chosen bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.requests%10 == 0 {
		o.position = o.rnd.IntN(10)
	}
	chosen = o.requests%10 == o.position
	o.requests++
	if chosen {
		o.chosen++
	}
	return o.chosen - 1, chosen
}

// The pages are read over real connections, one by one and in parallel. The failures
// take turns. With the flag -long, the test reads 10,000 pages:
//
//	go test ./transport -run TestOneFailureInTenRequests -long
func TestOneFailureInTenRequestsLosesAndRepeatsNoRecord(t *testing.T) {
	const size = 5 // records per page
	pages := 500
	if *long {
		pages = 10_000
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	failures := &oneInTen{rnd: rand.New(rand.NewPCG(seed, 1))}
	kinds := []func(w http.ResponseWriter, firstID int){
		func(w http.ResponseWriter, _ int) {
			w.Header().Set("Retry-After", "0.001")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusInternalServerError) },
		func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusServiceUnavailable) },
		func(w http.ResponseWriter, firstID int) { // truncated, as the length shows
			w.Header().Set("Content-Length", "100000")
			writeItems(w, firstID, firstID+size-1, "")
		},
		func(w http.ResponseWriter, _ int) { resetConnection(w) },
		func(w http.ResponseWriter, firstID int) { // truncated, as only the JSON shows
			_, _ = fmt.Fprintf(w, `{"data":[{"id":%d,"name":"x"}`, firstID)
		},
	}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		if before, fail := failures.next(); fail {
			kinds[before%len(kinds)](w, (n-1)*size+1)
			return
		}
		writeItems(w, (n-1)*size+1, n*size, fmt.Sprintf(`,"pages":%d,"fifth":%d`, pages, pages/5))
	}, transport.WithRetry(retry.Policy{Attempts: 12, Base: time.Microsecond, Max: time.Microsecond}))
	req := transport.Request{Path: "/items", RecordsAt: "data"}
	for _, tt := range []struct {
		name   string
		paging transport.Paging
		pages  int
	}{
		{"one by one", paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, pages},
		{"parallel", transport.Parallel(paging.PageNumber{TotalPagesAt: "fifth", TrustTotal: true}, 8), pages / 5},
	} {
		read := int64(0)
		for it, err := range transport.Records[item](ctx, c, req, tt.paging) {
			require.NoError(t, err, tt.name)
			read++
			require.Equal(t, read, it.ID, tt.name)
		}
		assert.EqualValues(t, tt.pages*size, read, tt.name)
	}
	assert.Greater(t, failures.chosen, pages/10)
}
