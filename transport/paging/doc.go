// Package paging implements the ways in which sources divide their records into pages.
// Pass one of them to transport.Records:
//
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", RecordsAt: "data",
//	}, paging.NextURL{At: "next"}) {
//		...
//	}
//
// To choose a kind, look at two successive requests and at a response in the
// documentation of the source:
//
//   - [NextURL]: the response has a URL of the next page
//   - [LinkHeader]: the response has a Link header with rel="next"
//   - [PageToken]: the response has a token for the next page
//   - [PageNumber]: the requests count pages: page=1, page=2
//   - [Offset]: the requests count records: offset=0, offset=100
//   - [Keyset]: the requests name the last record: since_id=1042
//   - [Scroll]: the source keeps the position: a scroll or job id
//   - [Relay]: GraphQL with pageInfo
//   - [Func]: anything else
//   - nil: all records are in one response
//   - [SinglePage]: only the first page is wanted
//
// In the fields of all kinds, the name of a path into a response ends in At, and the name
// of a parameter of a request ends in Param. The documentation of package transport
// defines paths. If InBody is set, a parameter is a path in the JSON body of the request
// instead of a name in its query.
//
// A page that repeats the records of an earlier one is an error for [PageNumber] and
// [Offset], and is tolerated for a while for the other kinds, as are pages without records.
// transport.MaxStalled changes the limits. For a function, the method Repeated of the page
// reports whether it has the records of the page before.
//
// transport.Prefetch and transport.Parallel read pages ahead or several at a time. All
// values of this package are safe for concurrent use.
package paging
