// Package transport reads HTTP APIs: it is what a connector does between its
// configuration and its rows. Credentials, retries, rate limits, paging and
// decoding are values that are put together, and each is usable alone.
//
//	client, err := transport.New("https://api.example.com/v2", transport.WithAuth(transport.Bearer(token)))
//	...
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", Records: "data",
//	}, transport.NextURL{At: "next"}) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// [New] makes a [Client] for one source. A [Request] says what to ask.
//
//	Client.Do   one raw answer
//	Get         one decoded value
//	Records     all records of all pages
//	Pages       the pages themselves
//	Stream      the records of one answer of any size, as they arrive
//	Report      the records of a report that the source makes in its own time
//	Decode      the records of a file
//
// # What there is
//
// Credentials, for [WithAuth]: [Bearer], [HeaderKey], [QueryKey], [Basic],
// [OAuth2] (client credentials, refresh token), [JWTBearer], [Session] (log in,
// reuse, log in again), [Sign] (HMAC and the like), [AuthFunc], and [FirstOf] to
// pick one by configuration.
//
// Pages, for [Records]: [PageNumber], [Offset], [Cursor], [NextURL],
// [LinkHeader], [Keyset], [Scroll], [Relay] with [GraphQL], [PagingFunc] for
// everything else. Where a page is asked for in the request's body, set InBody.
// [Prefetch] reads ahead, [Parallel] reads several pages at a time.
//
// Formats, for [Stream], [Report] and [Decode]: [JSON], [NDJSON], [CSV], [XML],
// and [Gzip] and [Zip] around them.
//
// Slices: [Windows] of time, with [EachWindow], which cuts a window in halves
// where the source refuses it as too much; [Families] and [Children] for what
// hangs on a list or on other records.
//
// Limits: [Limit], as [WithLimit] or shared by [WithLimiter]; a client obeys the
// limits that a source tells in its headers without being asked. [Retry] says how
// often, and [Rule] changes what is done about single answers.
//
// Values: [ParseTime], [Time] and [ParseNumber] read what APIs really send.
//
// # Requests
//
// A request's path is put after the base URL. What a client adds (credentials,
// headers, query parameters) goes to the source's own hosts only: the base
// URL's, and those that [WithHosts] names. A request, a redirect or a next page
// that leads elsewhere carries none of it. Such a next page is refused
// altogether, and so is a redirect of a request with a body.
//
// # Failures
//
// A request is repeated as [Retry] says: where it may have failed by accident,
// and repeating is safe. The arrival of the whole body is part of a try, so
// that a body that breaks off is asked for again; that is noticed by its
// length, by its framing, and by JSON that does not end.
//
// What remains is an [*Error], which says what was asked, what came back, how
// often it was tried, and how the answer began. Its methods tell what can be
// done about it:
//
//	Configuration   401, 403; an unknown host; a certificate that is not valid;
//	                404 or a web page before anything ever succeeded
//	Temporary       a status or a network failure that is repeated, after the
//	                last try; a stream that broke off
//	neither         everything else: another status, JSON that is not as
//	                expected, pages in a circle, a cancelled context
//
// The sentinels ([ErrPageLoop], [ErrForeignHost], [ErrTooLarge], [ErrCut],
// [ErrTimeout], [ErrNotJSON], [ErrNoRecords], [ErrReported], [ErrSplit],
// [ErrJobFailed]) are found with errors.Is.
//
// # Paths
//
// A path leads to a value in a JSON text. It is one of:
//
//   - names joined by dots: "data.items" is the member items of the member
//     data. A number is an index, from 0, in an array. A * is every element of
//     an array, or every member of an object: "edges.*.node". A "$." in front
//     is allowed.
//   - a JSON Pointer (RFC 6901), which begins with a slash, for names that hold
//     a dot: "/data/line.items". In it a * is just a name.
//   - "", the whole text.
//
// Where a path says where records are, it leads to the array that holds them,
// or, if there is a * in it, to the records themselves: "data" and "data.*"
// mean the same where data is an array.
//
// A path that leads nowhere is an error that names the keys that are there.
// Only null, or an empty array, means no records.
//
// # JSON
//
// A value becomes a T as encoding/json/v2 decodes it, but for this: names match
// struct fields without regard to case; the last of several members with the
// same name counts; and numbers stay exact. An int64 is exact or an error.
// Where a number has no type to go to, in a map[string]any or an any, it becomes
// a json.Number with the digits that the source wrote. A json.RawMessage
// receives a copy of the source's text, checked but not reformatted.
//
// A body that is not UTF-8 is read with the replacement character (U+FFFD) for
// each broken one. A byte order mark is skipped. A record that is null is an
// error.
//
// # Memory
//
// [Records] holds one page at a time, of at most [WithMaxBody] bytes after
// decompression, and as many more as [Prefetch] or [Parallel] are told to.
// [Stream] and [Decode] hold one record, [Zip] a temporary file. [Children] holds
// what it was told to read at a time, and [Families] all children of so many
// parents.
//
// # Logs
//
// Each try is a line at debug level, with method, path, status, duration,
// attempt and bytes; each wait before another try is one at info level, with its
// reason; why paging stopped is one at debug level. No line holds a header, a
// body or a query.
//
// # Tests
//
// [NewContext] lets a test replace the network of every client that is used
// with a context: by a handler in memory, in virtual time (testing/synctest), or
// by a round tripper that fails on purpose. [RoundTripper] does so for the clients
// of other libraries.
package transport
