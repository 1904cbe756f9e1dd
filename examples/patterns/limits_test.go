package patterns_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// The source documents a limit. WithLimit keeps the requests within it. The client obeys
// 429, Retry-After and the X-RateLimit headers of the source in any case.
func Example_rateLimit() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		limit := ratelimit.Limit{PerMinute: 600, Burst: 10, Concurrent: 4}
		client, err := transport.New(baseURL, transport.WithLimit(limit))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		pages := paging.PageNumber{TotalPagesAt: "total_pages"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, limited())
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// The source says in the body how long to wait. Wait reads the time. All requests of the
// client then wait, and the attempt does not count as a failure. For a GraphQL API that
// limits the cost of queries, see Example_nestedGraphQL.
func Example_waitInBody() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		wait := func(r *transport.Response) (time.Duration, bool) {
			var body struct {
				RetryInMS int64 `json:"retry_in_ms"`
			}
			err := json.Unmarshal(r.Body, &body)
			return time.Duration(body.RetryInMS) * time.Millisecond, err == nil
		}
		limited := func(r *transport.Response) bool { return bytes.Contains(r.Body, []byte(`"RATE_LIMITED"`)) }
		client, err := transport.New(baseURL, transport.WithRules(
			transport.Rule{Status: http.StatusForbidden, When: limited, Do: transport.DoRepeat, Wait: wait}))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		pages := paging.PageNumber{TotalPagesAt: "total_pages"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, waitInBody())
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// The source reports errors with status 200. ErrorAt is the path to the error. A value
// there fails the request with an error that wraps ErrReported and quotes the value.
func Example_errorsWithStatus200() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data", ErrorAt: "error"}
		for order, err := range transport.Records[Order](ctx, client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, errorsWith200)
	// Output:
	// error: GET https://api.example.com/orders: the source reports an error: missing_scope: orders.read
}

// The source uses a status in an unusual way. WithRules says what to do about such a
// response. Set When so that a rule does not apply to other responses with the same
// status: ignoring every 404 would hide a wrong URL.
func Example_responseRules() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		hasCode := func(code string) func(*transport.Response) bool {
			return func(r *transport.Response) bool { return bytes.Contains(r.Body, []byte(`"code":"`+code+`"`)) }
		}
		client, err := transport.New(baseURL,
			transport.WithRetry(retry.Policy{Attempts: 5}),
			transport.WithRules(
				transport.Rule{Status: http.StatusOK, When: hasCode("BUSY"), Do: transport.DoRepeat},
				transport.Rule{Status: http.StatusNotFound, When: hasCode("NO_SUCH_PAGE"), Do: transport.DoIgnore}, // after the last page
			))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for order, err := range transport.Records[Order](ctx, client, request, paging.PageNumber{}) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, busy())
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}
