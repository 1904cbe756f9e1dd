package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func ExampleGraphQL() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Variables struct{ After string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Variables.After == "" {
			fmt.Fprint(w, `{"data":{"orders":{"nodes":[{"id":1}],"pageInfo":{"hasNextPage":true,"endCursor":"c1"}}}}`)
			return
		}
		fmt.Fprint(w, `{"data":{"orders":{"nodes":[{"id":2}],"pageInfo":{"hasNextPage":false,"endCursor":"c2"}}}}`)
	})
	req := transport.GraphQL("/graphql", `query($after: String) {
		orders(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
	}`, nil)
	req.RecordsAt = "data.orders.nodes"
	for order, err := range transport.Records[Order](context.Background(), client, req, paging.Relay{At: "data.orders"}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}
