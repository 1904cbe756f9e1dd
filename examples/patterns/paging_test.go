package patterns_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// For a source that counts its pages. Look at TotalPages; where the source
// doesn't say how many there are, leave it out, and an empty page is the end.
func Example_pageNumber() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", Query: url.Values{"per_page": {"2"}}, RecordsAt: "data"}
		paging := paging.PageNumber{TotalPagesAt: "total_pages"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, numbered)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a source that is told how many records to leave out. Look at Param, for a
// name other than offset, and at Total, without which an empty page is the end.
func Example_offset() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", Query: url.Values{"limit": {"2"}}, RecordsAt: "data"}
		paging := paging.Offset{Param: "offset", TotalAt: "total"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, offset)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a source whose answer holds a token for the next page. Look at At, where
// the token is, and Param, where it goes; for a POST, InBody puts it in the body.
func Example_cursor() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		paging := paging.PageToken{At: "meta.next_cursor", Param: "cursor"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, cursor)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a source that is asked for what comes after the last record. Look at Field,
// the key that it sorts by; without More an empty page is the end.
func Example_keyset() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", Query: url.Values{"limit": {"2"}}, RecordsAt: "data"}
		paging := paging.Keyset{KeyAt: "id", Param: "starting_after", MoreAt: "has_more"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, keyset)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a source whose answer holds the URL of the next page. Look at At, which may
// be a JSON Pointer where a name has a dot in it: "/@odata.nextLink".
func Example_nextURL() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		paging := paging.NextURL{At: "links.next"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, nextURL)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a source that sends a header "Link: <...>; rel="next"". Look at Records,
// which is left out here because the body is nothing but the array of records.
func Example_linkHeader() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{Path: "/orders", Query: url.Values{"per_page": {"2"}}}
		paging := paging.LinkHeader{}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, linkHeader)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For a search whose result the source holds ready under a token. Look at Path,
// where the next pages are, and Release, which frees the result at the end.
func Example_scrollToken() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.Request{
			Method: "POST", Path: "/orders/_search?scroll=1m", Body: map[string]int{"size": 2},
			RecordsAt: "hits.hits.*._source", Idempotent: true, // a POST that only reads
		}
		paging := paging.Scroll{
			At: "_scroll_id", Path: "/_search/scroll?scroll=1m", Param: "scroll_id", InBody: true,
			ReleaseRequest: func(id string) transport.Request {
				return transport.Request{Method: "DELETE", Path: "/_search/scroll", Body: map[string]string{"scroll_id": id}}
			},
		}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, scroll())
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// For GraphQL. Look at the query, which must take the cursor as a variable and
// select pageInfo, and at the two paths: to the records and to the connection.
func Example_graphQL() {
	type Order struct {
		ID    int64  `json:"id"`
		Total string `json:"total"`
	}
	read := func(ctx context.Context, baseURL string) error {
		client, err := transport.New(baseURL)
		if err != nil {
			return err
		}
		request := transport.GraphQL("/graphql", `query($first: Int!, $after: String) {
			shop { orders(first: $first, after: $after) {
				nodes { id total }
				pageInfo { hasNextPage endCursor }
			} }
		}`, map[string]any{"first": 2})
		request.RecordsAt = "data.shop.orders.nodes"
		paging := paging.Relay{At: "data.shop.orders"}
		for order, err := range transport.Records[Order](ctx, client, request, paging) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, graphQL)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}
