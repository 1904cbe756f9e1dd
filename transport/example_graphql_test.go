package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

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

// The source has a budget of points. If a query costs more than remains, the body says how
// many points are available and how many are added per second.
func ExampleRule_wait() {
	type throttled struct {
		Extensions struct {
			Cost struct {
				RequestedQueryCost float64
				ThrottleStatus     struct{ CurrentlyAvailable, RestoreRate float64 }
			}
		}
	}
	requests := 0
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests < 3 {
			fmt.Fprint(w, `{"errors":[{"message":"Throttled"}],"extensions":{"cost":{"requestedQueryCost":52,
				"throttleStatus":{"currentlyAvailable":50,"restoreRate":100}}}}`)
			return
		}
		fmt.Fprint(w, `{"data":{"order":{"id":1,"total":"19.90"}}}`)
	}, transport.WithRules(transport.Rule{
		When: func(r *transport.Response) bool { return bytes.Contains(r.Body, []byte(`"Throttled"`)) },
		Do:   transport.DoRepeat,
		Wait: func(r *transport.Response) (time.Duration, bool) {
			var body throttled
			if err := json.Unmarshal(r.Body, &body); err != nil {
				return 0, false
			}
			cost := body.Extensions.Cost
			missing := cost.RequestedQueryCost - cost.ThrottleStatus.CurrentlyAvailable
			return time.Duration(missing / cost.ThrottleStatus.RestoreRate * float64(time.Second)), true
		},
	}))
	request := transport.GraphQL("/graphql", `{ order(id: 1) { id total } }`, nil)
	request.RecordsAt = "data.order"
	order, err := transport.Get[Order](context.Background(), client, request)
	fmt.Println(order, err, requests)
	// Output:
	// {1 19.90} <nil> 3
}
