package connectortest

import (
	"testing"

	"github.com/penstock-sdk/penstock/connector"
)

// Run tests a connector against its source. It runs the subtests that the package
// documentation lists, each with new copies of the connector.
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, &Connector{APIKey: "key-0123456789", BaseURL: srv.URL, PageSize: 7})
//	}
//
// The connector's fields are its configuration. Test and Sync must succeed with
// it. c must be a pointer to a struct. The source must not change during Run. It
// should be small, a few hundred rows, because Run reads it a few hundred times.
// Pages should be smaller still, so that syncs can be interrupted between them.
//
// A failed subtest reports, in this order, what happened, the sentence of the
// contract that is broken ("contract:"), and how to fix it ("to fix it:").
func Run(t *testing.T, c connector.Connector, opts ...Option) {
	t.Helper()
	newSuite(c, opts).run(testingT{t})
}
