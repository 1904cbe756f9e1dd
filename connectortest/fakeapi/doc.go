// Package fakeapi serves rows as a REST API, for the tests of a connector. It
// imitates the real API's paging, filters, formats, credentials, rate limit, latency
// and faults.
//
// An [API] is a [net/http.Handler]. Serve it with [net/http/httptest.NewServer],
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
// # Overview
//
// These options add paths:
//
//   - [Collection] serves a list. It pages in one of six ways ([ByToken], [ByPage],
//     [ByOffset], [ByLink], [ByNextURL], [ByKey]), filters ([Since], [Equal]), and has
//     the format JSON, [AsCSV] or [AsNDJSON], optionally as a [GzipFile].
//   - [Object] serves a single value.
//   - [Export] serves asynchronous jobs: a client creates a job, polls it and downloads
//     its result. Jobs can fail ([FailJobs]) and expire ([ExpireResults]).
//   - [GraphQL] serves connections ([Connection]) for queries in a documented form,
//     optionally with a budget ([QueryCost]).
//   - [OAuth] serves tokens to a client, with refresh tokens that are replaced on each
//     use.
//
// These options apply to all paths:
//
//   - [Bearer], [Basic], [Header] and [Query] require fixed credentials, and [OAuth]
//     access tokens that expire.
//   - [RateLimit] limits requests, with status 429 or 403.
//   - [Faults] makes requests fail at random, and [FailOn] exactly the nth request of a
//     path: with a status, a timeout, a broken connection, a truncated body, or a
//     handler of the test.
//   - [Latency] delays responses.
//   - [Compress] compresses them, if the client accepts it.
//   - [IgnoreParameters] accepts unknown parameters.
//
// [API.Set] replaces rows, and [API.Requests] returns what the API has received.
// [API.RevokeAccessTokens] and similar methods control the tokens of OAuth.
//
// # Rows
//
// Numbers keep all their digits. No number passes through a float.
//
// # Requests
//
// An API handles a request in this order: [FailOn], [Latency], credentials,
// [RateLimit], [Faults], path, parameters. It rejects every mistake of the connector
// with one of the following statuses and a body {"error":"..."} that describes the
// mistake:
//
//   - 400 for an unknown, repeated or invalid parameter, for a page token that
//     is forged or belongs to another list, for a page size above the maximum, and for
//     an If-None-Match header that is not a list of ETags
//   - 401 for missing or wrong credentials
//   - 404 for an unknown path; the message lists the paths
//   - 405 for a method that the path does not support
//   - 413 for a body of more than one megabyte
//   - 429 or 403 for a request above the rate limit
//
// [Export], [GraphQL] and [OAuth] document further ones. The errors of GraphQL and
// OAuth have the form of their specifications.
//
// # Conditional requests
//
// A response to a GET or HEAD request of a [Collection], an [Object] or the result of
// an [Export] has a strong ETag (RFC 9110 §8.8.3), which changes if its body or its
// Link header does. If the header If-None-Match (§13.1.2) has that ETag, a weak form of
// it or *, the response has status 304 and no body.
//
// Unless a function returns the content, the response also has a Last-Modified date:
// when [API.Set] changed the content, or one second before [New]. Without an
// If-None-Match, the header If-Modified-Since (§13.1.3) also leads to status 304. Dates
// have a resolution of one second. So that a client can miss no change, a second change
// within the same second has the date of the next second, and the content has no date
// until then.
//
// # Time
//
// An API starts no goroutines. In a [testing/synctest] bubble, its latency, rate
// limit, tokens, jobs and dates use virtual time.
package fakeapi
