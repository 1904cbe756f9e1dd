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
// # The last page
//
// Each kind recognizes the last page in this way:
//
//	NextURL      its URL is null, absent, "", false, {} or [], or equals End
//	LinkHeader   it has no link with rel="next"
//	PageToken    its token is null, absent, "", false, {} or [], or equals End
//	PageNumber   it has no records; with SizeParam, it is not full;
//	             with TotalPagesAt, the number of pages is reached
//	Offset       it has no records; with SizeParam, it is not full;
//	             with TotalAt, the number of records is reached
//	Keyset       it has no records, or only those with the key in the request
//	Scroll       it has no records, or its token equals End
//	Relay        hasNextPage is false
//	Func         the function says so
//	SinglePage   the first page is the last
//
// NextURL, PageToken, PageNumber, Offset, Keyset and Scroll also have the fields MoreAt and
// DoneAt, for a bool such as has_more or is_last. If one of them is set, the bool must be in each page, and
// it decides: false in MoreAt and true in DoneAt end the sequence, and a page that
// announces another one but does not lead to it is an error.
//
// If neither is set, but a bool on the last page says that there is another one, that is an
// error for NextURL, LinkHeader and PageToken, unless Optional is set. For PageNumber, Offset,
// Keyset and Scroll, the client logs a line at level WARN, and the user of the platform
// receives a warning.
//
// The field Optional declares that the source may leave out what a first page would
// otherwise need: a pointer to the next page although something else on the page leads to
// one, the first token of a scroll, or the bools of MoreAt and DoneAt.
//
// A page that repeats the records of an earlier one is an error for [PageNumber] and
// [Offset]. With [Scroll], a page that repeats the records of the page before is an error,
// and with [Keyset], such a page is an error or the last one. The other kinds tolerate a
// number of repeated pages. All kinds tolerate a number of pages without records that lead
// to another page. transport.MaxStalled describes these limits and changes them. In a
// function, the method Repeated of the page reports whether it has the records of the page
// before.
//
// # Several pages at a time
//
// transport.Prefetch and transport.Parallel read pages ahead or several at a time. All
// values of this package are safe for concurrent use.
package paging
