package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

// show prints the status and the body of a response.
func show(address string) { fmt.Println(shown(address)) }

func shown(address string) string {
	resp, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode, " ", string(body))
}

func Example() {
	orders := []map[string]any{
		{"id": 1, "updated_at": "2026-03-01T00:00:00Z"},
		{"id": 2, "updated_at": "2026-03-02T00:00:00Z"},
	}
	api := fakeapi.New(nil, // the test, in a test
		fakeapi.Collection("/v1/orders", orders,
			fakeapi.PageSize(7),
			fakeapi.ByToken("page_token", "next_page_token"),
			fakeapi.Since("updated_since", "updated_at")))
	srv := httptest.NewServer(api)
	defer srv.Close()

	show(srv.URL + "/v1/orders?updated_since=2026-03-02T00:00:00Z")
	show(srv.URL + "/v1/orders?since=2026-03-02T00:00:00Z")

	api.Set("/v1/orders", orders[:1])
	show(srv.URL + "/v1/orders")
	fmt.Println(len(api.Requests()), api.Requests()[0].Query)
	// Output:
	// 200 {"data":[{"id":2,"updated_at":"2026-03-02T00:00:00Z"}],"next_page_token":null}
	// 400 {"error":"/v1/orders has no parameter \"since\": it has page_token, updated_since"}
	// 200 {"data":[{"id":1,"updated_at":"2026-03-01T00:00:00Z"}],"next_page_token":null}
	// 3 map[updated_since:[2026-03-02T00:00:00Z]]
}

func ExampleByPage() {
	api := fakeapi.New(nil, fakeapi.Collection("/users", []string{"a", "b", "c"},
		fakeapi.ByPage("page", "per_page"), fakeapi.Under("users"), fakeapi.Total("meta.total")))
	srv := httptest.NewServer(api)
	defer srv.Close()
	show(srv.URL + "/users?page=2&per_page=2")
	// Output: 200 {"users":["c"],"meta":{"total":3}}
}

func ExampleEqual() {
	items := json.RawMessage(`[{"order_id": 1, "price": 9.90}, {"order_id": 2, "price": 5.00}]`)
	api := fakeapi.New(nil, fakeapi.Collection("/orders/{id}/items", items, fakeapi.Equal("id", "order_id")))
	srv := httptest.NewServer(api)
	defer srv.Close()
	show(srv.URL + "/orders/1/items")
	// Output: 200 [{"order_id": 1, "price": 9.90}]
}

func ExampleBearer() {
	srv := httptest.NewServer(fakeapi.New(nil, fakeapi.Object("/ping", "pong"), fakeapi.Bearer("key-0123456789")))
	defer srv.Close()
	show(srv.URL + "/ping")
	// Output: 401 {"error":"missing credentials: want the header Authorization: Bearer <token>"}
}
