package transport

import (
	"errors"
	"fmt"
)

// Scroll is paging by a token that the source gives with the first page, and
// that asks it for whatever comes next, the same token again and again or a new
// one each time. The first request opens it; the next ones go to another path
// with nothing but the token. The last page is the first one without records.
type Scroll struct {
	// At is the path to the token in the body, such as "_scroll_id". A page
	// without one keeps that of the page before it. Required.
	At string

	// Path is what is asked for the next page, such as "/search/scroll".
	// Optional; the default is the first request's.
	Path string

	// Param is where the token goes: a name in the query, or, with InBody, a
	// path in the JSON body. Required.
	Param string

	// InBody sends the token in the body. Optional.
	InBody bool

	// Release makes the request that lets go of the token at the source when
	// the sequence ends, early or not; its failure is only logged. Optional.
	Release func(token string) Request
}

// Start returns req.
func (s Scroll) Start(req Request) (Request, error) {
	if s.At == "" || s.Param == "" {
		return req, errors.New("transport.Scroll: At and Param are required")
	}
	return req, nil
}

// Next returns the request with the token.
func (s Scroll) Next(page *Page) (Request, string, error) {
	if page.Len() == 0 {
		return Request{}, "the page has no records", nil
	}
	if page.Repeated() {
		return Request{}, "", fmt.Errorf("%w: page %d is the same as the one before", ErrPageLoop, page.Number)
	}
	raw, stop, err := page.token(s.At)
	if err != nil {
		return Request{}, "", err
	}
	next := page.Request
	if stop != "" {
		if page.Number == 1 {
			return Request{}, "", fmt.Errorf("the first page has no token: %s", stop)
		}
		return next, "", nil
	}
	if s.Path != "" {
		next.Path = s.Path
	}
	if page.Number == 1 {
		// The token stands for everything that the first request said.
		next.Query = nil
		if s.InBody {
			next.Body = nil
		}
	}
	next, err = next.set(s.Param, s.InBody, raw)
	return next, "", err
}

func (s Scroll) sameRequest() bool { return true }

func (s Scroll) release(page *Page) (Request, bool) {
	if s.Release == nil {
		return Request{}, false
	}
	token, err := page.Text(s.At)
	if err != nil {
		return Request{}, false
	}
	if token == "" {
		if token, _, err = page.Request.get(s.Param, s.InBody); err != nil || token == "" {
			return Request{}, false
		}
	}
	return s.Release(token), true
}
