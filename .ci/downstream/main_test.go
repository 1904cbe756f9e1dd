package main

import (
	"testing"

	"github.com/penstock-sdk/penstock/connectortest"
)

func TestConnector(t *testing.T) { connectortest.Run(t, &Connector{Count: 30}) }
