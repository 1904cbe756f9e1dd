package main

import (
	"testing"

	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestConnector(t *testing.T) {
	_, c := newShop(t, shop.Config{Customers: 20, Orders: 60})
	connectortest.Run(t, c)
}
