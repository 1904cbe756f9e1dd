package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func ExampleRecords() {
	client := clientOf(shop)

	request := transport.Request{
		Path: "/orders", Query: url.Values{"updated_since": {"2024-05-01T00:00:00Z"}}, RecordsAt: "data",
	}
	for order, err := range transport.Records[Order](context.Background(), client, request, paging.NextURL{At: "next"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(order.ID, order.Total)
	}
	// Output:
	// 9007199254740993 19.90
	// 9007199254740994 5.00
}

func ExamplePages() {
	client := clientOf(shop)

	request := transport.Request{Path: "/orders", RecordsAt: "data"}
	for page, err := range transport.Pages(context.Background(), client, request, paging.NextURL{At: "next"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("page %d has %d record\n", page.Number, page.Len())
	}
	// Output:
	// page 1 has 1 record
	// page 2 has 1 record
}

// numberedPages is a source with the records 1, 2 and 3, each on a page.
func numberedPages(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.FormValue("page"))
	fmt.Fprintf(w, `{"data":[{"id":%d}],"total":3,"pages":3}`, max(page, 1))
}

// Each page has the number of all records beside its own records.
func ExamplePageRecords() {
	client := clientOf(numberedPages)

	request := transport.Request{Path: "/orders", RecordsAt: "data"}
	for page, err := range transport.Pages(context.Background(), client, request, nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		total, err := page.Text("total")
		if err != nil {
			fmt.Println(err)
			return
		}
		for order, err := range transport.PageRecords[Order](page) {
			fmt.Println(order.ID, "of", total, err)
		}
	}
	// Output: 1 of 3 <nil>
}

// The response has totals beside the records.
func ExamplePage_Find() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[],"totals":{"orders":3,"items":9}}`)
	})
	for page, err := range transport.Pages(context.Background(), client, transport.Request{RecordsAt: "data"}, nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		totals, found, err := page.Find("totals")
		fmt.Println(string(totals), found, err)
	}
	// Output: {"orders":3,"items":9} true <nil>
}

// The next page is requested while the loop processes the records of this one.
func ExamplePrefetch() {
	client := clientOf(numberedPages)

	request := transport.Request{Path: "/orders", RecordsAt: "data"}
	ahead := transport.Prefetch(paging.PageNumber{TotalPagesAt: "pages"}, 1)
	for order, err := range transport.Records[Order](context.Background(), client, request, ahead) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

// Four pages are requested at a time. The records arrive in order.
func ExampleParallel() {
	client := clientOf(numberedPages)

	request := transport.Request{Path: "/orders", RecordsAt: "data"}
	parallel := transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 4)
	for order, err := range transport.Records[Order](context.Background(), client, request, parallel) {
		fmt.Println(order.ID, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

// The records of the source have no identity, so two pages may be equal.
func ExampleMaxStalled() {
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		if page, _ := strconv.Atoi(r.FormValue("page")); page > 2 {
			fmt.Fprint(w, `{"data":[]}`)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":7}]}`)
	})

	pages := transport.MaxStalled(paging.PageNumber{}, 1)
	for order, err := range transport.Records[Order](context.Background(), client, transport.Request{Path: "/orders", RecordsAt: "data"}, pages) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(order.ID)
	}
	// Output:
	// 7
	// 7
}

// A Paging of your own checks that the last page is one, before it stops.
func ExamplePage_CheckLast() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data":[{"id":1}],"paging":{"nextPage":"a1"}}`)
	})

	pages := paging.Func(func(page *transport.Page) (transport.Request, string, error) {
		const at = "paging.next_page" // misspelled
		token, err := page.Text(at)
		if err != nil {
			return transport.Request{}, "", err
		}
		if token == "" {
			return transport.Request{}, "there is no next page", page.CheckLast(at)
		}
		next, err := page.Request.WithParam("page", false, token)
		return next, "", err
	})
	for order, err := range transport.Records[Order](context.Background(), client, transport.Request{Path: "/orders", RecordsAt: "data"}, pages) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(order.ID)
	}
	// Output:
	// 1
	// GET https://api.example.com/orders: the page has nothing at paging.next_page, but the member paging.nextPage says that there is another page: use paging.PageToken{At: "paging.nextPage", …}; if there is none, set Optional
}

// A Paging of your own sets the parameter of the next request.
func ExampleRequest_WithParam() {
	request := transport.Request{Path: "/orders"}
	inQuery, err := request.WithParam("page", false, 2)
	fmt.Println(inQuery.Query.Encode(), err)
	inBody, err := request.WithParam("paging.cursor", true, "a1")
	fmt.Println(inBody.Body, err)
	// Output:
	// page=2 <nil>
	// map[paging:map[cursor:a1]] <nil>
}
