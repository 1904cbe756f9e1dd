package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
)

// numbers is an API that gives the numbers 1, 2 and 3 on a page each, and knows
// several ways to ask for the next.
func numbers(w http.ResponseWriter, r *http.Request) {
	at := 0
	for _, param := range []string{"offset", "cursor", "since_id"} {
		if v := r.URL.Query().Get(param); v != "" {
			_, _ = fmt.Sscan(v, &at)
		}
	}
	if r.URL.Path == "/pages" {
		at = number(r, "page") - 1
	}
	if at >= 3 {
		fmt.Fprint(w, `{"data":[],"total":3,"pages":3}`)
		return
	}
	next := fmt.Sprintf("%q", fmt.Sprint(at+1))
	if at == 2 {
		next = "null"
	} else {
		w.Header().Set("Link", fmt.Sprintf(`</items?cursor=%d>; rel="next"`, at+1))
	}
	fmt.Fprintf(w, `{"data":[{"id":%d}],"total":3,"pages":3,"next":%s}`, at+1, next)
}

func printRecords(req transport.Request, paging transport.Paging) {
	req.Records = "data"
	for record, err := range transport.Records[map[string]any](context.Background(), api(numbers), req, paging) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(record["id"], " ")
	}
}

func ExampleOffset() {
	printRecords(transport.Request{Path: "/items", Query: url.Values{"limit": {"100"}}}, transport.Offset{Total: "total"})
	// Output: 1 2 3
}

func ExampleCursor() {
	printRecords(transport.Request{Path: "/items"}, transport.Cursor{At: "next", Param: "cursor"})
	// Output: 1 2 3
}

func ExampleKeyset() {
	printRecords(transport.Request{Path: "/items"}, transport.Keyset{Field: "id", Param: "since_id"})
	// Output: 1 2 3
}

func ExampleNextURL() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			fmt.Fprint(w, `{"items":["a"],"links":{"next":"?page=b"}}`)
			return
		}
		fmt.Fprint(w, `{"items":["b"],"links":{}}`)
	})
	for item, err := range transport.Records[string](context.Background(), client, transport.Request{Records: "items"}, transport.NextURL{At: "links.next"}) {
		fmt.Println(item, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

func ExampleLinkHeader() {
	printRecords(transport.Request{Path: "/items"}, transport.LinkHeader{})
	// Output: 1 2 3
}

func ExampleParseLinks() {
	for _, link := range transport.ParseLinks([]string{`</orders?page=2>; rel="next", </orders?page=9>; rel="last"`}) {
		fmt.Println(link.Rel, link.URL)
	}
	// Output:
	// [next] /orders?page=2
	// [last] /orders?page=9
}

// The next page is asked for while the caller works on this one.
func ExamplePrefetch() {
	printRecords(transport.Request{Path: "/items"}, transport.Prefetch(transport.Cursor{At: "next", Param: "cursor"}, 1))
	// Output: 1 2 3
}

// Four pages at a time, in order.
func ExampleParallel() {
	printRecords(transport.Request{Path: "/pages"}, transport.Parallel(transport.PageNumber{TotalPages: "pages"}, 4))
	// Output: 1 2 3
}

func ExampleSinglePage() {
	printRecords(transport.Request{Path: "/items"}, transport.SinglePage{})
	// Output: 1
}

// A search that is read by a scroll token, which is let go of at the end.
func ExampleScroll() {
	pages := []string{`{"hits":[1,2],"scroll":"s1"}`, `{"hits":[3],"scroll":"s1"}`, `{"hits":[],"scroll":"s1"}`}
	client := api(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			fmt.Println("released", r.URL.Path)
			return
		}
		fmt.Fprint(w, pages[0])
		pages = pages[1:]
	})
	for hit, err := range transport.Records[int](context.Background(), client, transport.Request{
		Method: "POST", Path: "/search", Body: map[string]any{"size": 2}, Records: "hits", Idempotent: true,
	}, transport.Scroll{
		At: "scroll", Path: "/search/scroll", Param: "scroll_id", InBody: true,
		Release: func(token string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/search/scroll/" + token}
		},
	}) {
		fmt.Println(hit, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
	// released /search/scroll/s1
}

// A search whose body asks for the page.
func ExampleCursor_inBody() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Page struct{ Cursor string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Page.Cursor == "" {
			fmt.Fprint(w, `{"data":["a"],"cursor":"c1"}`)
			return
		}
		fmt.Fprint(w, `{"data":["b"],"cursor":null}`)
	})
	for v, err := range transport.Records[string](context.Background(), client, transport.Request{
		Method: "POST", Path: "/search", Body: map[string]any{"query": "x"}, Records: "data", Idempotent: true,
	}, transport.Cursor{At: "cursor", Param: "page.cursor", InBody: true}) {
		fmt.Println(v, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

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
	req.Records = "data.orders.nodes"
	for order, err := range transport.Records[Order](context.Background(), client, req, transport.Relay{At: "data.orders"}) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

func ExamplePageRecords() {
	for page, err := range transport.Pages(context.Background(), api(numbers), transport.Request{Records: "data"}, nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		total, _ := page.Text("total")
		for record, err := range transport.PageRecords[map[string]any](page) {
			fmt.Println(record["id"], "of", total, err)
		}
	}
	// Output: 1 of 3 <nil>
}
