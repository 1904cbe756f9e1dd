package transport_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// show is a source that prints each request with some of its headers.
func show(w http.ResponseWriter, r *http.Request) {
	line := []string{r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("X-Team")}
	fmt.Println(strings.TrimSpace(strings.Join(line, " ")))
}

// status requests /status and prints the error.
func status(client *transport.Client) {
	_, err := client.Do(context.Background(), transport.Request{Path: "/status"})
	fmt.Println(err)
}

func ExampleWithAuth() {
	status(clientOf(show, transport.WithAuth(auth.Bearer("token"))))
	// Output:
	// GET /status Bearer token
	// <nil>
}

func ExampleWithHeader() {
	status(clientOf(show, transport.WithHeader("X-Team", "a")))
	// Output:
	// GET /status  a
	// <nil>
}

func ExampleWithQuery() {
	status(clientOf(show, transport.WithQuery("api-version", "2")))
	// Output:
	// GET /status?api-version=2
	// <nil>
}

// The source serves files from a host that accepts the same credentials.
func ExampleWithHosts() {
	client := clientOf(show, transport.WithAuth(auth.Bearer("token")), transport.WithHosts("files.example.com"))
	for _, file := range []string{"https://files.example.com/1.csv", "https://elsewhere.example.com/2.csv"} {
		_, err := client.Do(context.Background(), transport.Request{Path: file})
		fmt.Println(err)
	}
	// Output:
	// GET /1.csv Bearer token
	// <nil>
	// GET /2.csv
	// <nil>
}

// The second request carries the cookie that the response to the first one has set.
func ExampleWithCookies() {
	source := func(w http.ResponseWriter, r *http.Request) {
		fmt.Printf("%s %q\n", r.URL.Path, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "node", Value: "7", Path: "/"})
	}
	client := clientOf(source, transport.WithCookies())
	status(client)
	status(client)
	// Output:
	// /status ""
	// <nil>
	// /status "node=7"
	// <nil>
}

// A request fails after a single attempt if it takes longer than 10 ms.
func ExampleWithTimeout() {
	client := clientOf(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		transport.WithTimeout(10*time.Millisecond), transport.WithRetry(retry.Policy{Attempts: 1}))
	_, err := client.Do(context.Background(), transport.Request{Path: "/status"})
	fmt.Println(errors.Is(err, transport.ErrTimeout))
	// Output: true
}

func ExampleWithMaxBody() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 2000)) },
		transport.WithMaxBody(1000))
	_, err := client.Do(context.Background(), transport.Request{Path: "/status"})
	fmt.Println(errors.Is(err, transport.ErrTooLarge))
	// Output: true
}

// The source declares no charset.
func ExampleWithCharset() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "{\"name\":\"Caf\xe9\"}")
	}, transport.WithCharset("iso-8859-1"))
	name, err := transport.Get[string](context.Background(), client, transport.Request{RecordsAt: "name"})
	fmt.Println(name, err)
	// Output: Café <nil>
}

func ExampleWithUserAgent() {
	status(clientOf(func(_ http.ResponseWriter, r *http.Request) { fmt.Println(r.UserAgent()) },
		transport.WithUserAgent("shop-connector/1.2.0")))
	// Output:
	// shop-connector/1.2.0
	// <nil>
}

// unavailable is a source that cannot serve requests at the moment.
func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func ExampleWithRetry() {
	status(clientOf(unavailable, transport.WithRetry(retry.Policy{Attempts: 3, Base: time.Millisecond}), transport.WithLogger(quiet)))
	// Output: GET https://api.example.com/status: 503 Service Unavailable (tried 3 times)
}

// A connector passes its own logger. By default, a client logs with slog.Default.
func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
			switch attr.Key {
			case slog.TimeKey, "duration", "first_byte":
				return slog.Attr{} // differ from run to run
			}
			return attr
		},
	}))
	status(clientOf(shop, transport.WithLogger(logger)))
	// Output:
	// level=DEBUG msg="http request" method=GET path=/status attempt=1 status=200 bytes=11
	// <nil>
}

// The source reports with status 200 that it is busy, and with 404 that it has no
// records.
func ExampleWithRules() {
	bodies := []string{`{"error":"busy"}`, `{"data":1}`}
	client := clientOf(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/nothing" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, bodies[0])
		bodies = bodies[1:]
	}, transport.WithRetry(retry.Policy{Base: time.Millisecond}), transport.WithRules(
		transport.Rule{Status: http.StatusNotFound, Do: transport.DoIgnore},
		transport.Rule{When: func(r *transport.Response) bool { return string(r.Body) == `{"error":"busy"}` }, Do: transport.DoRepeat},
	), transport.WithLogger(quiet))

	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{RecordsAt: "data"}))
	fmt.Println(transport.Get[int](context.Background(), client, transport.Request{Path: "/nothing"}))
	// Output:
	// 1 <nil>
	// 0 <nil>
}

// The source requires the time of each request in a header.
func ExampleOnRequest() {
	client := clientOf(func(_ http.ResponseWriter, r *http.Request) { fmt.Println(r.Header.Get("X-Timestamp")) },
		transport.OnRequest(func(r *http.Request) error {
			now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC) // time.Now()
			r.Header.Set("X-Timestamp", now.Format(time.RFC3339))
			return nil
		}))
	status(client)
	// Output:
	// 2024-05-01T12:00:00Z
	// <nil>
}

// The source announces in a header that an endpoint will be removed.
func ExampleOnResponse() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Sunset", "Wed, 01 May 2024 12:00:00 GMT")
	},
		transport.OnResponse(func(r *http.Response) error {
			if sunset := r.Header.Get("Sunset"); sunset != "" {
				fmt.Println(r.Request.URL.Path, "will be removed on", sunset)
			}
			return nil
		}))
	status(client)
	// Output:
	// /status will be removed on Wed, 01 May 2024 12:00:00 GMT
	// <nil>
}

func ExampleWithLimit() {
	status(clientOf(show, transport.WithLimit(ratelimit.Limit{PerMinute: 600, Burst: 10, Concurrent: 4})))
	// Output:
	// GET /status
	// <nil>
}

// The source allows 60 requests per minute to each endpoint.
func ExampleWithLimitKey() {
	client := clientOf(show,
		transport.WithLimit(ratelimit.Limit{PerMinute: 60}),
		transport.WithLimitKey(func(method, host, path string) string {
			endpoint, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
			return endpoint
		}))
	for _, path := range []string{"/orders/1", "/customers/1"} {
		if _, err := client.Do(context.Background(), transport.Request{Path: path}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// GET /orders/1
	// GET /customers/1
}

// Two clients share a limit.
func ExampleWithLimiter() {
	limiter, err := ratelimit.New(ratelimit.Limit{PerSecond: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	status(clientOf(show, transport.WithLimiter(limiter), transport.WithHeader("X-Team", "a")))
	status(clientOf(show, transport.WithLimiter(limiter), transport.WithHeader("X-Team", "b")))
	// Output:
	// GET /status  a
	// <nil>
	// GET /status  b
	// <nil>
}

// The source sends wrong headers: they say that no requests remain, but it accepts
// more.
func ExampleWithoutLimitHeaders() {
	client := clientOf(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", "3600")
	}, transport.WithoutLimitHeaders())
	status(client)
	status(client)
	// Output:
	// <nil>
	// <nil>
}
