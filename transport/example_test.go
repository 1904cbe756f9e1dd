package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// An Order is a record of the examples.
type Order struct {
	ID    int64  `json:"id"`
	Total string `json:"total"`
}

// shop is a source for the examples.
func shop(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/status":
		fmt.Fprint(w, `{"ok":true}`)
	case "/orders":
		if r.FormValue("page_token") == "" {
			fmt.Fprint(w, `{"data":[{"id":9007199254740993,"total":"19.90"}],"next":"/orders?page_token=a1"}`)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":9007199254740994,"total":"5.00"}],"next":null}`)
	default:
		http.NotFound(w, r)
	}
}

func ExampleNew() {
	client, err := transport.New("https://api.example.com/v2",
		transport.WithAuth(auth.Bearer("token")),
		transport.WithTimeout(30*time.Second),
		transport.WithRetry(retry.Policy{Attempts: 5}),
	)
	fmt.Println(client.BaseURL(), err)

	_, err = transport.New("api.example.com/v2")
	fmt.Println(err)
	// Output:
	// https://api.example.com/v2 <nil>
	// base URL: the scheme must be http or https, as in https://api.example.com
}

func ExampleGet() {
	client := clientOf(shop)

	status, err := transport.Get[struct{ OK bool }](context.Background(), client, transport.Request{Path: "/status"})
	fmt.Println(status.OK, err)
	// Output: true <nil>
}

func ExampleClient_Do() {
	client := clientOf(shop)

	resp, err := client.Do(context.Background(), transport.Request{Path: "/status"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Status, string(resp.Body))
	// Output: 200 {"ok":true}
}

func ExampleError() {
	client := clientOf(shop)

	_, err := client.Do(context.Background(), transport.Request{Path: "/nothing"})
	var failed *transport.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Method, failed.Status, failed.Configuration(), failed.Temporary())
	}
	// Output: GET 404 true false
}

func ExampleParseRetryAfter() {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println(transport.ParseRetryAfter("120", now))
	fmt.Println(transport.ParseRetryAfter("Wed, 01 May 2024 12:00:30 GMT", now))
	// Output:
	// 2m0s true
	// 30s true
}
