package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

// An export of any size, one record in memory at a time.
func ExampleStream() {
	client := api(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "id,total\n1,19.90\n2,5.00\n")
	})
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export"}, format.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// 2 5.00 <nil>
}

// A report that the source makes in its own time.
func ExampleReport() {
	status := []string{"queued", "done"}
	client := api(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /reports":
			fmt.Fprint(w, `{"id":"r1"}`)
		case "GET /reports/r1":
			fmt.Fprintf(w, `{"status":%q,"file":"/files/r1.csv"}`, status[0])
			status = status[1:]
		case "GET /files/r1.csv":
			fmt.Fprint(w, "id,total\n1,19.90\n")
		case "DELETE /reports/r1":
			fmt.Println("deleted")
		}
	})
	report := func(id string) string { return "/reports/" + url.PathEscape(id) }
	for order, err := range transport.Report[Order](context.Background(), client, transport.Job{
		Create: transport.Request{Method: "POST", Path: "/reports"}, IDAt: "id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: report(id)} },
		StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURLAt: "file",
		Delete:   func(id string) transport.Request { return transport.Request{Method: "DELETE", Path: report(id)} },
		Interval: time.Millisecond,
	}, format.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// deleted
}
