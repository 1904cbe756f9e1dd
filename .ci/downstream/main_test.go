package main

import (
	"testing"

	"github.com/penstock-sdk/penstock/connectortest"
)

func TestConnector(t *testing.T) {
	if rows := connectortest.Sync(t, &Connector{Count: 3}).Rows("rows"); len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
}
