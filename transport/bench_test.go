package transport_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// benchRow is a row of about 550 bytes.
type benchRow struct {
	ID        int64             `json:"id"`
	Customer  int64             `json:"customer_id"`
	Status    string            `json:"status"`
	Total     string            `json:"total"`
	Currency  string            `json:"currency"`
	UpdatedAt time.Time         `json:"updated_at"`
	Note      string            `json:"note"`
	Tags      []string          `json:"tags"`
	Shipping  map[string]string `json:"shipping"`
	Weight    float64           `json:"weight"`
	Deleted   bool              `json:"deleted"`
	Lines     int               `json:"lines"`
}

type benchPage struct {
	Data  []benchRow `json:"data"`
	Pages int        `json:"pages"`
}

const benchRows, benchPages = 1000, 20

// benchBody returns the body of a page.
func benchBody() []byte {
	p := benchPage{Pages: benchPages}
	for i := range benchRows {
		p.Data = append(p.Data, benchRow{ID: 9007199254740993 + int64(i), Customer: int64(i), Status: "paid", Total: "19.90", Currency: "EUR",
			UpdatedAt: time.Unix(1714566615, 123456789).UTC(), Note: "ünïcode and some more text " + strings.Repeat("x", 60), Tags: []string{"a", "b"},
			Shipping: map[string]string{"city": "Köln", "street": "Domkloster 4", "zip": "50667"}, Weight: 1.25, Lines: 3})
	}
	b, _ := json.Marshal(p)
	return b
}

// benchServer serves the same page to every request, after a delay. Only the first id
// depends on the page, because a page that repeats would be an error.
func benchServer(b *testing.B, latency time.Duration) *httptest.Server {
	body := benchBody()
	const firstID = "9007199254740993"
	at := bytes.Index(body, []byte(firstID))
	rest := body[at+len(firstID):]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:at])
		_, _ = fmt.Fprint(w, 9107199254740993+int64(number(r, "page")))
		_, _ = w.Write(rest)
	}))
	b.Cleanup(srv.Close)
	return srv
}

// BenchmarkPages compares this package with a loop over net/http that is written by
// hand, in rows per second.
func BenchmarkPages(b *testing.B) {
	srv := benchServer(b, 0)
	byHand := func(b *testing.B, decode func(io.Reader) (int, int, error)) {
		for b.Loop() {
			for page, pages := 1, 1; page <= pages; page++ {
				resp, err := http.Get(fmt.Sprintf("%s/items?page=%d", srv.URL, page))
				if err != nil {
					b.Fatal(err)
				}
				n, total, err := decode(resp.Body)
				_ = resp.Body.Close()
				if err != nil || n != benchRows {
					b.Fatal(n, err)
				}
				pages = total
			}
		}
		rate(b)
	}
	b.Run("struct/by-hand", func(b *testing.B) {
		byHand(b, func(r io.Reader) (int, int, error) {
			var p benchPage
			err := json.NewDecoder(r).Decode(&p)
			return len(p.Data), p.Pages, err
		})
	})
	b.Run("struct/transport", func(b *testing.B) {
		benchRead[benchRow](b, srv, paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 0)
	})
	b.Run("map/by-hand", func(b *testing.B) {
		byHand(b, func(r io.Reader) (int, int, error) {
			var p struct {
				Data  []map[string]any
				Pages int
			}
			d := json.NewDecoder(r)
			d.UseNumber()
			err := d.Decode(&p)
			return len(p.Data), p.Pages, err
		})
	})
	b.Run("map/transport", func(b *testing.B) {
		benchRead[map[string]any](b, srv, paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 0)
	})
	b.Run("raw/by-hand", func(b *testing.B) {
		byHand(b, func(r io.Reader) (int, int, error) {
			var p struct {
				Data  []json.RawMessage
				Pages int
			}
			err := json.NewDecoder(r).Decode(&p)
			return len(p.Data), p.Pages, err
		})
	})
	b.Run("raw/transport", func(b *testing.B) {
		benchRead[json.RawMessage](b, srv, paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 0)
	})
}

// BenchmarkLatency measures reading several pages at a time, and one page ahead of a
// busy caller. The source takes 50 ms per page.
func BenchmarkLatency(b *testing.B) {
	srv := benchServer(b, 50*time.Millisecond)
	pages := paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}
	for _, v := range []struct {
		name   string
		paging transport.Paging
		work   time.Duration
	}{
		{"one-by-one", pages, 0},
		{"parallel-8", transport.Parallel(pages, 8), 0},
		{"busy/one-by-one", pages, 50 * time.Millisecond},
		{"busy/prefetch", transport.Prefetch(pages, 1), 50 * time.Millisecond},
	} {
		b.Run(v.name, func(b *testing.B) { benchRead[benchRow](b, srv, v.paging, v.work) })
	}
}

// benchRead reads all pages. The caller spends the time work on each.
func benchRead[T any](b *testing.B, srv *httptest.Server, paging transport.Paging, work time.Duration) {
	b.Helper()
	c, err := transport.New(srv.URL, transport.WithLogger(quiet))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range transport.Records[T](ctx, c, transport.Request{Path: "/items", RecordsAt: "data"}, paging) {
			if err != nil {
				b.Fatal(err)
			}
			if n++; n%benchRows == 0 {
				time.Sleep(work)
			}
		}
		if n != benchRows*benchPages {
			b.Fatal(n)
		}
	}
	rate(b)
}

// rate reports the rows per second of a benchmark.
func rate(b *testing.B) {
	b.ReportMetric(float64(b.N)*benchRows*benchPages/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStream reads an array of 1 GiB record by record.
func BenchmarkStream(b *testing.B) {
	row, _ := json.Marshal(benchRow{ID: 9007199254740993, Status: "paid", Note: string(bytes.Repeat([]byte("x"), 400))})
	n := (1 << 30) / (len(row) + 1)
	c, err := transport.New("https://h", transport.WithLogger(quiet), transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Body: &endless{record: row, n: n}}, nil
	})))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(1 << 30)
	for b.Loop() {
		got := 0
		for _, err := range transport.Stream[json.RawMessage](ctx, c, transport.Request{}, format.JSON{}) {
			if err != nil {
				b.Fatal(err)
			}
			got++
		}
		if got != n {
			b.Fatal(got)
		}
	}
}
