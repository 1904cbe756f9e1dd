package shop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type order struct {
	ID         int64     `json:"id"`
	CustomerID int64     `json:"customer_id"`
	Total      string    `json:"total"`
	UpdatedAt  time.Time `json:"updated_at"`
	Deleted    bool      `json:"deleted"`
	Tags       []string  `json:"tags"`
	Shipping   struct{ City string }
	Items      []struct {
		Line     int
		SKU      string
		Quantity int64
		Price    string
	}
}

type client struct {
	t   *testing.T
	url string
}

func serve(t *testing.T, s http.Handler) client {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(func() { srv.Close(); http.DefaultClient.CloseIdleConnections() })
	return client{t, srv.URL}
}

// get returns the status and the body of an answer; the error is that of a
// body that broke off.
func (c client) get(method, path, key string) (*http.Response, []byte, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, nil)
	require.NoError(c.t, err)
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

// walk returns the orders of all pages, and calls between after each page.
func (c client) walk(path string, between func(page int)) (all []order, pages int) {
	c.t.Helper()
	for next := &path; next != nil; pages++ {
		_, body, err := c.get(http.MethodGet, *next, "k")
		require.NoError(c.t, err)
		var page struct {
			Data []order
			Next *string
		}
		require.NoError(c.t, json.Unmarshal(body, &page), string(body))
		all = append(all, page.Data...)
		next = page.Next
		between(pages)
	}
	return all, pages
}

func nothing(int) {}

func TestRequestsAreAnsweredAsTheContractSays(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 3, Orders: 3}))
	for _, test := range []struct {
		method, path, key string
		status            int
		body              string
	}{
		{"GET", "/ping", "k", 200, `{"ok":true}`},
		{"GET", "/ping", "", 401, `{"error":`},
		{"GET", "/orders", "wrong", 401, `{"error":`},
		{"POST", "/ping", "k", 405, `{"error":`},
		{"GET", "/nothing", "k", 404, `{"error":`},
		{"GET", "/customers?page=2&per_page=2", "k", 200, `{"data":[{"id":3,"name":"Ana María Peña","email":"customer3@example.com","created_at":"2020-01-01T10:44:00Z"}],"page":2,"total_pages":2}`},
		{"GET", "/customers?page=9", "k", 200, `{"data":[],"page":9,"total_pages":1}`},
		{"GET", "/customers?page=0", "k", 400, `page is not a number from 1 on`},
		{"GET", "/orders?limit=x", "k", 400, `limit is not a number`},
		{"GET", "/orders?updated_since=yesterday", "k", 400, `updated_since is not a time`},
		{"GET", "/orders?page_token=abc", "k", 400, `page_token is not one`},
		{"GET", "/orders?updated_since=2030-01-01T00:00:00Z", "k", 200, `{"data":[],"next":null}`},
	} {
		resp, body, err := c.get(test.method, test.path, test.key)
		require.NoError(t, err)
		assert.Equal(t, test.status, resp.StatusCode, test.path)
		assert.Contains(t, string(body), test.body, test.path)
		assert.True(t, json.Valid(body), test.path)
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	}
	resp, _, err := c.get(http.MethodPut, "/orders", "k")
	require.NoError(t, err)
	assert.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
}

func TestAllPagesTogetherHoldEveryOrderOnce(t *testing.T) {
	config := shop.Config{APIKey: "k", Customers: 10, Orders: 300}
	c := serve(t, shop.New(config))
	for _, limit := range []int{1, 7, 100, 1000} {
		all, pages := c.walk(fmt.Sprintf("/orders?limit=%d", limit), nothing)
		require.Len(t, all, 300)
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
		assert.Equal(t, limit < 1000, straddles, "equal values on both sides of a page border, limit %d", limit)
		assert.Equal(t, 6, deleted)
		assert.Equal(t, (300+limit-1)/limit, pages)
	}
}

func TestTotalsAreTheSumOfTheItems(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 10, Orders: 200, Seed: 3}))
	all, _ := c.walk("/orders", nothing)
	zeros := 0
	for _, o := range all {
		sum := new(big.Rat)
		for _, item := range o.Items {
			price, ok := new(big.Rat).SetString(item.Price)
			require.True(t, ok)
			sum.Add(sum, price.Mul(price, big.NewRat(item.Quantity, 1)))
		}
		assert.Equal(t, sum.FloatString(2), o.Total)
		if strings.HasSuffix(o.Total, "0") {
			zeros++
		}
	}
	assert.Positive(t, zeros)
}

