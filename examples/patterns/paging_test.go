package patterns_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// The requests count pages. TotalPagesAt is the path to the number of pages. Omit it if
// the responses do not have one. The first empty page is then the end.
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
		pages := paging.PageNumber{TotalPagesAt: "total_pages"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The requests say how many records to skip. Set Param if the parameter is not called
// offset. TotalAt is the path to the number of all records. Omit it if the responses do
// not have one. The first empty page is then the end.
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
		pages := paging.Offset{Param: "offset", TotalAt: "total"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The response has a token or cursor for the next page. At is the path to the token, and
// Param is the name of the parameter that sends it. For a POST, set InBody to send it in
// the body.
func Example_pageToken() {
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
		pages := paging.PageToken{At: "meta.next_cursor", Param: "cursor"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The response says in a bool whether the page is the last one. DoneAt is the path to it,
// and MoreAt the path to a bool with the opposite meaning. If the last page has a certain
// token instead, such as "0" or "END", set End to it. NextURL and Scroll have these fields
// too.
func Example_endFlag() {
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
		pages := paging.PageToken{At: "bookmark", Param: "bookmark", DoneAt: "end_of_stream"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
			if err != nil {
				return err
			}
			fmt.Println(order.ID, order.Total)
		}
		return nil
	}
	run(read, bookmarks)
	// Output:
	// 1 19.90
	// 2 5.00
	// 3 12.50
}

// Each request returns the records after the last one of the previous page. KeyAt is the
// path to the key of a record, by which the source must sort. MoreAt is the path to a bool
// that says whether there are more records. Omit it if the responses do not have one. The
// first empty page is then the end.
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
		pages := paging.Keyset{KeyAt: "id", Param: "starting_after", MoreAt: "has_more"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The response has the URL of the next page. At is the path to it. If a name contains a
// dot, write the path as a JSON Pointer: "/@odata.nextLink".
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
		pages := paging.NextURL{At: "links.next"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The response has the URL of the next page in a header: Link: <...>; rel="next". The body
// of such a source is often just the array of records, so RecordsAt is not set.
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
		pages := paging.LinkHeader{}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The source keeps the result of a search and returns a token for it, as Elasticsearch
// and OpenSearch do. Path is the path of the requests for the next pages. ReleaseRequest
// returns the request that frees the result at the end.
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
		pages := paging.Scroll{
			At: "_scroll_id", Path: "/_search/scroll?scroll=1m", Param: "scroll_id", InBody: true,
			ReleaseRequest: func(id string) transport.Request {
				return transport.Request{Method: "DELETE", Path: "/_search/scroll", Body: map[string]string{"scroll_id": id}}
			},
		}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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

// The source has a GraphQL API with connections. The query must select pageInfo and accept
// the cursor as a variable. RecordsAt is the path to the records, and At is the path to
// their connection.
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
		pages := paging.Relay{At: "data.shop.orders"}
		for order, err := range transport.Records[Order](ctx, client, request, pages) {
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
