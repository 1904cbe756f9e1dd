package shop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
