package main

import (
	"net/http"
	"testing"

	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestConnector(t *testing.T) {
	c := &Connector{APIKey: "key-0123456789", BaseURL: "http://shop.test", PageSize: 7}
	connectortest.Run(t, c, connectortest.Source(func() http.Handler {
		return shop.New(shop.Config{APIKey: "key-0123456789", Customers: 20, Orders: 60, Faults: 0.2})
	}))
}
