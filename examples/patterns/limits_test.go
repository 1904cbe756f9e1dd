package patterns_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// For a source that documents how much it takes. Look at WithLimit; what the
// source says itself, by 429, Retry-After or X-RateLimit-*, is obeyed without it.
func Example_rateLimit() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		budget := ratelimit.Limit{PerMinute: 600, Burst: 10, Concurrent: 4}
		client, err := transport.New(baseURL, transport.WithLimit(budget))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		paging := paging.PageNumber{TotalPagesAt: "total_pages"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
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

// For a source that says OK and means the opposite. Look at ErrorAt: whatever is
// there fails the request and is told in the error, which wraps ErrReported.
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

// For a source whose answers mean something else than they usually do. Look at
// WithRules, and at When: a rule for each 404 would hide a URL that is wrong.
func Example_retryRule() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		says := func(code string) func(*transport.Response) bool {
			return func(r *transport.Response) bool { return bytes.Contains(r.Body, []byte(code)) }
		}
		client, err := transport.New(baseURL,
			transport.WithRetry(retry.Policy{Attempts: 5}),
			transport.WithRules(
				transport.Rule{Status: 200, When: says(`"code":"BUSY"`), Do: transport.DoRepeat},
				transport.Rule{Status: 404, When: says(`"code":"NO_SUCH_PAGE"`), Do: transport.DoIgnore}, // past the last
			))
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		paging := paging.PageNumber{}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
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
