package paging

import (
	"errors"

	"github.com/penstock-sdk/penstock/transport"
)

// PageToken implements paging by a token in the response that requests the next page.
// Sources call it a page token, a cursor, a bookmark or a continuation:
//
//	{"data": [...], "meta": {"next_cursor": "a1"}}   →   ?cursor=a1
//
// The rest of the request stays the same. The token of the last page is null, absent, "",
// false, {}, [] or End. If MoreAt or DoneAt is set, its bool decides. An absent token may
// also mean that At is misspelled. This is checked as for [NextURL].
type PageToken struct {
	// At is the path to the token, such as "meta.next_cursor". Required.
	At string

	// Param is the query parameter for the token. Required.
	Param string

	// MoreAt is the path to a bool that says whether there are more pages, such as
	// "has_more". If it is set, it decides: false ends the sequence even if there is a
	// token, and true without a token is an error, since the rest would be lost. The
	// bool may also be one of the numbers 1 and 0, or one of the texts true, yes, y, t, 1,
	// false, no, n, f and 0, in upper or lower case. If a page does not have it, that is an
	// error unless Optional is set. Optional.
	MoreAt string

	// DoneAt is the path to a bool that says whether this is the last page, such as
	// "is_last" or "end_of_stream". It is the opposite of MoreAt. If both are set, they
	// must not contradict each other. Optional.
	DoneAt string

	// End is a token that means that there is no next page, for sources that send a
	// value such as 0, -1 or "END" instead of null. It is compared with the characters
	// of a string or the digits of a number. Optional.
	End string

	// InBody makes Param a path in the JSON body of the request, such as
	// "search_after", instead of a name in its query. The token may then be any JSON
	// value, including an array. Optional.
	InBody bool

	// Optional declares that a first page without a token is a single page, and that
	// the source may leave out the bools of MoreAt and DoneAt. With Optional, a misspelled
	// At is not noticed and only one page is read, so test that the second page is read.
	// Optional; by default, the first page is checked.
	Optional bool
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
	raw, stop, err := end{
		at: p.At, moreAt: p.MoreAt, doneAt: p.DoneAt, value: p.End, optional: p.Optional, anyJSON: p.InBody,
	}.pointer(page)
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	next, err := page.Request.WithParam(p.Param, p.InBody, raw)
	return next, "", err
}
