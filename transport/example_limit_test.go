package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// echo is a source that responds with the path of the request.
func echo(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }

func ExampleWithLimit() {
	client := api(echo, transport.WithLimit(ratelimit.Limit{PerMinute: 600, Burst: 10, Concurrent: 4}))
	_, err := client.Do(context.Background(), transport.Request{Path: "/orders"})
	fmt.Println(err)
	// Output: <nil>
}

// Two clients that share a limit.
func ExampleWithLimiter() {
	limiter, err := ratelimit.New(ratelimit.Limit{PerSecond: 100})
	if err != nil {
		fmt.Println(err)
	}
	orders := api(echo, transport.WithLimiter(limiter))
	customers := api(echo, transport.WithLimiter(limiter))
	for _, client := range []*transport.Client{orders, customers} {
		_, err := client.Do(context.Background(), transport.Request{Path: "/status"})
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// <nil>
}

// A source that says with 200 that it is busy, and with 404 that it has no records.
func ExampleWithRules() {
	answers := []string{`{"error":"busy"}`, `{"data":1}`}
	client := api(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/nothing" {
			w.WriteHeader(404)
			return
		}
		fmt.Fprint(w, answers[0])
		answers = answers[1:]
	}, transport.WithRetry(retry.Policy{Base: time.Millisecond}), transport.WithRules(
		transport.Rule{Status: 404, Do: transport.DoIgnore},
		transport.Rule{When: func(r *transport.Response) bool { return string(r.Body) == `{"error":"busy"}` }, Do: transport.DoRepeat},
	), transport.WithLogger(quiet))

	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{RecordsAt: "data"}))
	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{Path: "/nothing"}))
	// Output:
	// 1 <nil>
	// 0 <nil>
}
