package paging_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// A limitedSource serves records on pages of a size and announces a total. After the last
// record, it responds with a status or as named by after.
type limitedSource struct {
	records, size, total int
	after                string // "empty", "last page", "first page", "volatile", "no list" or a status
	requests             atomic.Int64
}

func (s *limitedSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	offset := number(r, "offset")
	if page := number(r, "page"); page > 0 {
		offset = (page - 1) * s.size
	}
	last := (s.records - 1) / s.size * s.size
	volatile := ""
	if offset >= s.records {
		var status int
		switch _, err := fmt.Sscan(s.after, &status); {
		case err == nil:
			w.WriteHeader(status)
			return
		case s.after == "last page":
			offset = last
		case s.after == "first page":
			offset = 0
		case s.after == "volatile":
			offset, volatile = last, fmt.Sprint(rand.Uint64()) //nolint:gosec // a member that changes
		case s.after == "no list":
			fmt.Fprint(w, `{"message":"out of range"}`)
			return
		}
	}
	data := []map[string]any{}
	for i := offset; i < min(offset+s.size, s.records); i++ {
		data = append(data, map[string]any{"id": i + 1, "seen": volatile})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "total": s.total, "pages": (s.total + s.size - 1) / s.size})
}

func (s *limitedSource) read(t *testing.T, p transport.Paging, query url.Values) (ids []int64, warnings string, err error) {
	t.Helper()
	var log transporttest.LogRecord
	client := transporttest.InMemory(t, s.ServeHTTP, log.Warnings(), transport.WithRetry(retry.Policy{Attempts: 1}))
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", Query: query, RecordsAt: "data"}, p))
	return transporttest.IDs(got), log.String(), err
}

// byTotal are the kinds of paging with a total.
func byTotal() map[string]transport.Paging {
	return map[string]transport.Paging{
		"offset": paging.Offset{TotalAt: "total"}, "page number": paging.PageNumber{TotalPagesAt: "pages"},
		"offset, prefetch":    transport.Prefetch(paging.Offset{TotalAt: "total"}, 2),
		"offset, parallel":    transport.Parallel(paging.Offset{TotalAt: "total"}, 2),
		"page number, stall":  transport.MaxStalled(paging.PageNumber{TotalPagesAt: "pages"}, 3),
		"page number, both":   transport.Prefetch(transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 3), 1),
		"page number, size":   paging.PageNumber{TotalPagesAt: "pages", SizeParam: "limit"},
		"offset, size by two": transport.Parallel(paging.Offset{TotalAt: "total", SizeParam: "limit"}, 3),
	}
}

// Search engines limit the total, often to a number that a full page reaches.
func TestATotalThatAFullPageReachesIsChecked(t *testing.T) {
	limit := url.Values{"limit": {"2"}}
	for _, c := range []struct {
		name                 string
		records, size, total int
		after                string
		requests             int64 // 0 if there is an error
		warning, err         string
	}{
		{"the total is a limit", 7, 2, 4, "empty", 0, "so it is not the total of all records or pages", ""},
		{"the total is that of the page", 7, 2, 2, "empty", 0, "so it is not the total of all records or pages", ""},
		{"the total is a limit, and the source responds 404 in the end", 8, 2, 4, "404", 5, "so it is not the total", ""},
		{"right, then an empty page", 6, 2, 6, "empty", 4, "", ""},
		{"right, then the last page again", 6, 2, 6, "last page", 4, "", ""},
		{"right, then the last page with other times", 6, 2, 6, "volatile", 4, "", ""},
		{"right, then the first page again", 6, 2, 6, "first page", 4, "", ""},
		{"right, then a page without a list", 6, 2, 6, "no list", 4, "", ""},
		{"right, then 400", 6, 2, 6, "400", 4, "", ""},
		{"right, then 404", 6, 2, 6, "404", 4, "", ""},
		{"right, then 410", 6, 2, 6, "410", 4, "", ""},
		{"right, then 416", 6, 2, 6, "416", 4, "", ""},
		{"right, then 422", 6, 2, 6, "422", 4, "", ""},
		{"right, then 401", 6, 2, 6, "401", 0, "", "set TrustTotal"},
		{"right, then 403", 6, 2, 6, "403", 4, "set TrustTotal", ""},
		{"right, then 407", 6, 2, 6, "407", 0, "", "set TrustTotal"},
		{"right, then 429", 6, 2, 6, "429", 4, "set TrustTotal", ""},
		{"right, then 500", 6, 2, 6, "500", 4, "set TrustTotal", ""},
		{"right, and the last page is not full", 5, 2, 5, "500", 3, "", ""},
		{"right, and the only page is not full", 1, 2, 1, "500", 1, "", ""},
	} {
		for kind, p := range byTotal() {
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				s := &limitedSource{records: c.records, size: c.size, total: c.total, after: c.after}
				ids, warnings, err := s.read(t, p, limit)
				assert.Equal(t, transporttest.UpTo(int64(c.records)), ids)
				if c.err != "" {
					assert.ErrorContains(t, err, c.err)
				} else {
					require.NoError(t, err)
				}
				if c.requests > 0 {
					assert.Equal(t, c.requests, s.requests.Load())
				}
				if c.warning == "" {
					assert.Empty(t, warnings)
				} else {
					assert.Contains(t, warnings, c.warning)
				}
			})
		}
	}
}

