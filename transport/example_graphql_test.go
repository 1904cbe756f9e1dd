package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
)

func ExampleGraphQL() {
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Variables struct{ ID string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Variables.ID != "1" {
			fmt.Fprint(w, `{"data":null,"errors":[{"message":"no such order"}]}`)
			return
		}
		fmt.Fprint(w, `{"data":{"order":{"id":1,"total":"19.90"}}}`)
	})
	const query = `query($id: ID!) { order(id: $id) { id total } }`
	for _, id := range []string{"1", "2"} {
		request := transport.GraphQL("/graphql", query, map[string]any{"id": id})
		request.RecordsAt = "data.order"
		order, err := transport.Get[Order](context.Background(), client, request)
		fmt.Println(order, err)
	}
	// Output:
	// {1 19.90} <nil>
	// {0 } POST https://api.example.com/graphql: the source reports an error: [{"message":"no such order"}]
}
