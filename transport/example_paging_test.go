package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// pages is a source that has the numbers 1, 2 and 3, each on a page.
func pages(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.FormValue("page"))
	fmt.Fprintf(w, `{"data":[{"id":%d}],"total":3,"pages":3}`, max(page, 1))
}

// The next page is requested while the caller processes this one.
func ExamplePrefetch() {
	req := transport.Request{Path: "/items", RecordsAt: "data"}
	byNumber := paging.PageNumber{TotalPagesAt: "pages"}
	for record, err := range transport.Records[map[string]any](context.Background(), api(pages), req, transport.Prefetch(byNumber, 1)) {
		fmt.Println(record["id"], err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

// Four pages are requested at a time. The records arrive in order.
func ExampleParallel() {
	req := transport.Request{Path: "/items", RecordsAt: "data"}
	byNumber := paging.PageNumber{TotalPagesAt: "pages"}
	for record, err := range transport.Records[map[string]any](context.Background(), api(pages), req, transport.Parallel(byNumber, 4)) {
		fmt.Println(record["id"], err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

func ExamplePageRecords() {
	for page, err := range transport.Pages(context.Background(), api(pages), transport.Request{RecordsAt: "data"}, nil) {
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
