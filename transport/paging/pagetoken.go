package paging

import (
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
)

// PageToken implements paging by a token in the response that requests the next page.
// Sources call it a page token, a cursor, a bookmark or a continuation:
//
//	{"data": [...], "meta": {"next_cursor": "a1"}}   →   ?cursor=a1
//
// The rest of the request stays the same. The last page is the one whose token is null,
// absent, "" or false, or the one that MoreAt indicates.
//
// Since the token may be absent on the last page, a misspelled At looks like a source
// with a single page. Test that the second page is read.
type PageToken struct {
	// At is the path to the token, such as "meta.next_cursor". Required.
	At string

	// Param is the query parameter for the token. Required.
	Param string

	// MoreAt is the path to a bool that says whether there are more pages, such as
	// "has_more". If it is set, it decides: false ends the sequence
	// even if there is a token, and true without a token is an error, since the rest
	// would be lost. Optional.
	MoreAt string

	// InBody makes Param a path in the JSON body of the request, such as
	// "search_after", instead of a name in its query. The token may then be any JSON
	// value, including an array. Optional.
	InBody bool
}

// Start returns req, or an error if a required field is missing.
func (p PageToken) Start(req transport.Request) (transport.Request, error) {
	if p.At == "" || p.Param == "" {
		return req, errors.New("paging.PageToken: At and Param are required")
	}
	return req, nil
}

// Next returns the request with the token of page.
func (p PageToken) Next(page *transport.Page) (transport.Request, string, error) {
	if stop, err := more(page, p.MoreAt); err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	raw, stop, err := token(page, p.At)
	if err != nil {
		return transport.Request{}, "", err
	}
	if stop != "" {
		if p.MoreAt != "" {
			return transport.Request{}, "", fmt.Errorf("%s is true, but %s", p.MoreAt, stop)
		}
		return transport.Request{}, stop, nil
	}
	next, err := page.Request.WithParam(p.Param, p.InBody, raw)
	return next, "", err
}
