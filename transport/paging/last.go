package paging

import (
	"encoding/json"
	"fmt"

	"github.com/penstock-sdk/penstock/transport"
)

// This file contains the ways to recognize the last page by a pointer or a flag.

// token returns the JSON value at a path that requests the next page, or the reason why
// there is none.
func token(p *transport.Page, at string) (raw json.RawMessage, stop string, err error) {
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

// more returns the reason why there are no more pages, according to a bool at a path.
// It returns "" if there are more pages, or if the path is empty.
func more(p *transport.Page, at string) (stop string, err error) {
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

// pointer is like token, but returns the value as text.
func pointer(p *transport.Page, at string) (text, stop string, err error) {
	if _, stop, err := token(p, at); err != nil || stop != "" {
		return "", stop, err
	}
	text, err = p.Text(at)
	return text, "", err
}
