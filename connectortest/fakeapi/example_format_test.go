package fakeapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

func ExampleAsCSV() {
	orders := []map[string]any{
		{"id": 1, "note": `12" pizza, large`, "customer": map[string]any{"city": "Bern"}},
		{"id": 2, "note": nil},
	}
	api := fakeapi.New(nil, fakeapi.Collection("/orders.csv", orders, fakeapi.AsCSV("id", "note", "customer.city")))
	srv := httptest.NewServer(api)
	defer srv.Close()
	fmt.Println(strings.ReplaceAll(shown(srv.URL+"/orders.csv"), "\r\n", "\n"))
	// Output:
	// 200 id,note,customer.city
	// 1,"12"" pizza, large",Bern
	// 2,,
}

func ExampleAsNDJSON() {
	api := fakeapi.New(nil, fakeapi.Collection("/orders", []map[string]int{{"id": 1}, {"id": 2}}, fakeapi.AsNDJSON()))
	srv := httptest.NewServer(api)
	defer srv.Close()
	show(srv.URL + "/orders")
	// Output:
	// 200 {"id":1}
	// {"id":2}
}

// A content coding belongs to the transfer, and a gzip file is content.
func ExampleCompress() {
	api := fakeapi.New(nil, fakeapi.Compress(),
		fakeapi.Collection("/orders", []int{1, 2}),
		fakeapi.Collection("/orders.gz", []int{1, 2}, fakeapi.GzipFile()))
	for _, path := range []string{"/orders", "/orders.gz"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Printf("%s, coding %q\n", w.Header().Get("Content-Type"), w.Header().Get("Content-Encoding"))
	}
	// Output:
	// application/json, coding "gzip"
	// application/gzip, coding ""
}

// A client that has seen the rows asks whether they have changed.
func Example_conditionalRequests() {
	api := fakeapi.New(nil, fakeapi.Collection("/orders", []int{1, 2}))
	ask := func(tag string) string {
		r := httptest.NewRequest(http.MethodGet, "/orders", nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body.Len(), "bytes")
		return w.Header().Get("ETag")
	}
	tag := ask("")
	ask(tag)
	api.Set("/orders", []int{1, 2, 3})
	ask(tag)
	// Output:
	// 200 5 bytes
	// 304 0 bytes
	// 200 7 bytes
}
