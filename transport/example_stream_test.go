package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

// The export may be of any size. One record is in memory at a time.
func ExampleStream() {
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "id,total\n1,19.90\n2,5.00\n")
	})
	for order, err := range transport.Stream[Order](context.Background(), client, transport.Request{Path: "/export"}, format.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// 2 5.00 <nil>
}

// newReports returns a source whose report is done after one poll.
func newReports() http.HandlerFunc {
	statuses := []string{"queued", "done"}
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /reports":
			fmt.Fprint(w, `{"id":"r1"}`)
		case "GET /reports/r1":
			fmt.Fprintf(w, `{"status":%q,"file":"/files/r1.csv"}`, statuses[0])
			statuses = statuses[1:]
		case "GET /files/r1.csv":
			fmt.Fprint(w, "id,total\n1,19.90\n")
		case "DELETE /reports/r1":
			fmt.Println("deleted")
		}
	}
}

// The source creates the report in the background.
func ExampleReport() {
	client := clientOf(newReports())

	path := func(id string) string { return "/reports/" + url.PathEscape(id) }
	job := transport.Job{
		Create:      transport.Request{Method: "POST", Path: "/reports"},
		IDAt:        "id",
		Poll:        func(id string) transport.Request { return transport.Request{Path: path(id)} },
		StatusAt:    "status",
		Done:        []string{"done"},
		Failed:      []string{"failed"},
		ResultURLAt: "file",
		Delete:      func(id string) transport.Request { return transport.Request{Method: "DELETE", Path: path(id)} },
		Interval:    time.Millisecond, // for this example; the default is 1 second
	}
	for order, err := range transport.Report[Order](context.Background(), client, job, format.CSV{}) {
		fmt.Println(order.ID, order.Total, err)
	}
	// Output:
	// 1 19.90 <nil>
	// deleted
}

// The result is not streamed.
func ExampleJob_Run() {
	client := clientOf(newReports())

	job := transport.Job{
		Create:      transport.Request{Method: "POST", Path: "/reports"},
		IDAt:        "id",
		Poll:        func(id string) transport.Request { return transport.Request{Path: "/reports/" + url.PathEscape(id)} },
		StatusAt:    "status",
		Done:        []string{"done"},
		ResultURLAt: "file",
		Interval:    time.Millisecond, // for this example; the default is 1 second
	}
	request, err := job.Run(context.Background(), client)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.Do(context.Background(), request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", resp.Body)
	// Output: "id,total\n1,19.90\n"
}

// A failed report is temporary or the user's to fix, depending on the source's reason.
func ExampleJob_onFailure() {
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"id":"7","status":"FAILED","failure":{"code":"QUERY_TIMEOUT","text":"the query took too long"}}`)
	})

	job := transport.Job{
		Create:   transport.Request{Method: "POST", Path: "/reports"},
		IDAt:     "id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: "/reports/" + id} },
		StatusAt: "status",
		Running:  []string{"queued", "running"}, // any other status is an error at once
		Done:     []string{"done"},
		Failed:   []string{"failed", "canceled"},
		ReasonAt: "failure.code",
		OnFailure: func(_, reason string) transport.Action {
			switch reason {
			case "QUERY_TIMEOUT":
				return transport.DoRepeat
			case "UNKNOWN_FIELD":
				return transport.DoBlame
			}
			return transport.DoFail
		},
		ResultURLAt: "file",
		Interval:    1,
	}
	_, err := job.Run(context.Background(), client)
	var failed *transport.Error
	fmt.Println(err)
	fmt.Println(errors.Is(err, transport.ErrJobFailed), errors.As(err, &failed) && failed.Temporary())
	// Output:
	// GET https://api.example.com/reports/7: the source reports that the job failed: status FAILED: QUERY_TIMEOUT
	// true true
}
