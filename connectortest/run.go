package connectortest

import (
	"testing"

	"github.com/penstock-sdk/penstock/connector"
)

// Run proves a connector against its source: it runs the subtests that the
// package comment lists, each with a fresh copy of the connector.
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 7})
//	}
//
// The connector's fields are its configuration, with which Test and Sync have
// to succeed. The source has to stand still while Run lasts, and should be
// small, some hundred rows: it is read some hundred times. Pages should be
// smaller still, so that there are borders to die at.
func Run(t *testing.T, c connector.Connector, opts ...RunOption) {
	t.Helper()
	newSuite(c, opts).run(testingT{t})
}
