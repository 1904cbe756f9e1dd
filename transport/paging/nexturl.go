package paging

import (
	"errors"

	"github.com/penstock-sdk/penstock/transport"
)

// NextURL implements paging by the URL of the next page in the response:
//
//	{"data": [...], "next": "https://api.example.com/orders?page_token=a1"}
//
// The URL may be absolute, a path ("/orders?page_token=a1") or a query
// ("?page_token=a1"), relative to the URL of the page. Its query is used as it is: the
// query of the first request is not added, but method, headers and body are kept. The
// last page is the one whose URL is null, absent, "" or false. A URL on a host that is
// not the source's own is an error, [transport.ErrForeignHost], unless
// transport.WithHosts names the host. [transport.Page.Follow] describes what happens to
// http in place of https, and to characters that a URL must not have.
//
// Since the URL may be absent on the last page, a misspelled At looks like a source with
// a single page. Test that the second page is read.
type NextURL struct {
	// At is the path to the URL, such as "next" or "links.next.href". Required.
	At string
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
	text, stop, err := pointer(page, n.At)
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	req, err := page.Follow(text)
	return req, "", err
}
