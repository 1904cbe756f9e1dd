package fakeapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

func ExampleExport() {
	orders := []map[string]any{{"id": 1, "total": "19.90"}, {"id": 2, "total": "5.00"}}
	api := fakeapi.New(nil, fakeapi.Export("/exports", orders, fakeapi.AsCSV("id", "total"), fakeapi.GzipFile(),
		fakeapi.DoneAfterPolls(1, 1)))
	srv := httptest.NewServer(api)
	defer srv.Close()

	client, err := transport.New(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	job := transport.Job{
		Create: transport.Request{Method: http.MethodPost, Path: "/exports"}, IDAt: "id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: "/exports/" + id} },
		StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed", "expired"}, ResultURLAt: "url",
		Interval: time.Millisecond,
	}
	for row, err := range transport.Report[map[string]string](context.Background(), client, job, format.Gzip(format.CSV{})) {
		fmt.Println(row, err)
	}
	for _, r := range api.Requests() {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	// Output:
	// map[id:1 total:19.90] <nil>
	// map[id:2 total:5.00] <nil>
	// POST /exports 202
	// GET /exports/1 200
	// GET /exports/1 200
	// GET /exports/1 200
	// GET /exports/1/result 200
}

func ExampleFailJobs() {
	api := fakeapi.New(nil, fakeapi.Export("/exports", []int{1}, fakeapi.FailJobs("out of memory", 1), fakeapi.DoneAfterPolls(0, 0)))
	srv := httptest.NewServer(api)
	defer srv.Close()
	for range 2 {
		resp, err := http.Post(srv.URL+"/exports", "application/json", nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		showRelative(srv.URL, resp.Header.Get("Location"))
	}
	// Output:
	// 200 {"id":"1","status":"failed","url":null,"error":"out of memory"}
	// 200 {"id":"2","status":"done","url":"https://api.example.com/exports/2/result","error":null}
}

// showRelative prints a response with the URL of its server replaced.
func showRelative(server, address string) {
	fmt.Println(strings.ReplaceAll(shown(address), server, "https://api.example.com"))
}
