package transport_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// unevenPages returns the client of a source that sends pages of the given numbers of records, without a Content-Length.
func unevenPages(tb testing.TB, sizes []int) *transport.Client {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
		w.(http.Flusher).Flush()
		var body bytes.Buffer
		body.WriteString(`{"data":[`)
		for i := range sizes[n] {
			if i > 0 {
				body.WriteByte(',')
			}
			fmt.Fprintf(&body, `{"id":%d,"text":"page %d %0100d"}`, i, n, i)
		}
		body.WriteString(`],"next":`)
		if n+1 < len(sizes) {
			fmt.Fprintf(&body, `"/?n=%d"}`, n+1)
		} else {
			body.WriteString(`null}`)
		}
		_, _ = w.Write(body.Bytes())
	}))
	tb.Cleanup(srv.Close)
	c, err := transport.New(srv.URL)
	require.NoError(tb, err)
	return c
}

func TestPagesOfAnySizesAfterEachOtherArriveWhole(t *testing.T) {
	sizes := []int{100, 99, 101, 3000, 2999, 1, 0, 2, 30_000, 5, 1000}
	c := unevenPages(t, sizes)
	request := transport.Request{RecordsAt: "data"}
	var pages []*transport.Page
	for page, err := range transport.Pages(t.Context(), c, request, paging.NextURL{At: "next"}) {
		require.NoError(t, err)
		pages = append(pages, page)
	}
	require.Len(t, pages, len(sizes))
	for n, page := range pages { // pages that the caller keeps are not changed by later ones
		require.Equal(t, sizes[n], page.Len())
		for i := range page.Len() {
			require.Equal(t, fmt.Sprintf(`{"id":%d,"text":"page %d %0100d"}`, i, n, i), string(page.Record(i)))
		}
	}
}

// countedBody counts the reads of a body.
type countedBody struct {
	io.Reader
	reads *int
}

func (b countedBody) Read(p []byte) (int, error) {
	*b.reads++
	return b.Reader.Read(p)
}

func (countedBody) Close() error { return nil }

func TestALimitOrALengthOfAnySizeDoesNotSlowAPage(t *testing.T) {
	for name, c := range map[string]struct {
		limit, length int64
		err           error
	}{
		"no limit":                        {limit: math.MaxInt64, length: -1},
		"a limit of one byte less":        {limit: math.MaxInt64 - 1, length: -1},
		"a length of 8 EiB":               {limit: 24 << 20, length: math.MaxInt64, err: io.ErrUnexpectedEOF},
		"a length of 8 EiB and no limit":  {limit: math.MaxInt64, length: math.MaxInt64, err: io.ErrUnexpectedEOF},
		"a length of 1 PiB and no limit":  {limit: math.MaxInt64, length: 1 << 50, err: io.ErrUnexpectedEOF},
		"a length of 24 MiB and no limit": {limit: math.MaxInt64, length: 24 << 20, err: io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			reads := 0
			client, err := transport.New("https://api.test", transport.WithMaxBody(c.limit), transport.WithRetry(retry.Policy{Attempts: 1}), transport.WithRoundTripper(trips(func(r *http.Request) (*http.Response, error) {
				body := strings.NewReader("[" + strings.Repeat(" ", 9<<19) + `{"id":1}]`) // 4.5 MiB
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: c.length, Body: countedBody{body, &reads}, Request: r}, nil
			})))
			require.NoError(t, err)
			for _, e := range transport.Records[map[string]any](t.Context(), client, transport.Request{}, paging.SinglePage{}) {
				err = e
			}
			if c.err == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, c.err)
			}
			assert.Less(t, reads, 1000)
		})
	}
}

func BenchmarkPagesOfOneSize(b *testing.B) {
	sizes := make([]int, 50)
	for i := range sizes {
		sizes[i] = 500
	}
	c := unevenPages(b, sizes)
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range transport.Pages(b.Context(), c, transport.Request{RecordsAt: "data"}, paging.NextURL{At: "next"}) {
			require.NoError(b, err)
		}
	}
}
