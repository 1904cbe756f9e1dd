package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
)

type Order struct {
	ID    int64  `json:"id"`
	Total string `json:"total"`
}

// source is a small API for the examples.
func source() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"ok":true}`) })
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("page_token") == "" {
			fmt.Fprint(w, `{"data":[{"id":9007199254740993,"total":"19.90"}],"next":"/orders?page_token=a1"}`)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":9007199254740994,"total":"5.00"}],"next":null}`)
	})
	mux.HandleFunc("GET /customers", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"data":[{"id":%s}],"total_pages":2}`, r.FormValue("page"))
	})
	return httptest.NewServer(mux)
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
	srv := source()
	defer srv.Close()
	client, _ := transport.New(srv.URL)

	answer, err := transport.Get[struct{ OK bool }](context.Background(), client, transport.Request{Path: "/ping"})
	fmt.Println(answer.OK, err)
	// Output: true <nil>
}

func ExampleClient_Do() {
	srv := source()
	defer srv.Close()
	client, _ := transport.New(srv.URL)

	resp, err := client.Do(context.Background(), transport.Request{Path: "/ping"})
	fmt.Println(resp.Status, string(resp.Body), err)
	// Output: 200 {"ok":true} <nil>
}

func ExampleRecords() {
	srv := source()
	defer srv.Close()
	client, _ := transport.New(srv.URL, transport.WithAuth(auth.Bearer("token")))

	for order, err := range transport.Records[Order](context.Background(), client, transport.Request{
		Path: "/orders", Query: url.Values{"updated_since": {"2024-05-01T00:00:00Z"}}, RecordsAt: "data",
	}, paging.NextURL{At: "next"}) {
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
	srv := source()
	defer srv.Close()
	client, _ := transport.New(srv.URL)

	for page, err := range transport.Pages(context.Background(), client, transport.Request{
		Path: "/orders", RecordsAt: "data",
	}, paging.NextURL{At: "next"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		next, _ := page.Text("next")
		fmt.Printf("page %d: %d records, next %q\n", page.Number, page.Len(), next)
	}
	// Output:
	// page 1: 1 records, next "/orders?page_token=a1"
	// page 2: 1 records, next ""
}

func ExampleError() {
	srv := source()
	defer srv.Close()
	client, _ := transport.New(srv.URL)

	_, err := client.Do(context.Background(), transport.Request{Path: "/nothing"})
	var failed *transport.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Method, failed.Status, failed.Configuration(), failed.Temporary())
	}
	// Output: GET 404 true false
}

// A test runs a connector, which makes its client itself, without a network.
func ExampleNewContext() {
	ctx := transport.NewContext(context.Background(), memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"host":%q}`, r.Host)
	})})

	client, _ := transport.New("https://api.example.com")
	answer, err := transport.Get[map[string]any](ctx, client, transport.Request{})
	fmt.Println(answer["host"], err)
	// Output: api.example.com <nil>
}

// A vendor's library gets a client of net/http that tests can send elsewhere.
func ExampleRoundTripper() {
	library := &http.Client{Transport: transport.RoundTripper(nil)}

	ctx := transport.NewContext(context.Background(), memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello from ", r.Host)
	})})
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/", nil)
	resp, err := library.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	fmt.Println(string(text), err)
	// Output: hello from api.example.com <nil>
}

func ExampleParseRetryAfter() {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println(transport.ParseRetryAfter("120", now))
	fmt.Println(transport.ParseRetryAfter("Wed, 01 May 2024 12:00:30 GMT", now))
	// Output:
	// 2m0s true
	// 30s true
}
