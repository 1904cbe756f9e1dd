package shop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
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
	Status     string    `json:"status"`
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

// get sends a request and returns the response with its body. The error is that of reading
// the body.
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

// walk returns the orders of all pages. It calls between after each page.
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

func TestResponsesFollowTheContract(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Customers: 3, Orders: 3})
	c := serve(t, s)
	requests := 0
	for _, test := range []struct {
		method, path, key string
		status            int
		body              string
	}{
		{"GET", "/ping", "k", 200, `{"ok":true}`},
		{"GET", "/ping", "", 401, `{"error":"the API key is missing or wrong"}`},
		{"GET", "/nothing", "", 401, `{"error":"the API key is missing or wrong"}`},
		{"POST", "/ping", "k", 405, `{"error":"method POST is not allowed; use GET"}`},
		{"PUT", "/orders", "k", 405, `{"error":"method PUT is not allowed; use GET"}`},
		{"DELETE", "/customers", "k", 405, `{"error":"method DELETE is not allowed; use GET"}`},
		{"GET", "/nothing", "k", 404, `{"error":"unknown path /nothing"}`},
		{"GET", "/orders/", "k", 404, `{"error":"unknown path /orders/"}`},
		{"GET", "//ping", "k", 404, `{"error":"unknown path //ping"}`},
		{"GET", "/%01%22%ff<", "k", 404, `{"error":"unknown path /\u0001\"\ufffd<"}`},

		{"GET", "/customers?page=2&per_page=2", "k", 200, `{"data":[{"id":3,"name":"Nguyễn 李","email":"customer3@example.com","created_at":"2024-01-01T00:00:08.469135Z"}],"page":2,"total_pages":2}`},
		{"GET", "/customers?page=9", "k", 200, `{"data":[],"page":9,"total_pages":1}`},
		{"GET", "/customers?page=99999999999999999999&per_page=1000", "k", 200, `{"data":[],"page":9223372036854775807,"total_pages":1}`},
		{"GET", "/customers?page=0", "k", 400, `{"error":"page is not a positive integer: \"0\""}`},
		{"GET", "/customers?per_page=-1", "k", 400, `{"error":"per_page is not a positive integer: \"-1\""}`},
		{"GET", "/customers?page=", "k", 400, `{"error":"page is not a positive integer: \"\""}`},

		{"GET", "/orders?limit=x", "k", 400, `{"error":"limit is not a positive integer: \"x\""}`},
		{"GET", "/orders?limit=1.5", "k", 400, `{"error":"limit is not a positive integer: \"1.5\""}`},
		{"GET", "/orders?limit=%zz", "k", 400, `{"error":"the query is malformed: invalid URL escape \"%zz\""}`},
		{"GET", "/orders?updated_since=yesterday", "k", 400, `{"error":"updated_since is not an RFC 3339 time, in which + is escaped as %2B: \"yesterday\""}`},
		{"GET", "/orders?updated_since=2024-01-01T00:00:00+01:00", "k", 400, `{"error":"updated_since is not an RFC 3339 time, in which + is escaped as %2B: \"2024-01-01T00:00:00 01:00\""}`},
		{"GET", "/orders?updated_since=", "k", 400, `{"error":"updated_since is not an RFC 3339 time, in which + is escaped as %2B: \"\""}`},
		{"GET", "/orders?page_token=abc", "k", 400, `{"error":"page_token was not issued by this API: \"abc\""}`},
		{"GET", "/orders?page_token=", "k", 400, `{"error":"page_token was not issued by this API: \"\""}`},
		{"GET", "/orders?updated_since=2030-01-01T00:00:00Z", "k", 200, `{"data":[],"next":null}`},
		{"GET", "/orders?updated_since=9999-12-31T23:59:59.999999999-23:59", "k", 200, `{"data":[],"next":null}`},
	} {
		resp, body, err := c.get(test.method, test.path, test.key)
		requests++
		require.NoError(t, err)
		assert.Equal(t, test.status, resp.StatusCode, test.path)
		assert.Equal(t, test.body, string(body), test.path)
		assert.True(t, json.Valid(body), test.path)
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
		assert.EqualValues(t, len(body), resp.ContentLength, test.path)
		if test.status == 405 {
			assert.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
		}
	}
	assert.EqualValues(t, requests, s.Requests())
	assert.EqualValues(t, 3, s.RequestsTo("/ping"))
	assert.EqualValues(t, 7, s.RequestsTo("/customers"))
	assert.Zero(t, s.RequestsTo("/nothing"))
	assert.Zero(t, s.RequestsTo(""))
	assert.Zero(t, s.Faults())
}

