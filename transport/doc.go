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
//	transport/paging      the ways in which sources divide records into pages
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
// # Defaults
//
// Without options, these limits apply:
//
//   - 8 attempts of a request within 15 minutes ([WithRetry])
//   - 1 minute for an attempt ([WithTimeout])
//   - 1 minute until the first response of a source ([WithRetry])
//   - the rate of requests that the source allows in its headers ([WithLimit],
//     [WithoutLimitHeaders])
//   - 24 MiB for a response, decompressed, or for one record of a stream ([WithMaxBody]);
//     the section Limits lists the other sizes
//   - any number of connections ([WithConnections])
//   - 10 redirects of a request
//   - 0, 50 or 500 pages in a row without a new record, depending on the paging and on the
//     records ([MaxStalled])
//   - 6 hours for an asynchronous report ([Job].Timeout)
//   - 128 validators of conditional requests in a table ([Request].Validators)
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
// base URL has the scheme https, the client requests the URLs of next pages, results and
// redirects on the source's own hosts with https. Hosts are compared as IPv6 addresses (RFC
// 5952) and internationalized names (RFC 5891), so their spelling does not matter.
//
// A query that is part of a URL or of [Request].Path is sent byte for byte. Only the
// characters that a URL must not contain, such as spaces and quotation marks, are escaped,
// as browsers do. When the client adds, replaces or removes a parameter, such as that of a
// page or a credential, the rest of the query stays the same.
//
// After a redirect with 301, 302, 307 or 308, the client sends the request with its method
// and body to the new URL. If the request is not idempotent (see [Request].Idempotent), a
// 301 or 302 is an error, because the request may have had an effect. After a 303, the
// client sends a GET (RFC 9110 §15.4).
//
// # Failures
//
// A request whose failure may be temporary is repeated if that is safe (see
// [WithRetry]). Reading the whole body is part of an attempt, so a request whose
// response is truncated is also repeated. Truncation is detected by the length of the
// body, by its framing, and by JSON that does not end.
//
// If the source asks for a wait, the client waits that long. The source can ask with
// Retry-After, with its rate-limit headers ([WithoutLimitHeaders] lists them) or in the body
// ([Rule].Wait). Such a wait counts toward retry.Policy.Elapsed, but the attempt before it
// does not count toward retry.Policy.Attempts. If the source has never responded to the
// client, a request fails after 1 minute, unless [WithRetry] or [WithTimeout] allows more.
//
// If the request still fails, the error is an [*Error] with the request, the status, the
// number of attempts and the beginning of the response. Its methods report who can act
// on the error:
//
//	Configuration   the user must fix the configuration: 401, 403, an unknown host,
//	                a certificate that is not valid, a proxy that refuses the
//	                request, a key that cannot be sent; before any request has
//	                succeeded also a 404 or a web page instead of JSON
//	Temporary       a later sync may succeed: the last attempt failed with a status
//	                or a network failure that is repeated, or a stream broke
//	neither         the connector or the source must be fixed: another status,
//	                JSON that does not fit, pages that form a loop. A canceled
//	                context is also neither.
//
// The method Unreachable reports whether the source has never responded, because no
// connection could be made. The text of a network failure begins with what happened, such
// as "nothing listens at api.example.com:443", followed by the technical cause.
//
// If the deadline of the context passes while a request is repeated, the error is of the
// kind of the last failure, and wraps both that failure and context.DeadlineExceeded. If
// the context is canceled, the text of the error contains the last failure. A wait that
// would end after the deadline is not started.
//
// errors.Is finds these causes:
//
//   - [ErrPageLoop]: the pages make no progress
//   - [ErrForeignHost]: a URL is not on one of the source's own hosts
//   - [ErrTooLarge]: a response or a record exceeds its limit
//   - [ErrCut]: a response is truncated
//   - [ErrTimeout]: an attempt or a job took too long
//   - [ErrNotJSON]: a response is not JSON, such as a web page
//   - [ErrNoRecords]: nothing is at the path of the records
//   - [ErrReported]: the source reports an error at [Request].ErrorAt
//   - [ErrJobFailed]: an asynchronous report failed at the source
//   - [ErrNotModified]: the response to a condition in the request's own headers was 304
//   - [timewindow.ErrSplit]: a rule with [DoSplit] applies to the response
//
// errors.As finds a [*retry.GaveUpError] if the next wait would have ended too late.
//
// # Paths
//
// A path leads to a value in a JSON text. The names of fields that hold a path end in
// At. A path is written in one of these ways:
//
//   - Names joined by dots: "data.items" is the member items of the member data. A number
//     is also an index into an array, counted from 0. A * is every element of an array or
//     every member of an object: "edges.*.node". A dot may also be part of a name:
//     "@odata.nextLink" leads to the member @odata.nextLink, and "meta.next.cursor" to the
//     member next.cursor of meta. If the text has members for both readings, the shorter
//     names take precedence: "next.cursor" is then the member cursor of the member next.
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
// If nothing is at the path of the records, the error ([ErrNoRecords]) names the keys that
// the text has. Only null and an empty array mean that there are no records.
//
// In the path to an array that is read with [Stream], and in the path of a parameter in the
// body of a request, a dot is never part of a name. To write such a name, use a JSONPath
// query or a JSON Pointer.
//
// # Pages
//
// The [Paging] of a sequence determines its last page. The documentation of package paging
// has a table of the rules.
//
// If nothing is at the path to the next page, the page may be the last one, or the path
// may be misspelled. On the first page, it is an error if something else on the page leads
// to another one: a member whose name or parent differs a little from the path, a member
// with a name such as next or cursor, a bool such as has_more, or a Link header. The error
// names it. If the meaning is uncertain, the client logs a line at level WARN, and the user
// of the platform receives a warning. To turn off the check, set the field Optional of the
// kind of paging. [Page.CheckLast] describes the check.
//
// A sequence that makes no progress ends with [ErrPageLoop]: a request is equal to an
// earlier one, or too many pages in a row have no new records, because the source ignores
// the parameter for the page or always leads to another page. Pages are compared by their
// records alone, so other members of a response, such as a time, do not matter. At least
// the latest 32,768 pages are remembered, each as a hash. If a repeated page may be right,
// the client logs a line at level WARN, and the user of the platform receives a warning.
// [MaxStalled] describes the limits and changes them.
//
// # Conditional requests
//
// A source that sends ETag or Last-Modified headers can say whether a response has changed
// since an earlier sync. With [Request].Validators, a response that has not changed is not
// read again. In a sequence of pages, this applies to each page separately:
//
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", RecordsAt: "data", Validators: st.Table("orders"),
//	}, paging.NextURL{At: "next"}) {
//		...
//	}
//
// Validators are part of the position of a table. A validator is stored once the records
// of its response have been consumed, and the next checkpoint saves it. If the user resets
// the table, its validators are deleted.
//
// # JSON
//
// A value is decoded into a T as encoding/json/v2 does, with these exceptions.
//
// A field is decoded from the member that has exactly its name, in any order of the
// members. If there is none, a name that differs only in case matches. If two members match
// a field only without regard to case, and their values differ, that is an error: write the
// exact name in the field's json tag. If several members have the same name, the last one
// counts.
//
// Numbers stay exact, except in a float. An integer may be written in every notation of
// RFC 8259, section 6: 100, 100.0 and 1e2 are the same number. A number that has a fraction
// or is out of range for its field is an error that names the member. A number in an any or
// a map[string]any becomes a json.Number with the digits that the source sent. A
// json.RawMessage receives a copy of the text, checked but not reformatted.
//
// A float64 keeps all digits of a number that has at most 15, and a float32 of one that has
// at most 6. Of a longer number, such as 12345678901234562.89, it may keep fewer: the row
// then contains 12345678901234562. The client therefore logs a line at level WARN, once for
// each field of such a type, with the names of the member and of the Go field. In a sync,
// the user of the platform receives a warning with the number of such values. Digits are
// not lost if the float is written as the source wrote the number, apart from zeros at the
// end and an exponent, or if the source has written a fraction such as 0.1 with the 17
// digits that some libraries use (9 for a float32). To keep all digits, use schema.Decimal:
// amounts of money are never a float64.
//
// If the type of a field, such as int64, cannot hold a null, a null leaves the zero value.
// The row would then contain 0 as if the source had sent it. The client therefore logs a
// line at level WARN, once for each such field, with the names of the member and of the Go
// field. In a sync, the user of the platform receives a warning with the number of nulls.
// To keep nulls, use a pointer, such as *int64. These types also keep a null: slices, maps, any,
// json.Number, json.RawMessage, the types of database/sql, times, whose zero value a
// column delivers as null, and types that decode JSON with a method of their own, such as
// schema.Decimal, unless the method ignores a null. A null is not reported for a field
// that the row omits if it is zero (omitempty, omitzero) or that is not a column
// (schema:"-"). [Get] also decodes responses with a list: a null beside the list, in a
// member that leads to another page by its name, such as next or meta.next_cursor, is
// logged at level DEBUG only. So is a null cursor in the pageInfo of a GraphQL connection,
// also within a record.
//
// A record that is itself null is an error.
//
// # Charsets
//
// The text of a response is converted to UTF-8, for [Get], [Records], [Pages] and
// [Stream] in all formats of package format. [Client.Do] returns the body as it is, and
// Stream passes it as it is to formats of other packages. The first of these determines the
// charset:
//
//  1. a byte order mark in the text
//  2. the field Charset of format.CSV
//  3. [WithCharset]
//  4. the charset in Content-Type (RFC 9110 §8.3.2)
//  5. for XML, the encoding in its declaration
//  6. the first characters of the text, if they show that it is UTF-16
//  7. UTF-8
//
// Package charset lists the names of charsets. Any other name is an error, except that
// "binary" and "none" declare nothing.
//
// Many servers declare ISO-8859-1 for every text. If Content-Type declares it, or
// windows-1252, or US-ASCII, but the text is valid UTF-8 with characters beyond ASCII, the
// text is read as UTF-8. A stream decides this from the text that has arrived with the
// first such character. Text that is declared as UTF-16 without a byte order mark is read
// as UTF-8 if its first 64 bytes are valid UTF-8 without a zero.
//
// A byte that is not valid in the charset is replaced with U+FFFD. The client logs a line
// at level WARN for the first such byte. In a sync, the user of the platform
// receives a warning with the number of bytes. To read the text correctly, set the charset
// that the source uses. A warning is also sent if a response declares another charset, but
// its text is valid UTF-8 with characters beyond ASCII.
//
// A text that ends within a character is truncated ([ErrCut]), unless other bytes of it
// are not valid in the charset either.
//
// # Limits
//
// [Records] holds one page of up to [WithMaxBody] bytes, after decompression, plus the
// number of pages that is passed to [Prefetch] or [Parallel]. [Stream] holds one
// record of up to as many bytes, and skips text of any size around the records.
//
// A response takes at most about four times WithMaxBody of memory, even if the source is
// hostile. A process that reads one response at a time with the default needs less than
// 128 MiB. A response that exceeds one of these limits is an error that wraps
// [ErrTooLarge], names the limit and says what to do. A request is not repeated after it. The
// values of a record are those that are decoded: text in a json.RawMessage, and members that no
// field reads, do not count as values. An object in them still has the limit of members. A
// struct that a pointer points to counts like an element of a list.
//
//	the body of a response, or a record      WithMaxBody; the default is 24 MiB
//	of a stream, decompressed and in UTF-8
//	records of a page                        one for each 24 bytes of WithMaxBody (1,048,576
//	                                         with the default), but at least 65,536
//	values of a record in lists, maps        twice WithMaxBody, where a value in an any or a
//	and anys; members of an object           map, and a member, counts as 128 bytes (393,216
//	                                         with the default), but at least 8 MiB
//	digits of a number in a big.Int          131,072
//	headers of a response                    256 KiB
//	codings of a body (Content-Encoding)     8
//	text that is itself compressed           4 times its compressed size, but at least 512 KiB
//	a URL, or an ID or a status of a job     64 KiB
//	the token or key of a page               1 MiB in the body of a request, 64 KiB in a URL
//	results of a job                         10,000
//
// Package format lists the limits of CSV, XML, gzip and zip. [WithCookies] and
// [Request].Validators state theirs. Of the body of a failed request, only the first 64 KiB
// are read, and of Link headers, the first 1,000 links.
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
