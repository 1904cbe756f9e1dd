package transport

import (
	"net/http"
	"net/url"
	"time"
)

// A Request describes a request to a source. The zero Request is a GET of the base
// URL. A Request is a value: the functions of this package do not change the maps that
// it holds, and it can be used any number of times.
type Request struct {
	// Method is the HTTP method. Optional; the default is GET.
	Method string

	// Path is appended to the base URL: "/orders", with or without the leading slash,
	// requests https://host/v2/orders under the base "https://host/v2". It may have a
	// query, to which Query is added. The query is sent byte for byte, except that
	// spaces, quotation marks, angle brackets and characters that are not in ASCII are
	// escaped. Use url.PathEscape for parts that come from data: a fragment, or a
	// percent sign before the query that does not begin an escape, is an error. So is a
	// user name or a password in a URL.
	//
	// Path may also be an absolute URL. If its host is not one of the source's own (see
	// [WithHosts]), the request carries none of the client's credentials and headers. If
	// its host is the source's own, and the base URL has the scheme https, the request
	// also has https. Optional; the default is the base URL itself.
	Path string

	// Query holds the query parameters. Optional.
	Query url.Values

	// Header holds the headers of this request. They replace headers of the client
	// with the same name. They are not sent on a redirect to a host that is neither
	// the request's own nor one of the source's. Optional.
	Header http.Header

	// Body is the body: bytes ([]byte, json.RawMessage) and strings are sent as they
	// are, url.Values as a form, and everything else as JSON. The Content-Type follows
	// from it, unless Header sets one. Optional; the default is no body.
	Body any

	// RecordsAt is the path to the records in a JSON response: "data", "data.items",
	// "edges.*.node". An empty path is the body itself. (The package documentation
	// defines paths.) [Records] decodes each element of the array at the path, and
	// [Get] the value at the path. Optional.
	RecordsAt string

	// ErrorAt is the path to an error that the source reports with a successful
	// status, such as "errors" or "error.message". A value there other than null,
	// false, 0, "", [] and {} fails the request with [ErrReported]. To repeat such a
	// request, or to distinguish errors, use a [Rule]. Optional.
	ErrorAt string

	// Idempotent declares that the request may be repeated even if it may have reached
	// the source. Set it for a POST that only reads, such as a search. After a redirect
	// with 301 or 302, it is then sent to the new URL, with its method and body; any
	// other POST fails, because it may have had an effect. GET, HEAD,
	// OPTIONS, TRACE, PUT and DELETE are always idempotent (RFC 9110 §9.2.2).
	// Optional.
	Idempotent bool

	// Timeout limits each attempt, like [WithTimeout]. Optional; the default is the
	// client's, and a negative value means no limit.
	Timeout time.Duration

	// Validators makes a GET conditional: its response is read only if it has changed
	// since an earlier sync delivered it (RFC 9110 §13). It stores the validators of
	// responses, which are their ETag or else their Last-Modified. Pass the part of
	// the table that the records belong to, st.Table("orders"). A validator is stored
	// once the caller's loop has consumed the last record of a response or page, and
	// the next checkpoint saves it. If the response has not changed (304), there are
	// no records and no error.
	//
	// In a sequence of pages, each page has a validator of its own, with the URL of
	// the next page. An unmodified page has no records, and the sequence continues with
	// the page after it. The last page is read in full unless the source sends a
	// strong ETag and the paging finds the end in the body: with any other validator,
	// a page may be unmodified although another page has been added. [Parallel] always
	// reads the first page in full. No validator is stored if a response was redirected,
	// or if the URL of the next page contains a credential.
	//
	// Before the content of a page is delivered, the store loses the validators of all
	// pages of the sequence that the source has not confirmed in this sync, because
	// records move between pages. If the sync fails there, the next one reads those pages
	// in full. A change is missed in one case: the process is killed before the next
	// checkpoint, the platform keeps rows without a checkpoint, and the source then
	// returns to exactly the earlier content.
	//
	// A store holds up to 128 validators and 64 KiB. Above that, a new validator replaces
	// the oldest one, whose response is then read in full. A list of many more pages is
	// therefore mostly read in full. A validator belongs to the URL, headers and body of
	// a request, without the credentials. Accounts that differ only in their credentials
	// need separate stores.
	//
	// The loop that consumes the records must also deliver them. If it passes them to
	// another goroutine, a checkpoint may save a validator before the records are
	// delivered. ([Prefetch] and children.Each are safe in this respect.)
	//
	// Delete [ValidatorsKey] to read everything again: before Truncate, and if
	// NewColumns of the part returns columns. Records, Pages, Stream and GetModified
	// support Validators. Optional; by default, requests are not conditional.
	Validators ValidatorStore

	// once marks a request that must not be repeated if it may have reached the source,
	// whatever its method.
	once bool

	// asGiven marks a URL that the source sent. It is used as it is, without the
	// client's query parameters, and only on the source's hosts.
	asGiven bool
}

// at returns a copy of r that requests a URL that the source sent.
func (r Request) at(u *url.URL) Request {
	r.Path = u.String()
	r.Query = nil
	r.asGiven = true
	return r
}