func TestAResponseToHEADHasNoBody(t *testing.T) {
	resp, body, err := serve(t, shop.New(shop.Config{APIKey: "k"})).get(http.MethodHead, "/ping", "k")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.EqualValues(t, len(`{"ok":true}`), resp.ContentLength)
	assert.Empty(t, body)
}

func TestOnlyTheExactKeyIsAccepted(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "key-0123456789"}))
	for header, status := range map[string]int{
		"Bearer key-0123456789":         200,
		"Bearer key-012345678":          401,
		"Bearer key-01234567890":        401,
		"Bearer Key-0123456789":         401,
		"Bearer  key-0123456789":        401,
		"Bearer":                        401,
		"key-0123456789":                401,
		"Basic key-0123456789":          401,
		strings.Repeat("Bearer ", 1000): 401,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/ping", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", header)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, status, resp.StatusCode, header)
		if status == 401 {
			assert.Equal(t, "Bearer", resp.Header.Get("WWW-Authenticate"))
			assert.NotContains(t, string(body), "0123456789")
		}
	}
}

func TestValidateListsAllInvalidFields(t *testing.T) {
	require.NoError(t, shop.Config{APIKey: "k", Customers: 1 << 40, Orders: 1 << 40, Faults: 1}.Validate())
	err := shop.Config{Customers: -1, Orders: 1<<40 + 1, Faults: math.NaN()}.Validate()
	assert.EqualError(t, err, `an API key is required
the number of customers is -1; want 0 to 1099511627776
the number of orders is 1099511627777; want 0 to 1099511627776
the share of faults is NaN; want 0 to 1`)
	assert.PanicsWithValue(t, "shop: an API key is required", func() { shop.New(shop.Config{}) })
}

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

func TestRunsOfEqualTimesHaveOneToSevenOrders(t *testing.T) {
	all, _ := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 300})).walk("/orders", nothing)
	lengths := map[int]bool{}
	for run := 0; run < len(all); {
		next := run + 1
		for next < len(all) && all[next].UpdatedAt.Equal(all[run].UpdatedAt) {
			next++
		}
		lengths[next-run] = true
		run = next
	}
	assert.Equal(t, map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true}, lengths)
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

func TestAnOrderThatChangesDuringAWalkMovesToTheEnd(t *testing.T) {
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
	require.Len(t, all, 51, "number 3 was also on the first page")
	assert.EqualValues(t, shop.FirstOrderID+45, all[49].ID)
	assert.True(t, all[49].Deleted)
	assert.EqualValues(t, shop.FirstOrderID+3, all[50].ID)
	assert.False(t, all[50].Deleted)
	assert.Panics(t, func() { s.Touch(50) })
}

func TestChangedOrdersAreLastAndFoundByTheirTime(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 100})
	c := serve(t, s)
	all, _ := c.walk("/orders", nothing)
	touched := s.Touch(3)
	deleted := s.Delete(40)
	assert.True(t, touched.After(all[99].UpdatedAt))
	assert.True(t, deleted.After(touched))

	rest, _ := c.walk("/orders?limit=1&updated_since="+touched.Format(time.RFC3339Nano), nothing)
	require.Len(t, rest, 2)
	assert.True(t, rest[0].UpdatedAt.Equal(touched))
	assert.Equal(t, all[3].ID, rest[0].ID)
	assert.NotEqual(t, all[3].Status, rest[0].Status)
	assert.Equal(t, all[3].Total, rest[0].Total)
	assert.False(t, rest[0].Deleted)
	assert.True(t, rest[1].Deleted)
	rest, _ = c.walk("/orders?updated_since="+deleted.Format(time.RFC3339Nano), nothing)
	assert.Len(t, rest, 1)

	require.True(t, all[7].Deleted, "from the start")
	for _, number := range []int{7, 40} {
		s.Touch(number)
		rest, _ = c.walk("/orders?updated_since="+s.Touch(number).Format(time.RFC3339Nano), nothing)
		require.Len(t, rest, 1)
		assert.True(t, rest[0].Deleted, "a deleted order remains deleted")
	}
	all, _ = c.walk("/orders?limit=1", nothing)
	assert.Len(t, all, 100)
}

