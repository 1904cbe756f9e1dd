// Package fakeapi is a REST API for the tests of a connector: rows in, and out
// the paging, the credentials, the limits, the latency and the faults of the
// real one.
//
//	func TestOrders(t *testing.T) {
//		api := fakeapi.New(t,
//			fakeapi.Collection("/v1/orders", orders,
//				fakeapi.PageSize(7),
//				fakeapi.ByToken("page_token", "next_page_token"),
//				fakeapi.Since("updated_since", "updated_at"),
//				fakeapi.Under("data")),
//			fakeapi.Bearer("key-0123456789"),
//			fakeapi.RateLimit(10, time.Second),
//			fakeapi.Faults(0.2, 1))
//		srv := httptest.NewServer(api)
//		defer srv.Close()
//
//		c := &Connector{APIKey: "key-0123456789", BaseURL: srv.URL}
//		first := connectortest.Sync(t, c)
//		api.Set("/v1/orders", append(orders, newer))
//		second := connectortest.Sync(t, c, connectortest.From(first.State))
//		assert.Len(t, second.Rows("orders"), 1)
//		assert.Equal(t, "/v1/orders", api.Requests()[0].Path)
//	}
//
// An [API] is an [net/http.Handler], to be served by [net/http/httptest.NewServer]
// or in memory by connectortest.Source. It has no goroutines, and in a
// testing/synctest bubble all of its time is virtual.
//
// Rows come out with the digits that went in: no number passes through a float.
//
// It is strict. What a connector gets wrong is answered with a status and a body
// {"error":"..."} that says what: 400 for a parameter that is unknown, given
// twice or no good, for a page token that is made up or of another list, for a
// page that is larger than the maximum; 401 for credentials; 404 for a path, with
// those that there are; 405 for a method; 429 for too many requests.
//
// A request passes, in this order: [Latency], credentials, [RateLimit],
// [Faults], and only then its path and parameters.
package fakeapi
