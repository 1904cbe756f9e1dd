package transport

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Cursor is paging by a token in the body that asks for the next page:
//
//	{"data": [...], "meta": {"next_cursor": "a1"}}   →   ?cursor=a1
//
// The rest of the request stays as it is. The last page is the one where the
// token is null, absent, "" or false, or where More says so.
type Cursor struct {
	// At is the path to the token, such as "meta.next_cursor". Required.
	At string

	// Param is the name of the query parameter that takes the token. Required.
	Param string

	// More is the path to a bool that says whether there are more pages, such
	// as "has_more". Where it is set it decides: false ends the sequence
	// whatever the token, and true without a token is an error, since it would
	// lose the rest. Optional.
	More string

	// InBody says that Param is a path in the request's JSON body, such as
	// "search_after", instead of a name in its query. The token may then be any
	// JSON, an array too. Optional.
	InBody bool
}

// Start returns req.
func (c Cursor) Start(req Request) (Request, error) {
	if c.At == "" || c.Param == "" {
		return req, errors.New("transport.Cursor: At and Param are required")
	}
	return req, nil
}

// Next returns the request with the token of page.
func (c Cursor) Next(page *Page) (Request, string, error) {
	if stop, err := page.more(c.More); err != nil || stop != "" {
		return Request{}, stop, err
	}
	raw, stop, err := page.token(c.At)
	if err != nil {
		return Request{}, "", err
	}
	if stop != "" {
		if c.More != "" {
			return Request{}, "", fmt.Errorf("%s is true, but %s", c.More, stop)
		}
		return Request{}, stop, nil
	}
	next, err := page.Request.set(c.Param, c.InBody, raw)
	return next, "", err
}

// token returns the JSON at a path that leads on, or why paging stops there.
func (p *Page) token(at string) (raw json.RawMessage, stop string, err error) {
	raw, ok, err := p.Find(at)
	switch {
	case err != nil:
		return nil, "", err
	case !ok:
		return nil, at + " is absent", nil
	case raw[0] == 'n', raw[0] == 'f', string(raw) == `""`:
		return nil, fmt.Sprintf("%s is %s", at, raw), nil
	}
	return raw, "", nil
}

// more reads a bool that says whether there are more pages.
func (p *Page) more(at string) (stop string, err error) {
	if at == "" {
		return "", nil
	}
	text, err := p.Text(at)
	switch {
	case err != nil:
		return "", err
	case text == "true" || text == "1":
		return "", nil
	case text == "false" || text == "0":
		return at + " is false", nil
	}
	return "", fmt.Errorf("%s is neither true nor false: %.40q", at, text)
}