func TestAnOrderThatChangesRepeatedlyIsListedOnce(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 10})
	c := serve(t, s)
	var last time.Time
	for range 1000 {
		now := s.Touch(5)
		require.True(t, now.After(last))
		last = now
		s.Touch(6)
	}
	all, _ := c.walk("/orders?limit=1", nothing)
	require.Len(t, all, 10)
	assert.True(t, all[8].UpdatedAt.Equal(last))
}

// page returns the body of a successful response.
func (c client) page(path string) string {
	c.t.Helper()
	resp, body, err := c.get(http.MethodGet, path, "k")
	require.NoError(c.t, err)
	require.Equal(c.t, http.StatusOK, resp.StatusCode, string(body))
	return string(body)
}

func TestTheSeedDeterminesTheRows(t *testing.T) {
	config := shop.Config{APIKey: "k", Customers: 50, Orders: 50, Seed: 1}
	one, same := serve(t, shop.New(config)), serve(t, shop.New(config))
	config.Seed = 2
	other := serve(t, shop.New(config))
	for _, path := range []string{"/customers", "/orders"} {
		assert.Equal(t, one.page(path), same.page(path))
		assert.NotEqual(t, one.page(path), other.page(path))
	}
}

func TestTextsHaveCharactersThatEncodersEscape(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 1000, Orders: 1000}))
	for _, path := range []string{"/customers?per_page=1000", "/orders?limit=1000"} {
		body := c.page(path)
		for _, part := range []string{"ü", `\"`, "<", ">", "&", "'"} {
			assert.Contains(t, body, part)
		}
	}
}

