// Package connectortest runs connectors in tests, in process: it captures what
// a connector delivers, without a platform and without the protocol.
//
//	func TestOrders(t *testing.T) {
//		c := &Connector{APIKey: "k", BaseURL: srv.URL, PageSize: 2}
//		first := connectortest.Sync(t, c)
//		orders := connectortest.Rows[Order](t, first, "orders")
//		assert.Len(t, orders, 5)
//
//		second := connectortest.Sync(t, c, connectortest.From(first.State))
//		assert.Empty(t, second.Rows("customers"))
//	}
//
// The connector is taken as it is, its fields being the configuration; each
// sync works on a copy. Every checkpoint is captured, however short the time
// since the last one, and the log goes to the test's output.
package connectortest
