// Package fakerest serves the rows of a test as a REST API: with the paging, the
// credentials and the limits of the real one, and with its faults.
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, &Connector{APIKey: "key-0123456789", BaseURL: "http://shop.test"},
//			connectortest.Source(func() http.Handler {
//				return fakerest.New(t,
//					fakerest.Rows("/v1/orders", orders,
//						fakerest.ByToken("page_token", "next_page_token"), fakerest.PageSize(7, ""),
//						fakerest.Since("updated_since", "updated_at"), fakerest.Under("data")),
//					fakerest.Bearer("key-0123456789"),
//					fakerest.RateLimit(10, time.Second),
//					fakerest.Faults(0.2, 1))
//			}))
//	}
//
// An [API] is an [http.Handler]: in memory by connectortest.Source and
// connectortest.Against, or on loopback by httptest.NewServer. [API.Set] changes
// its rows between two syncs, and [API.Requests] tells what it was asked.
//
// It is strict, so that a connector's mistakes are found: a parameter that it
// does not know, a page token of another list or a number that is none is
// answered with 400 and a sentence that says so.
package fakerest
