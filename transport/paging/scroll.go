package paging

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// Scroll implements paging by a token for a position that the source keeps. The first
// request opens the scroll. The next ones go to another path with the token alone, which
// stays the same or changes with each page. The last page is the first one without
// records, or the one whose token is End. If MoreAt or DoneAt is set, its bool decides.
//
// If a page has the same records as the page before, that is an error, because the token
// has no effect.
//
// Repeating a request could skip a page. The requests after the first one are therefore
// repeated only after a failure that cannot have moved the position, such as a 429. Any
// other failure ends the sequence with a temporary error, and the next sync can read the
// records again.
type Scroll struct {
	// At is the path to the token in the response, such as "_scroll_id". If a page has
	// no token, that of the page before it remains valid. Required.
	At string

	// Path is the path of the next requests, such as "/search/scroll". Optional; the
	// default is that of the first request.
	Path string

	// Param is the query parameter for the token. Required.
	Param string

	// MoreAt is the path to a bool that says whether there are more pages, as for
	// [PageToken]. If it is set, a page without records is not the last one. Optional.
	MoreAt string

	// DoneAt is the path to a bool that says whether this is the last page, as for
	// [PageToken]. If it is set, a page without records is not the last one. Optional.
	DoneAt string

	// End is a token that means that there is no next page, as for [PageToken].
	// Optional.
	End string

	// InBody makes Param a path in the JSON body of the request instead of a name in its
	// query. Optional.
	InBody bool

	// Optional declares that a first page with records but without a token is a single
	// page, and that the source may leave out the bools of MoreAt and DoneAt. Optional; by
	// default, both are errors.
	Optional bool

	// ReleaseRequest returns the request that releases the scroll at the source. It is
	// sent when the sequence ends or the caller leaves its loop. Its failure is only
	// logged. Optional; by default, the scroll expires at the source.
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
	more, stop, err := flags(page, s.MoreAt, s.DoneAt, s.Optional)
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	if page.Len() == 0 && more == "" {
		stop = "the page has no records"
		warnIfAnnounced(page, stop)
		return transport.Request{}, stop, nil
	}
	if page.Repeated() {
		return transport.Request{}, "", fmt.Errorf("%w: page %d has the same records as the page before", transport.ErrPageLoop, page.Number)
	}
	raw, ok, err := page.Find(s.At)
	if err != nil {
		return transport.Request{}, "", err
	}
	if ok {
		if err := checkTokenSize(s.At, raw); err != nil {
			return transport.Request{}, "", err
		}
		stop, err = end{at: s.At, value: s.End, anyJSON: s.InBody}.isEnd(page, raw)
	} else {
		stop = s.At + " is absent"
	}
	switch {
	case err != nil:
		return transport.Request{}, "", err
	case stop == "":
		next, err := s.with(page, raw)
		return next, "", err
	case ok && s.isEnd(raw):
		if more != "" {
			return transport.Request{}, "", fmt.Errorf("%s, but %s", more, stop)
		}
		return transport.Request{}, stop, nil
	case page.Number > 1:
		return page.Request, "", nil // the token of the page before remains valid
	}
	return s.withoutToken(page, more, stop)
}

// isEnd reports whether a token is End.
func (s Scroll) isEnd(raw json.RawMessage) bool {
	text, err := jsonpath.Scalar(raw)
	return err == nil && text != "" && text == s.End
}

// withoutToken handles a first page without a token.
func (s Scroll) withoutToken(page *transport.Page, more, stop string) (transport.Request, string, error) {
	switch {
	case more != "":
		return transport.Request{}, "", fmt.Errorf("%s, but %s: there is %s%s", more, stop, describe(page, s.At), elsewhere(page, s.At))
	case s.Optional:
		return transport.Request{}, stop, nil
	}
	return transport.Request{}, "", fmt.Errorf("the first page has no token: %s: there is %s%s; if it is a single page, set Optional",
		stop, describe(page, s.At), elsewhere(page, s.At))
}

// with returns the request with a token.
func (s Scroll) with(page *transport.Page, token json.RawMessage) (transport.Request, error) {
	next := page.Request
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
	return next.WithParam(s.Param, s.InBody, token)
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
	if token == "" || token == s.End {
		if token, _, err = page.Request.Param(s.Param, s.InBody); err != nil || token == "" {
			return transport.Request{}, false
		}
	}
	return s.ReleaseRequest(token), true
}
