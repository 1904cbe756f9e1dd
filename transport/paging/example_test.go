package paging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// numbers is a source with the records 1, 2 and 3 on a page each. It supports several
// ways to request the next page.
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

// printRecords prints the ids of the records of numbers.
func printRecords(req transport.Request, paging transport.Paging) {
	req.RecordsAt = "data"
	for record, err := range transport.Records[map[string]any](context.Background(), transporttest.Client(numbers), req, paging) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(record["id"], " ")
	}
}

func ExampleOffset() {
	printRecords(transport.Request{Path: "/items", Query: url.Values{"limit": {"100"}}}, paging.Offset{TotalAt: "total"})
	// Output: 1 2 3
}

func ExamplePageToken() {
	printRecords(transport.Request{Path: "/items"}, paging.PageToken{At: "next", Param: "cursor"})
	// Output: 1 2 3
}

func ExampleKeyset() {
	printRecords(transport.Request{Path: "/items"}, paging.Keyset{KeyAt: "id", Param: "since_id"})
	// Output: 1 2 3
}

func ExampleNextURL() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			fmt.Fprint(w, `{"items":["a"],"links":{"next":"?page=b"}}`)
			return
		}
		fmt.Fprint(w, `{"items":["b"],"links":{}}`)
	})
	for item, err := range transport.Records[string](context.Background(), client, transport.Request{RecordsAt: "items"}, paging.NextURL{At: "links.next"}) {
		fmt.Println(item, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

func ExampleLinkHeader() {
	printRecords(transport.Request{Path: "/items"}, paging.LinkHeader{})
	// Output: 1 2 3
}

func ExampleParseLinks() {
	for _, link := range paging.ParseLinks([]string{`</orders?page=2>; rel="next", </orders?page=9>; rel="last"`}) {
		fmt.Println(link.Rel, link.URL)
	}
	// Output:
	// [next] /orders?page=2
	// [last] /orders?page=9
}

func ExampleSinglePage() {
	printRecords(transport.Request{Path: "/items"}, paging.SinglePage{})
	// Output: 1
}

// The scroll is released after the last page.
func ExampleScroll() {
	pages := []string{`{"hits":[1,2],"scroll":"s1"}`, `{"hits":[3],"scroll":"s1"}`, `{"hits":[],"scroll":"s1"}`}
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			fmt.Println("released", r.URL.Path)
			return
		}
		fmt.Fprint(w, pages[0])
		pages = pages[1:]
	})
	for hit, err := range transport.Records[int](context.Background(), client, transport.Request{
		Method: "POST", Path: "/search", Body: map[string]any{"size": 2}, RecordsAt: "hits", Idempotent: true,
	}, paging.Scroll{
		At: "scroll", Path: "/search/scroll", Param: "scroll_id", InBody: true,
		ReleaseRequest: func(token string) transport.Request {
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

// The last page has a token too. A bool, or the value of the token, says that it is the last
// page.
func ExamplePageToken_end() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("cursor") == "" {
			fmt.Fprint(w, `{"data":["a"],"cursor":"b1","is_last":false}`)
			return
		}
		fmt.Fprint(w, `{"data":["b"],"cursor":"END","is_last":true}`)
	})
	for _, pages := range []transport.Paging{
		paging.PageToken{At: "cursor", Param: "cursor", DoneAt: "is_last"},
		paging.PageToken{At: "cursor", Param: "cursor", End: "END"},
	} {
		for v, err := range transport.Records[string](context.Background(), client, transport.Request{RecordsAt: "data"}, pages) {
			fmt.Println(v, err)
		}
	}
	// Output:
	// a <nil>
	// b <nil>
	// a <nil>
	// b <nil>
}

// The list has one page, whose member next means something else. Without Optional, that
// would be an error, because At may be misspelled.
func ExampleNextURL_optional() {
	client := transporttest.Client(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":["a"],"links":{"self":"/items"},"next":"/events/7"}`)
	})
	pages := paging.NextURL{At: "links.next", Optional: true}
	for v, err := range transport.Records[string](context.Background(), client, transport.Request{RecordsAt: "data"}, pages) {
		fmt.Println(v, err)
	}
	// Output: a <nil>
}

// The token is a member of the body of a POST.
func ExamplePageToken_inBody() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Page struct{ Cursor string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Page.Cursor == "" {
			fmt.Fprint(w, `{"data":["a"],"cursor":"c1"}`)
			return
		}
		fmt.Fprint(w, `{"data":["b"],"cursor":null}`)
	})
	for v, err := range transport.Records[string](context.Background(), client, transport.Request{
		Method: "POST", Path: "/search", Body: map[string]any{"query": "x"}, RecordsAt: "data", Idempotent: true,
	}, paging.PageToken{At: "cursor", Param: "page.cursor", InBody: true}) {
		fmt.Println(v, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

func ExamplePageNumber() {
	printRecords(transport.Request{Path: "/pages", Query: url.Values{"per_page": {"100"}}}, paging.PageNumber{TotalPagesAt: "pages"})
	// Output: 1 2 3
}

// The source names the next page in a custom header.
func ExampleFunc() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			w.Header().Set("X-Next", "/b")
		}
		fmt.Fprintf(w, `[{"path":%q}]`, r.URL.Path)
	})

	paging := paging.Func(func(page *transport.Page) (transport.Request, string, error) {
		next := page.Header.Get("X-Next")
		if next == "" {
			return transport.Request{}, "no X-Next header", nil
		}
		req, err := page.Follow(next)
		return req, "", err
	})
	for record, err := range transport.Records[map[string]string](context.Background(), client, transport.Request{Path: "/a"}, paging) {
		fmt.Println(record["path"], err)
	}
	// Output:
	// /a <nil>
	// /b <nil>
}

// The records of a connection are at its nodes. The query selects pageInfo and accepts
// the cursor as the variable after.
func ExampleRelay() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Variables struct{ After string } }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if body.Variables.After == "" {
			fmt.Fprint(w, `{"data":{"orders":{"nodes":[{"id":1}],"pageInfo":{"hasNextPage":true,"endCursor":"c1"}}}}`)
			return
		}
		fmt.Fprint(w, `{"data":{"orders":{"nodes":[{"id":2}],"pageInfo":{"hasNextPage":false,"endCursor":"c2"}}}}`)
	})
	request := transport.GraphQL("/graphql", `query($after: String) {
		orders(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
	}`, nil)
	request.RecordsAt = "data.orders.nodes"
	for order, err := range transport.Records[map[string]any](context.Background(), client, request, paging.Relay{At: "data.orders"}) {
		fmt.Println(order["id"], err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

// The path to the token is misspelled. The error after the first page says so.
func ExamplePageToken_misspelled() {
	client := transporttest.Client(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[{"id":1}],"meta":{"next_cursor":"a1"}}`)
	})
	pages := paging.PageToken{At: "meta.nextCursor", Param: "cursor"}
	for record, err := range transport.Records[map[string]any](context.Background(), client, transport.Request{Path: "/orders", RecordsAt: "data"}, pages) {
		fmt.Println(record["id"], err)
	}
	// Output:
	// 1 <nil>
	// <nil> GET https://api.example.com/orders: the page has nothing at meta.nextCursor, but the member meta.next_cursor says that there is another page: use paging.PageToken{At: "meta.next_cursor", …}; if there is none, set Optional
}
