// Package transport reads HTTP APIs. It is the part of a connector between its
// configuration and its rows.
//
//	client, err := transport.New("https://api.example.com/v2", transport.WithAuth(auth.Bearer(token)))
//	...
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", RecordsAt: "data",
//	}, paging.NextURL{At: "next"}) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// [New] returns a [Client] for one source. A [Request] describes a request to it:
//
//   - [Client.Do] returns one response as it is
//   - [Get] returns one decoded value, [GetModified] only if it has changed
//   - [Records] returns the records of all pages
//   - [Pages] returns the pages themselves
//   - [Stream] returns the records of one response of any size, as they arrive
//   - [Report] returns the records of an asynchronous report
//
// # Packages
//
// The packages below transport can be used alone:
//
//	transport/auth        credentials, for WithAuth
//	transport/paging      ways to divide records into pages, for Records and Pages
//	transport/format      JSON, NDJSON, CSV, XML, gzip and zip, for Stream, Report and files
//	transport/value       times and numbers in text
//	transport/charset     text that is not UTF-8, for files
//	transport/timewindow  windows of time, for sources that are queried by time
//	transport/children    records that belong to other records
//	transport/retry       the policy of WithRetry, also for functions
//	transport/ratelimit   the limit of WithLimit, also for functions
//
// Except for auth and paging, they do not depend on net/http. A connector that reads a
// database or files can use them without an HTTP client in its binary.
//
// # Requests
//
// The path of a request is appended to the base URL. The credentials, headers and query
// parameters of the client are sent only to the source's own hosts, which are the host
// of the base URL and those that [WithHosts] names. A request or a redirect to another
// host carries none of them. It is an error if the URL of the next page is on another
// host, or if a request with a body is redirected to another host.
//
// A source behind a gateway that terminates TLS may write its own URLs with http. If the
// base URL has the scheme https, so do the requests for the URLs of next pages, results
// and redirects on the source's hosts. A host may be spelled in any way that RFC 5952
// (IPv6 addresses) and RFC 5891 (internationalized names) allow.
//
// A query is sent byte for byte as the source or the author of the connector wrote it.
// Only characters that end a request line are escaped, as browsers do. Parameters that
// the client adds, replaces or removes, such as those of paging or credentials, do not
// change the rest.
//
// A redirect with 301, 302, 307 or 308 repeats the request with its method and body. If
// the request is not idempotent (see [Request].Idempotent), a 301 or 302 is an error,
// because the request may have had an effect. A redirect with 303 leads to a GET (RFC
// 9110 §15.4).
//
// # Failures
//
// A request whose failure may be temporary is repeated if that is safe (see
// [WithRetry]). Reading the whole body is part of an attempt, so a request whose
// response is truncated is also repeated. Truncation is detected by the length of the
// body, by its framing, and by JSON that does not end.
//
// A client waits as long as the source asks: with Retry-After, with the headers of its
// limits ([WithoutLimitHeaders] lists them) or in the body ([Rule].Wait). Such a wait does
// not count as one of retry.Policy.Attempts, only toward retry.Policy.Elapsed. If the source
// has never responded to the client, a request is given up after 1 minute, unless
// [WithRetry] or [WithTimeout] allows more.
//
// If the request still fails, the error is an [*Error] with the request, the status, the
// number of attempts and the beginning of the response. Its methods report who can act
// on the error:
//
//	Configuration   401, 403, an unknown host, a certificate that is not valid,
//	                a proxy that refuses, a key that cannot be sent,
//	                404 or a web page before any request has succeeded
//	Temporary       a status or network failure that is repeated, after the last
//	                attempt; a stream that broke
//	neither         everything else: another status, JSON that does not fit,
//	                pages that form a loop, a canceled context
//
// The method Unreachable reports whether the source has never responded, because no
// connection could be made. The text of a network failure says in words what happened, as
// in "nothing listens at api.example.com:443", before the technical cause. If the context
// ends while a request is repeated, the error contains the last failure. It is of the kind
// of that failure if a deadline has passed, and wraps context.DeadlineExceeded. A wait that
// would end after the deadline is not started.
//
// The causes [ErrPageLoop], [ErrForeignHost], [ErrTooLarge], [ErrCut], [ErrTimeout],
// [ErrNotJSON], [ErrNoRecords], [ErrReported], [ErrJobFailed], [ErrNotModified] and
// timewindow.ErrSplit are found with errors.Is.
//
// # Conditional requests
//
// A source with ETag or Last-Modified headers can tell whether its response has changed
// since an earlier sync. With [Request].Validators, a request reads only what has
// changed, and each page of a sequence is a response of its own:
//
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", RecordsAt: "data", Validators: st.Table("orders"),
//	}, paging.NextURL{At: "next"}) {
//		...
//	}
//
// Validators are part of the position of a table. They are stored once the records of a
// response have been consumed, saved by the next checkpoint, and lost if the user resets
// the table.
//
// # Paths
//
// A path leads to a value in a JSON text. The names of fields that hold a path end in
// At. A path is written in one of these ways:
//
//   - Names joined by dots: "data.items" is the member items of the member data. A number
//     is also an index, from 0, into an array. A * is every element of an array or every
//     member of an object: "edges.*.node". If nothing is there, a dot may also be part of
//     a name: "@odata.nextLink" and "meta.next.cursor" lead to the members @odata.nextLink
//     and next.cursor. If a text has members of both kinds, the shorter names take
//     precedence: "next.cursor" is the member cursor of the member next.
//   - A JSONPath query (RFC 9535) of names, indexes and wildcards: "$.data.items",
//     "$['data']['line.items']", "$.edges[*].node", "$[0]". Anything else that RFC 9535
//     defines (descendants, filters, slices, several selectors in a bracket, indexes
//     from the end) is an error.
//   - A JSON Pointer (RFC 6901), which begins with a slash: "/data/line.items". In a
//     JSON Pointer, a * is a name.
//   - "", or "$": the whole text.
//
// A path to records leads to the array that contains them. If it has a wildcard, it leads
// to the records themselves: "data" and "data.*" mean the same if data is an array.
//
// If there is nothing at the path of the records, the error names the keys that the text
// has. Only null and an empty array mean that there are no records.
//
// If there is nothing at the path to the next page, the page may be the last one, or the
// path may be misspelled. On the first page, it is an error if the page has something else
// that leads to another page: a member with another case, spelling or parent, a member
// with a name such as next or cursor, a bool such as has_more, or a Link header. The error
// names it. Something whose meaning is not certain is logged at level WARN. The field
// Optional of the kind of paging turns off the check. [Page.CheckLast] describes it.
//
// For the path to an array that is read with [Stream] and for parameters in the body of a
// request, a dot is never part of a name. To write such a name, use a JSONPath query or a
// JSON Pointer.
//
// # Pages
//
// A sequence of pages ends where its [Paging] says so. It ends with [ErrPageLoop] if it
// makes no progress: if a request is equal to an earlier one, or if too many pages in a row
// have no new records, because the source ignores the parameter for the page or always
// leads to another page. Pages are compared by their records, so it does not matter what a
// response contains beside them, such as a time. The latest 32,768 pages are remembered by
// a hash. [MaxStalled] describes the limits and changes them. If a repeated page may be
// right, the client logs a line at level WARN, and the user of the platform receives a
// warning.
//
// # JSON
//
// A value is decoded into a T as encoding/json/v2 does, with these exceptions.
//
// The member of an object whose name is exactly that of a field is decoded into it, in
// whatever order the members are. Only if there is none, a name matches without regard to
// case. Two members whose names match a field only in this way, and whose values differ,
// are an error: give the field the exact name in its json tag. The last of several
// members with the same name counts.
//
// Numbers stay exact. An integer may be written in every notation of RFC 8259, section 6:
// 100, 100.0 and 1e2 are the same number. A number that has a fraction or is out of range
// for its field is an error that names the member. A number in an any or a map[string]any
// becomes a json.Number with the digits that the source sent. A json.RawMessage receives a
// copy of the text, checked but not reformatted.
//
// A null in a field whose type cannot hold it, such as an int64, leaves the zero value.
// Since a row would then contain 0 as if the source had sent it, the client logs a line
// at level WARN for each such field, once. The line names the member and the Go field. In
// a sync, the user of the platform receives a warning with the number of nulls. To keep
// nulls, use a pointer, such as *int64. These types also keep a null: slices, maps, any,
// json.Number, json.RawMessage, the types of database/sql, times, whose zero value a
// column delivers as null, and types that decode JSON with a method of their own, such as
// schema.Decimal, unless the method ignores a null. A null is not reported for a field
// that the row omits if it is zero (omitempty, omitzero) or that is not a column
// (schema:"-"). A null that [Get] decodes beside a list, and whose name says that it
// leads to another page, such as next or meta.next_cursor, is logged at level DEBUG. The
// cursors in the pageInfo of a GraphQL connection within a record are not reported.
//
// A record that is null is an error.
//
// # Charsets
//
// The text of a response is converted to UTF-8, for [Get], [Records], [Pages] and
// [Stream] in all formats of package format. [Client.Do] returns the body as it is, and
// so does Stream to formats of other packages. The charset is, in this order: the one of
// a byte order mark, the field Charset of format.CSV, the one of [WithCharset], the one
// that Content-Type declares (RFC 9110 §8.3.2), for XML the one of its declaration,
// otherwise UTF-8, or UTF-16 if the first characters show that. Package charset lists
// the names. Another name is an error. "binary" and "none" declare nothing.
//
// Many servers declare ISO-8859-1 for every text. If a response declares it, or
// windows-1252, or US-ASCII, and its text is valid UTF-8 with characters beyond ASCII, it
// is read as UTF-8. A stream decides by the text that has arrived with the first such
// character.
//
// A byte that is not valid in the charset is replaced with U+FFFD. The client logs a
// line at level WARN for the first one. In a sync, the user of the platform receives a
// warning with the number of bytes. To fix it, set the charset that the source uses.
//
// # Memory
//
// [Records] holds one page of up to [WithMaxBody] bytes, after decompression, plus the
// number of pages that is passed to [Prefetch] or [Parallel]. [Stream] holds one
// record of up to as many bytes, and skips text of any size around the records.
//
// # Logs
//
// The client logs each attempt at debug level, with the method, path, status, duration,
// attempt and size, and the time for the name lookup (dns), the connection (connect),
// the TLS handshake (tls) and the first byte of the response (first_byte). It logs each
// wait before another attempt at info level, with the reason. The log does not contain
// headers, bodies or queries.
//
// # Tests
//
// [NewContext] replaces the network of every client that is used with a context: by a
// handler in memory, in virtual time (testing/synctest), or by a round tripper that fails
// on purpose. [RoundTripper] does the same for other HTTP clients.
package transport