// TestTimesAreIn2024And2025 reads the last rows, because they have the latest times.
func TestTimesAreIn2024And2025(t *testing.T) {
	at := regexp.MustCompile(`_at":"202[45]-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)
	for _, rows := range []int{1, 29, 10_000_000, 1_000_000_000, 1 << 40} {
		s := shop.New(shop.Config{APIKey: "k", Customers: rows, Orders: rows})
		c := serve(t, s)
		for range 5 {
			s.Touch(rows - 1)
		}
		touched := s.Touch(0)
		assert.Regexp(t, at, c.page("/orders?limit=1"))
		assert.Regexp(t, at, c.page("/orders?limit=1&updated_since="+touched.Format(time.RFC3339Nano)))
		assert.Regexp(t, at, c.page(fmt.Sprintf("/customers?per_page=1&page=%d", rows)))
	}
}

func TestAPageTokenRemainsValidAfterARestart(t *testing.T) {
	config := shop.Config{APIKey: "k", Orders: 50, Seed: 7}
	_, body, err := serve(t, shop.New(config)).get(http.MethodGet, "/orders?limit=20", "k")
	require.NoError(t, err)
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal(body, &page))
	rest, _ := serve(t, shop.New(config)).walk(page.Next, nothing)
	require.Len(t, rest, 30)
	assert.EqualValues(t, shop.FirstOrderID+20, rest[0].ID)
}

func TestAnAlteredPageTokenIsRefused(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 50}))
	var page struct{ Next string }
	require.NoError(t, json.Unmarshal([]byte(c.page("/orders?limit=20")), &page))
	next, err := url.Parse(page.Next)
	require.NoError(t, err)
	token := next.Query().Get("page_token")
	for i := range token {
		for _, bad := range []string{token[:i], token[:i] + "-" + token[i+1:], token[:i] + "\n" + token[i:], token[:i] + token[i+1:]} {
			if bad == token {
				continue
			}
			resp, _, err := c.get(http.MethodGet, "/orders?page_token="+url.QueryEscape(bad), "k")
			require.NoError(t, err)
			require.Equal(t, http.StatusBadRequest, resp.StatusCode, "%q for %q", bad, token)
		}
	}
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

func TestFaultsOfEveryKindOccurAtMostThreeTimesInARow(t *testing.T) {
	for _, share := range []float64{0.3, 0.9, 1} {
		s := shop.New(shop.Config{APIKey: "k", Customers: 5, Faults: share, Seed: 1})
		c := serve(t, s)
		seen, row, longest, faults := map[string]int{}, 0, 0, 0
		for range 300 {
			switch fault := c.fault("/customers"); fault {
			case "":
				row = 0
			default:
				seen[fault]++
				faults++
				row++
				longest = max(longest, row)
			}
		}
		assert.Equal(t, 3, longest)
		assert.Len(t, seen, 4, "%v", seen)
		assert.EqualValues(t, faults, s.Faults())
		assert.EqualValues(t, 300, s.Requests())
	}
}

// fault sends a request and returns how it failed, or "".
func (c client) fault(path string) string {
	c.t.Helper()
	resp, body, err := c.get(http.MethodGet, path, "k")
	switch {
	case err != nil:
		assert.ErrorIs(c.t, err, io.ErrUnexpectedEOF)
		assert.NotEmpty(c.t, body)
		assert.Less(c.t, int64(len(body)), resp.ContentLength)
		assert.Equal(c.t, http.StatusOK, resp.StatusCode)
		return "cut"
	case resp.StatusCode == http.StatusOK:
		return ""
	case resp.StatusCode == http.StatusTooManyRequests:
		assert.Equal(c.t, "1", resp.Header.Get("Retry-After"))
	default:
		assert.Contains(c.t, []int{500, 503}, resp.StatusCode)
	}
	assert.Regexp(c.t, `^{"error":"[a-z ]+"}$`, string(body))
	return resp.Status
}

func TestTheShareAndTheSeedDetermineTheFaults(t *testing.T) {
	faults := func(seed uint64) (all []string) {
		s := shop.New(shop.Config{APIKey: "k", Customers: 5, Faults: 0.2, Seed: seed})
		c := serve(t, s)
		for i := range 1000 {
			all = append(all, c.fault(fmt.Sprintf("/customers?page=%d", i+1)))
		}
		assert.InDelta(t, 200, s.Faults(), 60)
		return all
	}
	first := faults(1)
	assert.Equal(t, first, faults(1))
	assert.NotEqual(t, first, faults(2))
}

func TestConcurrentClientsEachSucceed(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 500, Faults: 0.5, Seed: 2})
	c := serve(t, s)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for next := "/orders?limit=10"; next != ""; {
				var page struct{ Next string }
				for try := 1; ; try++ {
					resp, body, err := c.get(http.MethodGet, next, "k")
					if err == nil && resp.StatusCode == http.StatusOK {
						assert.NoError(t, json.Unmarshal(body, &page))
						break
					}
					if !assert.LessOrEqual(t, try, 3, next) {
						return
					}
				}
				next = page.Next
			}
		})
	}
	wait.Wait()
	assert.Positive(t, s.Faults())
}

func TestNoOrderIsMissedWhileOrdersChange(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 500})
	c := serve(t, s)
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range 500 {
			s.Touch(i)
		}
	})
	seen := map[int64]bool{}
	during, _ := c.walk("/orders?limit=50", nothing)
	for _, o := range during {
		seen[o.ID] = true
	}
	assert.Len(t, seen, 500, "a moving order is not missed")
	wait.Wait()
	all, _ := c.walk("/orders", nothing)
	assert.Len(t, all, 500)
}

func Example() {
	api := shop.New(shop.Config{APIKey: "demo", Orders: 1, Seed: 16})
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
	// {"data":[{"id":9007199254740993,"customer_id":1,"status":"paid","total":"27.80","currency":"EUR","updated_at":"2024-01-01T00:00:00.000001Z","deleted":false,"tags":[],"shipping":{"city":"Reykjavík"},"items":[{"line":1,"sku":"SKU-70937","quantity":2,"price":"13.90"}]}],"next":null}
}

// discard is a ResponseWriter that discards the response.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

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
