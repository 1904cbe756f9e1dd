package fakeapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

// The third request of a path fails, and the fourth one succeeds.
func ExampleFailOn() {
	api := fakeapi.New(nil, fakeapi.Collection("/orders", []string{"a", "b"}),
		fakeapi.FailOn("/orders", 3, fakeapi.Status(503).RetryAfter(time.Second)))
	srv := httptest.NewServer(api)
	defer srv.Close()
	for range 4 {
		show(srv.URL + "/orders")
	}
	// Output:
	// 200 ["a","b"]
	// 200 ["a","b"]
	// 503 {"error":"injected fault: service unavailable"}
	// 200 ["a","b"]
}

// A proxy responds instead of the API.
func ExampleRespondWith() {
	proxy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<h1>Please log in</h1>")
	})
	api := fakeapi.New(nil, fakeapi.Collection("/orders", []string{"a"}),
		fakeapi.FailOn("/orders", 1, fakeapi.RespondWith(proxy)))
	srv := httptest.NewServer(api)
	defer srv.Close()
	show(srv.URL + "/orders")
	// Output: 200 <h1>Please log in</h1>
}

func ExampleForbiddenUntilReset() {
	api := fakeapi.New(nil, fakeapi.Object("/ping", "pong"),
		fakeapi.RateLimit(1, time.Hour, fakeapi.ForbiddenUntilReset()))
	srv := httptest.NewServer(api)
	defer srv.Close()
	show(srv.URL + "/ping")
	show(srv.URL + "/ping")
	// Output:
	// 200 "pong"
	// 403 {"error":"too many requests: the limit is 1 in 1h0m0s"}
}