// A source that fails beyond its end, such as one that panics, does not delay the sync for as
// long as another failure.
func TestAFailureAfterTheTotalEndsThePagesSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log transporttest.LogRecord
		s := &limitedSource{records: 6, size: 2, total: 6, after: "503"}
		client := transporttest.InMemory(t, s.ServeHTTP, log.Warnings())
		start := time.Now()
		got, err := transporttest.Collect(transport.Records[transporttest.Item](t.Context(), client, transport.Request{Path: "/x", RecordsAt: "data"}, paging.Offset{TotalAt: "total"}))
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(6), transporttest.IDs(got))
		assert.EqualValues(t, 3+4, s.requests.Load())
		assert.Less(t, time.Since(start), 5*time.Second)
		assert.Contains(t, log.String(), "503 Service Unavailable")
	})
}

// A source that generates records for any page has no end.
func TestPagesWithoutEndAfterTheTotalAreAnError(t *testing.T) {
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "page")
		transporttest.WriteItems(w, 2*n-1, 2*n, `,"pages":3`)
	})
	var err error
	records := 0
	for _, err = range transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", RecordsAt: "data"}, paging.PageNumber{TotalPagesAt: "pages"}) {
		records++
	}
	assert.ErrorIs(t, err, transport.ErrPageLoop)
	assert.ErrorContains(t, err, "if the total is right, set TrustTotal")
	assert.Greater(t, records, 40_000)
}

func TestATotalThatIsTrustedIsNotChecked(t *testing.T) {
	for _, p := range []transport.Paging{
		paging.Offset{TotalAt: "total", TrustTotal: true}, transport.Parallel(paging.PageNumber{TotalPagesAt: "pages", TrustTotal: true}, 2),
	} {
		s := &limitedSource{records: 6, size: 2, total: 6, after: "500"}
		ids, warnings, err := s.read(t, p, url.Values{"limit": {"2"}})
		require.NoError(t, err)
		assert.Equal(t, transporttest.UpTo(6), ids)
		assert.Empty(t, warnings)
		assert.EqualValues(t, 3, s.requests.Load())
	}
}

// A source that ignores the parameter and sends the count of the page as the total looks like
// one that repeats its only page after it.
func TestARepeatedSinglePageIsAWarning(t *testing.T) {
	for kind, p := range byTotal() {
		s := &limitedSource{records: 2, size: 2, total: 2, after: "first page"}
		ids, warnings, err := s.read(t, p, url.Values{"limit": {"2"}})
		require.NoError(t, err, kind)
		assert.Equal(t, transporttest.UpTo(2), ids, kind)
		assert.Contains(t, warnings, "set TrustTotal", kind)
	}
}

// Elasticsearch responds 400 to a request for the records after the 10,000th.
func TestARoundTotalAfterWhichTheSourceRefusesPagesIsAWarning(t *testing.T) {
	for _, c := range []struct {
		records int
		after   string
		warned  bool
	}{{2000, "400", true}, {2000, "422", true}, {2000, "404", false}, {2000, "empty", false}, {1500, "400", false}} {
		for kind, p := range byTotal() {
			s := &limitedSource{records: c.records, size: 500, total: c.records, after: c.after}
			ids, warnings, err := s.read(t, p, url.Values{"limit": {"500"}})
			require.NoError(t, err, kind)
			assert.Len(t, ids, c.records, kind)
			assert.Equal(t, c.warned, warnings != "", "%s, %+v: %s", kind, c, warnings)
		}
	}
}

