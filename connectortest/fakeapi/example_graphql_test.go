package fakeapi_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func ExampleGraphQL() {
	orders := []map[string]any{{"id": 1, "total": "19.90"}, {"id": 2, "total": "5.00"}, {"id": 3, "total": "12.50"}}
	api := fakeapi.New(nil, fakeapi.GraphQL("/graphql", fakeapi.Connection("orders", orders)))
	srv := httptest.NewServer(api)
	defer srv.Close()

	client, err := transport.New(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := transport.GraphQL("/graphql", `query($first: Int!, $after: String) {
		orders(first: $first, after: $after) { nodes { id total } pageInfo { hasNextPage endCursor } }
	}`, map[string]any{"first": 2})
	request.RecordsAt = "data.orders.nodes"
	for row, err := range transport.Records[map[string]any](context.Background(), client, request, paging.Relay{At: "data.orders"}) {
		fmt.Println(row, err)
	}
	misspelled := transport.GraphQL("/graphql", `{ orders { nodes { totl } } }`, nil)
	_, err = client.Do(context.Background(), misspelled)
	fmt.Println(strings.ReplaceAll(err.Error(), srv.URL, "https://api.example.com"))
	fmt.Println(len(api.Requests()), "requests")
	// Output:
	// map[id:1 total:19.90] <nil>
	// map[id:2 total:5.00] <nil>
	// map[id:3 total:12.50] <nil>
	// POST https://api.example.com/graphql: the source reports an error: [{"message":"nodes has no field \"totl\": it has id, total","locations":[{"line":1,"column":20}]}]
	// 3 requests
}

func ExampleQueryCost() {
	api := fakeapi.New(nil, fakeapi.GraphQL("/graphql", fakeapi.Connection("orders", []map[string]any{{"id": 1}}), fakeapi.QueryCost(10, 15, 5)))
	for range 2 {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"{ orders { nodes { id } } }"}`))
		r.Header.Set("Content-Type", "application/json")
		api.ServeHTTP(w, r)
		before, _, _ := strings.Cut(w.Body.String(), `,"extensions":{"cost"`)
		fmt.Println(before)
	}
	// Output:
	// {"data":{"orders":{"nodes":[{"id":1}]}}
	// {"errors":[{"message":"Throttled: the budget is used up","extensions":{"code":"THROTTLED"}}]
}
