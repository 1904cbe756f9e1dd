package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// endlessPages reads pages, whose texts are those of a function, up to most records.
func endlessPages(p transport.Paging, most int, page func(n int) string) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		var requests atomic.Int64 // pages are fetched ahead
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			n := int(requests.Add(1))
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(page(n))), ContentLength: -1, Request: r}, nil
		})
		got := 0
		for _, err := range transport.Records[item](ctx, c, transport.Request{Path: "/orders", RecordsAt: "data"}, p) {
			if err != nil {
				return err
			}
			if got++; got == most {
				return nil
			}
		}
		return fmt.Errorf("%w: the pages have ended", errRows)
	}
}

// largePages reads pages with one large record each.
func largePages(t *testing.T) error {
	t.Helper()
	const pages, size = 13, 23 * million
	n := 0
	c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
		runtime.GC() // a network takes longer than the collector, but these pages need not on a busy machine
		n++
		start, next := fmt.Sprintf(`{"data":[{"id":%d,"name":"`, n), fmt.Sprintf(`"}],"next":"%d"}`, n)
		if n == pages {
			next = `"}],"next":null}`
		}
		body := io.MultiReader(strings.NewReader(start), textOf("x", size), strings.NewReader(next))
		return &http.Response{StatusCode: 200, Body: io.NopCloser(body), ContentLength: int64(len(start) + size + len(next)), Request: r}, nil
	})
	got, err := consume(transport.Records[item](ctx, c, transport.Request{Path: "/orders", RecordsAt: "data"}, byToken))
	if err == nil && got != pages {
		return fmt.Errorf("read %d records", got)
	}
	return err
}

func tokenPage(token func(n int) string) func(n int) string {
	return func(n int) string { return fmt.Sprintf(`{"data":[{"id":%d}],"next":%q}`, n, token(n)) }
}

// onePageOf reads a page whose member next, or that of its last record, is long.
func onePageOf(p transport.Paging, end string) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, parts(`{"data":[{"id":1`, map[bool]string{true: `,"next":"`, false: `}],"next":"`}[end == `"}]}`], times("x", 22*million), end))
		_, err := consume(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, p))
		return err
	}
}

var (
	byToken = paging.PageToken{At: "next", Param: "token"}
	byURL   = paging.NextURL{At: "next"}
	inBody  = paging.PageToken{At: "next", Param: "token", InBody: true}
)

var hostilePages = []hostile{
	{name: "pages with a record of 23 MB", read: largePages},
	{long: true, name: "10000 tokens", read: endlessPages(byToken, 10_000, tokenPage(func(n int) string { return fmt.Sprint("token", n) }))},
	{name: "a million tokens", read: endlessPages(byToken, million, tokenPage(func(n int) string { return fmt.Sprint("token", n) })), long: true},
	{name: "tokens that grow", read: endlessPages(byToken, 0, tokenPage(func(n int) string { return strings.Repeat("x", n<<10) })), want: "a URL of", is: transport.ErrTooLarge},
	{name: "URLs that grow", read: endlessPages(byURL, 0, tokenPage(func(n int) string { return "/orders?x=" + strings.Repeat("x", n<<10) })), want: "a URL of", is: transport.ErrTooLarge},
	{name: "paths that grow", read: endlessPages(byURL, 0, tokenPage(func(n int) string { return "/orders/" + strings.Repeat("x", n<<10) })), want: "a URL of", is: transport.ErrTooLarge},
	{long: true, name: "tokens in the body that grow", read: endlessPages(inBody, 0, tokenPage(func(n int) string { return strings.Repeat("x", n<<14) })), want: "a value of", is: transport.ErrTooLarge},
	{name: "a token of 22 MB", read: onePageOf(byToken, `"}`), want: "a value of", is: transport.ErrTooLarge},
	{long: true, name: "a URL of 22 MB", read: onePageOf(byURL, `"}`), want: "a value of", is: transport.ErrTooLarge},
	{name: "a key of 22 MB", read: onePageOf(paging.Keyset{KeyAt: "next", Param: "after"}, `"}]}`), want: "a value of", is: transport.ErrTooLarge},
	{name: "pages of nothing", read: endlessPages(byToken, 0, func(n int) string { return fmt.Sprintf(`{"data":[],"next":"%d"}`, n) }), want: "501 pages in a row", is: transport.ErrPageLoop},
	{name: "the same page with new tokens", read: endlessPages(byToken, 0, func(n int) string { return fmt.Sprintf(`{"data":[{"id":1},{"id":2}],"next":"%d"}`, n) }), want: "pages in a row have no new records", is: transport.ErrPageLoop},
	{name: "hosts that change", read: endlessPages(byURL, 0, tokenPage(func(n int) string { return fmt.Sprintf("https://h%d.example.org/", n) })), want: "not the source's", is: transport.ErrForeignHost},
	{name: "paths that change", read: endlessPages(byURL, 3000, func(n int) string {
		return fmt.Sprintf(`{"data":[{"id":%d}],"next":"/%s/%s"}`, n, strings.Repeat("x", 60_000), strings.Repeat("y", n))
	}), long: true},
	{name: "a total of 2^63", read: endlessPages(paging.Offset{TotalAt: "total"}, 0, func(n int) string { return fmt.Sprintf(`{"data":[{"id":%d}],"total":9223372036854775808}`, n) }), want: "is not a count"},
	{name: "a total of 1e1000000000", read: endlessPages(paging.Offset{TotalAt: "total"}, 0, func(n int) string { return fmt.Sprintf(`{"data":[{"id":%d}],"total":1e1000000000}`, n) }), want: "is not a count"},
	{name: "a total of a million digits", read: endlessPages(paging.Offset{TotalAt: "total"}, 0, func(n int) string {
		return fmt.Sprintf(`{"data":[{"id":%d}],"total":%s}`, n, strings.Repeat("9", million))
	}), want: "is not a count"},
	{name: "a total of 2^63-1 in parallel", read: endlessPages(transport.Parallel(paging.PageNumber{TotalPagesAt: "total"}, 4), 0, func(int) string { return `{"data":[],"total":9223372036854775807}` }), want: "pages in a row", is: transport.ErrPageLoop},
	{name: "links that lead on", read: func(t *testing.T) error {
		t.Helper()
		n := 0
		c := roundTripClient(t, func(r *http.Request) (*http.Response, error) {
			n++
			h := http.Header{"Link": {fmt.Sprintf(`</orders?page=%d%s>; rel="next"`, n, strings.Repeat("x", n<<10))}}
			return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(fmt.Sprintf(`[{"id":%d}]`, n))), ContentLength: -1, Request: r}, nil
		})
		_, err := consume(transport.Records[item](ctx, c, transport.Request{Path: "/orders"}, paging.LinkHeader{}))
		return err
	}, want: "a URL of", is: transport.ErrTooLarge},
}
