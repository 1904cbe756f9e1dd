package paging

import (
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
)

// Scroll implements paging by a token for a position that the source keeps. The first
// request opens the scroll. The next ones go to another path with the token alone,
// which stays the same or changes with each page. The last page is the first one
// without records.
type Scroll struct {
	// At is the path to the token in the response, such as "_scroll_id". If a page has
	// no token, that of the page before it remains valid. Required.
	At string

	// Path is the path of the next requests, such as "/search/scroll". Optional; the
	// default is that of the first request.
	Path string

	// Param is the query parameter for the token, or with InBody its path in the JSON
	// body. Required.
	Param string

	// InBody sends the token in the body. Optional.
	InBody bool

	// ReleaseRequest returns the request that releases the scroll at the source. It is
	// sent when the sequence ends, early or not; its failure is only logged. Optional.
	ReleaseRequest func(token string) transport.Request
}

// Start returns req, or an error if a required field is missing.
func (s Scroll) Start(req transport.Request) (transport.Request, error) {
	if s.At == "" || s.Param == "" {
		return req, errors.New("paging.Scroll: At and Param are required")
	}
	return req, nil
}

// Next returns the request with the token.
func (s Scroll) Next(page *transport.Page) (transport.Request, string, error) {
	if page.Len() == 0 {
		return transport.Request{}, "the page has no records", nil
	}
	if page.Repeated() {
		return transport.Request{}, "", fmt.Errorf("%w: page %d equals the one before", transport.ErrPageLoop, page.Number)
	}
	raw, stop, err := token(page, s.At)
	if err != nil {
		return transport.Request{}, "", err
	}
	next := page.Request
	if stop != "" {
		if page.Number == 1 {
			return transport.Request{}, "", fmt.Errorf("the first page has no token: %s", stop)
		}
		return next, "", nil
	}
	if s.Path != "" {
		next.Path = s.Path
	}
	if page.Number == 1 {
		// The token replaces the query and the body of the first request.
		next.Query = nil
		if s.InBody {
			next.Body = nil
		}
	}
	next, err = next.WithParam(s.Param, s.InBody, raw)
	return next, "", err
}

// SameRequest returns true, because the token may stay the same.
func (s Scroll) SameRequest() bool { return true }

// Release returns the request that releases the scroll after its last page.
func (s Scroll) Release(page *transport.Page) (transport.Request, bool) {
	if s.ReleaseRequest == nil {
		return transport.Request{}, false
	}
	token, err := page.Text(s.At)
	if err != nil {
		return transport.Request{}, false
	}
	if token == "" {
		if token, _, err = page.Request.Param(s.Param, s.InBody); err != nil || token == "" {
			return transport.Request{}, false
		}
	}
	return s.ReleaseRequest(token), true
}
