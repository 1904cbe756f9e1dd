// Package fakeapi serves rows as a REST API, for the tests of a connector. It
// imitates the real API's paging, filters, credentials, rate limit, latency and
// faults.
//
// An [API] is an [net/http.Handler]. Serve it with [net/http/httptest.NewServer],
// or in memory with connectortest.Source. This test checks that a second sync
// does not read everything again:
//
//	func TestOrders(t *testing.T) {
//		orders := []Order{
//			{ID: 1, UpdatedAt: "2026-03-01T00:00:00Z"},
//			{ID: 2, UpdatedAt: "2026-03-02T00:00:00Z"},
//		}
//		api := fakeapi.New(t,
//			fakeapi.Collection("/v1/orders", orders,
//				fakeapi.PageSize(1),
//				fakeapi.ByToken("page_token", "next_page_token"),
//				fakeapi.Since("updated_after", "updated_at"),
//				fakeapi.Under("data")),
//			fakeapi.Bearer("key-0123456789"),
//			fakeapi.RateLimit(10, time.Second),
//			fakeapi.Faults(0.2, 1))
//		srv := httptest.NewServer(api)
//		defer srv.Close()
//
//		c := &Connector{APIKey: "key-0123456789", BaseURL: srv.URL}
//		first := connectortest.Sync(t, c)
//		api.Set("/v1/orders", append(orders, Order{ID: 3, UpdatedAt: "2026-03-03T00:00:00Z"}))
//		second := connectortest.Sync(t, c, connectortest.From(first.State))
//		assert.Len(t, second.Rows("orders"), 2) // order 2, which Since includes, and order 3
//		assert.Equal(t, "/v1/orders", api.Requests()[0].Path)
//	}
//
// # Rows
//
// Numbers keep all their digits. No number passes through a float.
//
// # Requests
//
// An API handles a request in this order: [Latency], credentials, [RateLimit],
// [Faults], path, parameters. It rejects every mistake of the connector with one
// of the following statuses and a body {"error":"..."} that describes the
// mistake:
//
//   - 400 for an unknown, repeated or invalid parameter, for a page token that
//     is forged or belongs to another list, and for a page size above the maximum
//   - 401 for missing or wrong credentials
//   - 404 for an unknown path; the message lists the paths
//   - 405 for a method that the path does not support
//   - 413 for a body of more than one megabyte
//   - 429 for a request above the rate limit
//
// # Time
//
// An API starts no goroutines. In a [testing/synctest] bubble, its latency and
// its rate limit use virtual time.
package fakeapi