// The list grows while it is read.
func TestATotalThatGrowsIsNoWarning(t *testing.T) {
	for kind, p := range byTotal() {
		s := &limitedSource{records: 4, size: 2, total: 4, after: "empty"}
		var log transporttest.LogRecord
		client := transporttest.InMemory(t, s.ServeHTTP, log.Warnings())
		n := 0
		for _, err := range transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", Query: url.Values{"limit": {"2"}}, RecordsAt: "data"}, p) {
			require.NoError(t, err, kind)
			n++
			if n == 4 && kind != "offset, prefetch" && kind != "page number, both" { // else, all is read by then
				s.records, s.total = 6, 6
			}
		}
		assert.Empty(t, log.String(), kind)
	}
}

// A store of validators does not hide the records after a total that is a limit.
func TestAnUnmodifiedLastPageIsReadInFullIfItsTotalMayBeALimit(t *testing.T) {
	for kind, p := range byTotal() {
		records := 4
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			offset := number(r, "offset")
			if page := number(r, "page"); page > 0 {
				offset = (page - 1) * 2
			}
			tag := fmt.Sprintf(`"%d-%d"`, offset, min(offset+2, records))
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			transporttest.WriteItems(w, offset+1, min(offset+2, records), `,"total":4,"pages":2`)
		})
		store := mapStore{}
		read := func() []int64 {
			got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client,
				transport.Request{Path: "/x", Query: url.Values{"limit": {"2"}}, RecordsAt: "data", Validators: store}, p))
			require.NoError(t, err, kind)
			return transporttest.IDs(got)
		}
		assert.Equal(t, transporttest.UpTo(4), read(), kind)
		records = 7
		assert.Subset(t, read(), []int64{5, 6, 7}, kind)
		records = 8
		assert.Contains(t, read(), int64(8), kind)
		if kind == "offset" {
			assert.Equal(t, []int64{3, 4, 5, 6, 7, 8}, read(), "the page before the total is not read again")
		}
	}
}

// SCIM counts records from 1 (RFC 7644 §3.4.2.4).
func TestAnOffsetThatCountsFromOneReadsTheLastRecord(t *testing.T) {
	for n := range 9 {
		for _, base := range []int{0, 1} { // at 0, the caller leaves out a record
			var log transporttest.LogRecord
			client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
				at := number(r, "startIndex") - base
				transporttest.WriteItems(w, at+1, min(at+2, n), fmt.Sprintf(`,"total":%d`, n))
			}, log.Warnings())
			for _, p := range []transport.Paging{
				paging.Offset{Param: "startIndex", TotalAt: "total"}, transport.Parallel(paging.Offset{Param: "startIndex", TotalAt: "total"}, 2),
			} {
				got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client,
					transport.Request{RecordsAt: "data", Query: url.Values{"startIndex": {"1"}}}, p))
				require.NoError(t, err, "%d records from %d", n, base)
				assert.Len(t, got, max(0, n-1+base), "%d records from %d", n, base)
				assert.Empty(t, log.String())
			}
		}
	}
}

// The author takes the size of a page for the total.
func TestATotalThatABoolOnTheFirstPageContradictsIsAnError(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":[{"id":1},{"id":2}],"count":2,"pages":1,"isLast":false}`:            "the member isLast says that there is another page",
		`{"data":[{"id":1},{"id":2}],"count":2,"pages":1,"meta":{"has_more":true}}`:  "the member meta.has_more says that there is another page",
		`{"data":[{"id":1},{"id":2}],"count":2,"pages":1,"meta":{"has_more":false}}`: "",
		`{"data":[{"id":1,"has_more":true}],"count":1,"pages":1,"isLast":true}`:      "",
	} {
		client := transporttest.InMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		for _, p := range []transport.Paging{
			paging.Offset{TotalAt: "count"}, paging.PageNumber{TotalPagesAt: "pages"}, transport.Parallel(paging.Offset{TotalAt: "count"}, 2),
		} {
			_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, p))
			if want == "" {
				require.NoError(t, err, body)
			} else {
				assert.ErrorContains(t, err, want)
			}
		}
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, paging.Offset{TotalAt: "count", TrustTotal: true}))
		require.NoError(t, err, body)
	}
}

type mapStore map[string]json.RawMessage

func (m mapStore) Get(key string, v any) (bool, error) {
	raw, ok := m[key]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(raw, v)
}

func (m mapStore) Set(key string, v any) (err error) {
	m[key], err = json.Marshal(v)
	return err
}
