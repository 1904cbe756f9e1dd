package paging

import (
	"fmt"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
)

// This file contains the ways to recognize the last page by counting.

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
