package shop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestThePagesOfAnySizeHoldEveryOrderOnce(t *testing.T) {
	const orders = 600
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 10, Orders: orders}))
	want, _ := c.walk("/orders?limit=1000", nothing)
	for _, limit := range []int{1, 2, 7, 14, 28, 100, 140, 599, 600, 601, 1000} {
		all, pages := c.walk(fmt.Sprintf("/orders?limit=%d", limit), nothing)
		require.Equal(t, want, all, "limit %d", limit)
		straddles, deleted := false, 0
		for i, o := range all {
			require.EqualValues(t, shop.FirstOrderID+i, o.ID)
			if o.Deleted {
				deleted++
			}
			if i > 0 {
				require.False(t, o.UpdatedAt.Before(all[i-1].UpdatedAt))
				straddles = straddles || i%limit == 0 && o.UpdatedAt.Equal(all[i-1].UpdatedAt)
			}
		}
		if limit < 200 {
			assert.True(t, straddles, "equal values on both sides of a page boundary, limit %d", limit)
		}
		assert.Equal(t, 12, deleted)
		assert.Equal(t, (orders+limit-1)/limit, pages)
	}
}

func TestThePagesOfAnySizeHoldEveryCustomerOnce(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 250}))
	for size, want := range map[string]int{"per_page=1": 250, "per_page=7": 36, "per_page=50": 5, "": 3, "per_page=5000": 1} {
		id := int64(0)
		for page, pages := 1, 1; page <= pages; page++ {
			_, body, err := c.get(http.MethodGet, fmt.Sprintf("/customers?page=%d&%s", page, size), "k")
			require.NoError(t, err)
			var got struct {
				Data []struct {
					ID        int64
					Name      string
					Email     string
					CreatedAt time.Time `json:"created_at"`
				}
				Page       int
				TotalPages int `json:"total_pages"`
			}
			require.NoError(t, json.Unmarshal(body, &got))
			assert.Equal(t, page, got.Page)
			assert.Equal(t, want, got.TotalPages)
			pages = got.TotalPages
			for _, customer := range got.Data {
				id++
				require.Equal(t, id, customer.ID)
				require.NotEmpty(t, customer.Name)
				require.Equal(t, fmt.Sprintf("customer%d@example.com", id), customer.Email)
				require.Contains(t, []int{2024, 2025}, customer.CreatedAt.Year())
			}
		}
		assert.EqualValues(t, 250, id)
	}
}

func TestAPageHas100OrdersByDefaultAndAtMost1000(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 3000}))
	for query, want := range map[string]int{"": 100, "?limit=1": 1, "?limit=1000": 1000, "?limit=1001": 1000, "?limit=99999999999999999999": 1000} {
		_, body, err := c.get(http.MethodGet, "/orders"+query, "k")
		require.NoError(t, err)
		var page struct {
			Data []order
			Next string
		}
		require.NoError(t, json.Unmarshal(body, &page))
		assert.Len(t, page.Data, want, query)
		next, err := url.Parse(page.Next)
		require.NoError(t, err)
		assert.Equal(t, "/orders", next.Path)
		assert.Equal(t, strconv.Itoa(want), next.Query().Get("limit"))
	}
}

func TestTheNextLinkKeepsUpdatedSince(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 300}))
	const since = "2024-01-01T01:01:00.25+01:00"
	_, body, err := c.get(http.MethodGet, "/orders?limit=5&updated_since="+url.QueryEscape(since), "k")
	require.NoError(t, err)
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal(body, &page))
	next, err := url.Parse(page.Next)
	require.NoError(t, err)
	assert.Equal(t, since, next.Query().Get("updated_since"))
	assert.Equal(t, "5", next.Query().Get("limit"))
}

func TestUpdatedSinceIsInclusive(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 200}))
	all, _ := c.walk("/orders", nothing)
	for _, i := range []int{0, 1, 2, 5, 30, 199} {
		since := all[i].UpdatedAt
		first := i
		for first > 0 && all[first-1].UpdatedAt.Equal(since) {
			first--
		}
		rest, _ := c.walk("/orders?limit=3&updated_since="+url.QueryEscape(since.Format(time.RFC3339Nano)), nothing)
		assert.Equal(t, all[first:], rest)
		rest, _ = c.walk("/orders?updated_since="+since.Add(-time.Nanosecond).Format(time.RFC3339Nano), nothing)
		assert.Equal(t, all[first:], rest)
		rest, _ = c.walk("/orders?updated_since="+since.Add(time.Nanosecond).Format(time.RFC3339Nano), nothing)
		for first < len(all) && all[first].UpdatedAt.Equal(since) {
			first++
		}
		assert.Len(t, rest, len(all)-first)
	}
	rest, _ := c.walk("/orders?updated_since=0000-01-01T00:00:00Z", nothing)
	assert.Equal(t, all, rest)
}

func TestALargeShopIsReadFromItsMiddle(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 10_000_000})
	s.Touch(3_333_333)
	c := serve(t, s)
	body := c.page("/orders?limit=1&updated_since=2024-03-01T00:00:00Z")
	assert.Contains(t, body, `"updated_at":"2024-03-01T00:00:0`)
	all := 0
	var last int64
	for next := "/orders?limit=1000&updated_since=2024-05-02T00:00:00Z"; next != ""; {
		var page struct {
			Data []struct{ ID int64 }
			Next string
		}
		require.NoError(t, json.Unmarshal([]byte(c.page(next)), &page))
		for _, o := range page.Data {
			if last > 0 && o.ID != shop.FirstOrderID+3_333_333 {
				require.Equal(t, last+1, o.ID)
			}
			last = o.ID
			all++
		}
		next = page.Next
		if all >= 20_000 {
			break
		}
	}
	assert.Greater(t, all, 1000)
}

// discard is a ResponseWriter that discards the response.
type discard struct{ header http.Header }

func (d discard) Header() http.Header { return d.header }

func (d discard) Write(b []byte) (int, error) { return len(b), nil }

func (d discard) WriteHeader(int) {}

func BenchmarkOrders(b *testing.B) {
	for _, changes := range []int{0, 1000} {
		b.Run(fmt.Sprintf("changes=%d", changes), func(b *testing.B) {
			s := shop.New(shop.Config{APIKey: "k", Customers: 100, Orders: 10_000_000})
			for i := range changes {
				s.Touch(i)
			}
			req := httptest.NewRequest(http.MethodGet, "/orders?limit=1000&updated_since=2024-02-01T00:00:00Z", nil)
			req.Header.Set("Authorization", "Bearer k")
			rows := 0
			b.ReportAllocs()
			for b.Loop() {
				s.ServeHTTP(discard{http.Header{}}, req)
				rows += 1000
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkOrdersOverHTTP includes a client that discards the responses.
func BenchmarkOrdersOverHTTP(b *testing.B) {
	srv := httptest.NewServer(shop.New(shop.Config{APIKey: "k", Customers: 100, Orders: 10_000_000}))
	defer srv.Close()
	defer http.DefaultClient.CloseIdleConnections()
	req, err := http.NewRequest(http.MethodGet, srv.URL+"/orders?limit=1000&updated_since=2024-02-01T00:00:00Z", nil)
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer k")
	rows := 0
	for b.Loop() {
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(b, err)
		require.NoError(b, resp.Body.Close())
		rows += 1000
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
