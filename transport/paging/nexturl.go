package paging

import (
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// NextURL implements paging by the URL of the next page in the response:
//
//	{"data": [...], "next": "https://api.example.com/orders?page_token=a1"}
//
// The URL may be absolute, a path ("/orders?page_token=a1") or a query
// ("?page_token=a1"), relative to the URL of the page. Its query is used as it is: the
// query of the first request is not added, but method, headers and body are kept. A URL on
// a host that is not the source's own is an error, [transport.ErrForeignHost], unless
// transport.WithHosts names the host. [transport.Page.Follow] describes what happens to
// http in place of https, and to characters that a URL must not have.
//
// The URL of the last page is null, absent, "", false, {}, [] or End. If MoreAt or DoneAt is
// set, its bool decides.
//
// An absent URL may also mean that At is misspelled. It is therefore an error if something
// else on the first page leads to another one, such as a member nextLink or a Link header.
// The error names it. If the meaning is uncertain, the client logs a line at level WARN,
// and the user of the platform receives a warning. [transport.Page.CheckLast] describes the
// check. To turn it off, set Optional.
type NextURL struct {
	// At is the path to the URL, such as "next", "links.next.href" or
	// "@odata.nextLink". Required.
	At string

	// MoreAt is the path to a bool that says whether there are more pages, as for
	// [PageToken]. Optional.
	MoreAt string

	// DoneAt is the path to a bool that says whether this is the last page, as for
	// [PageToken]. Optional.
	DoneAt string

	// End is the value at At that means that there is no next page, as for [PageToken].
	// Optional.
	End string

	// Optional declares that a first page without a URL is a single page, and that the
	// source may leave out the bools of MoreAt and DoneAt. With Optional, a misspelled At
	// is not noticed and only one page is read, so test that the second page is read.
	// Optional; by default, the first page is checked.
	Optional bool
}

// Start returns req, or an error if a required field is missing.
func (n NextURL) Start(req transport.Request) (transport.Request, error) {
	if n.At == "" {
		return req, errors.New("paging.NextURL: At is required")
	}
	return req, nil
}

// Next returns the request for the URL in page.
func (n NextURL) Next(page *transport.Page) (transport.Request, string, error) {
	raw, stop, err := end{at: n.At, moreAt: n.MoreAt, doneAt: n.DoneAt, value: n.End, optional: n.Optional}.pointer(page)
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	if raw[0] != '"' {
		return transport.Request{}, "", fmt.Errorf("%s is a number, not a URL: use paging.PageToken{At: %q, …}", n.At, n.At)
	}
	text, err := jsonpath.Scalar(raw)
	if err != nil {
		return transport.Request{}, "", err
	}
	req, err := page.Follow(text)
	return req, "", err
}
