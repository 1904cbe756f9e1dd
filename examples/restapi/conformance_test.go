package main

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// A fifth of the requests fail. Time is virtual, so the connector's waits before
// retries take no real time.
func TestConnector(t *testing.T) {
	t.Parallel()
	c := &Connector{APIKey: "key-0123456789", BaseURL: "http://shop.test", PageSize: 7}
	connectortest.Run(t, c,
		connectortest.Source(func() http.Handler {
			return shop.New(shop.Config{APIKey: "key-0123456789", Customers: 20, Orders: 60, Faults: 0.2})
		}),
		connectortest.Contract("testdata/contract.json", &Connector{PageSize: 500}))
}

// The size of TestBinary. For a longer test:
//
//	go test . -restarts 40 -orders 10000
var (
	restarts = flag.Int("restarts", 5, "how many times the rules Resume and Kill restart the program")
	orders   = flag.Int("orders", 500, "how many orders the source has")
)

func TestBinary(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(shop.New(shop.Config{APIKey: "key-0123456789", Customers: 20, Orders: *orders}))
	t.Cleanup(srv.Close)
	connectortest.RunBinary(t, program(t), fmt.Appendf(nil, `{"api_key":"key-0123456789","base_url":%q,"page_size":"50"}`, srv.URL), connectortest.Restarts(*restarts))
}
