package paging

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
)

// This file contains the ways to recognize the last page.

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

// count returns the non-negative integer at a path.
func count(p *transport.Page, at string) (int, error) {
	text, err := p.Text(at)
	if err != nil {
		return 0, err
	}
	if text == "" {
		return 0, fmt.Errorf("%s is missing, but determines the last page", at)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is not a count: %.40q", at, text)
	}
	return n, nil
}

// lastByRecords returns the reason why a page is the last one, judging by its records
// alone, or "". sizeParam is the parameter for the number of records per page, or "" if
// the source does not fill its pages.
func lastByRecords(p *transport.Page, sizeParam string, inBody bool) (stop string, err error) {
	if p.Len() == 0 {
		return "the page has no records", nil
	}
	if sizeParam != "" {
		text, _, err := p.Request.Param(sizeParam, inBody)
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(text); err == nil && p.Len() < n && p.Len() < p.MostRecords() {
			return fmt.Sprintf("the page has %d records, fewer than the %d requested", p.Len(), n), nil
		}
	}
	if p.Repeated() {
		return "", fmt.Errorf("%w: page %d equals the one before; the source ignores the parameter", transport.ErrPageLoop, p.Number)
	}
	return "", nil
}
