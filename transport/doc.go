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
//   - [Get] returns one decoded value
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
// # Failures
//
// A request whose failure may be temporary is repeated if that is safe (see
// [WithRetry]). Reading the whole body is part of an attempt, so a request whose
// response is truncated is also repeated. Truncation is detected by the length of the
// body, by its framing, and by JSON that does not end.
//
// If the request still fails, the error is an [*Error] with the request, the status, the
// number of attempts and the beginning of the response. Its methods report who can act
// on the error:
//
//	Configuration   401, 403, an unknown host, a certificate that is not valid,
//	                404 or a web page before any request has succeeded
//	Temporary       a status or network failure that is repeated, after the last
//	                attempt; a stream that broke
//	neither         everything else: another status, JSON that does not fit,
//	                pages that form a loop, a canceled context
//
// The causes [ErrPageLoop], [ErrForeignHost], [ErrTooLarge], [ErrCut], [ErrTimeout],
// [ErrNotJSON], [ErrNoRecords], [ErrReported], [ErrJobFailed] and timewindow.ErrSplit are
// found with errors.Is.
//
// # Paths
//
// A path leads to a value in a JSON text. The names of fields that hold a path end in
// At. A path is written in one of these ways:
//
//   - Names joined by dots: "data.items" is the member items of the member data. A number
//     is also an index, from 0, into an array. A * is every element of an array or every
//     member of an object: "edges.*.node".
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
// has. Only null and an empty array mean that there are no records. For the path to the
// next page, nothing at the path means that there is no next page.
//
// # JSON
//
// A value is decoded into a T as encoding/json/v2 does, with these exceptions. Names
// match struct fields without regard to case. The last of several members with the same
// name counts. Numbers stay exact: an int64 is exact or an error, and a number in an
// any or a map[string]any becomes a json.Number with the digits that the source sent. A
// json.RawMessage receives a copy of the text, checked but not reformatted.
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
// leads to another page, such as next or meta.next_cursor, is logged at level DEBUG.
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
// record.
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