func TestUpdatedSinceIncludesItself(t *testing.T) {
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
	}
}

func TestAChangedOrderMovesToTheEndAlsoInTheMiddleOfAWalk(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 50})
	c := serve(t, s)
	all, _ := c.walk("/orders?limit=10", func(page int) {
		switch page {
		case 0:
			s.Touch(3)
			s.Delete(45)
		case 1:
			s.Touch(3)
		}
	})
	require.Len(t, all, 51, "number 3 stood on the first page, too")
	assert.EqualValues(t, shop.FirstOrderID+45, all[49].ID)
	assert.True(t, all[49].Deleted)
	assert.EqualValues(t, shop.FirstOrderID+3, all[50].ID)
	assert.False(t, all[50].Deleted)
	assert.Panics(t, func() { s.Touch(50) })
}

func TestAPageTokenOutlivesTheServer(t *testing.T) {
	config := shop.Config{APIKey: "k", Orders: 50, Seed: 7}
	_, body, err := serve(t, shop.New(config)).get(http.MethodGet, "/orders?limit=20", "k")
	require.NoError(t, err)
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal(body, &page))
	rest, _ := serve(t, shop.New(config)).walk(page.Next, nothing)
	require.Len(t, rest, 30)
	assert.EqualValues(t, shop.FirstOrderID+20, rest[0].ID)
}

func TestAShopOfAnySizeAnswersFromItsMiddle(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 10_000_000}))
	_, body, err := c.get(http.MethodGet, "/orders?limit=1&updated_since=2024-03-01T00:00:00Z", "k")
	require.NoError(t, err)
	assert.Contains(t, string(body), `"updated_at":"2024-03-01T00:00:0`)
}

func TestFaultsOfEveryKindOccurAndNeverMoreThanThreeInARow(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Customers: 5, Faults: 0.9, Seed: 1})
	c := serve(t, s)
	seen, row := map[string]int{}, 0
	for range 200 {
		resp, body, err := c.get(http.MethodGet, "/customers", "k")
		switch {
		case err != nil:
			seen["cut"]++
			assert.NotEmpty(t, body)
		case resp.StatusCode != http.StatusOK:
			seen[resp.Status]++
		default:
			row = -1
		}
		row++
		require.LessOrEqual(t, row, 3)
	}
	assert.Len(t, seen, 4, "%v", seen)
	assert.Positive(t, s.Faults())
	assert.EqualValues(t, 200, s.Requests())
}

func TestReadingWhileOrdersChange(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 500})
	c := serve(t, s)
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range 500 {
			s.Touch(i)
		}
	})
	c.walk("/orders?limit=50", nothing)
	wait.Wait()
	all, _ := c.walk("/orders", nothing)
	assert.Len(t, all, 500)
}

func Example() {
	api := shop.New(shop.Config{APIKey: "demo", Orders: 1})
	srv := httptest.NewServer(api)
	defer srv.Close()

	req, _ := http.NewRequest(http.MethodGet, srv.URL+"/orders", nil)
	req.Header.Set("Authorization", "Bearer demo")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body))
	// Output:
	// {"data":[{"id":9007199254740993,"customer_id":1,"status":"open","total":"5.00","currency":"EUR","updated_at":"2024-01-01T00:00:00.000001Z","deleted":false,"tags":[],"shipping":{"city":"Zürich"},"items":[{"line":1,"sku":"SKU-0","quantity":1,"price":"5.00"}]}],"next":null}
}

func BenchmarkOrders(b *testing.B) {
	s := shop.New(shop.Config{APIKey: "k", Customers: 100, Orders: 1_000_000})
	req := httptest.NewRequest(http.MethodGet, "/orders?limit=1000&updated_since=2024-01-05T00:00:00Z", nil)
	req.Header.Set("Authorization", "Bearer k")
	rows := 0
	for b.Loop() {
		s.ServeHTTP(httptest.NewRecorder(), req)
		rows += 1000
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
