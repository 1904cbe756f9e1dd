package paging

import (
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/pagedocument"
)

// This file contains the decision whether a total may be a limit of the source, or the count
// of a page, instead of the number of all records or pages.

// isFull reports whether a page is full, so that there may be another one after it. size is
// the number of records that the request asks for, or 0 if that is unknown. param is the
// parameter for the page. Unless the request asks for it, a page of one record is not full:
// sources do not divide a list into such pages.
func isFull(page *transport.Page, size int, param string) bool {
	n := page.Len()
	switch {
	case n == 0:
		return false
	case size > 0 && n >= size:
		return true
	case page.Number > 1 && n >= page.MostRecords():
		return n > 1 || requestsSize(page, n, param)
	case page.Number > 1:
		return false
	case size > 0:
		return false
	}
	return requestsSize(page, n, param)
}

// sizeWords occur in the names of parameters for the number of records per page.
var sizeWords = []string{"limit", "size", "count", "per_page", "perpage", "per-page", "top", "max", "rows", "first", "num", "take", "length", "results"}

// requestsSize reports whether a parameter in the query of a page asks for n records.
func requestsSize(page *transport.Page, n int, param string) bool {
	if page.URL == nil {
		return false
	}
	for name, values := range page.URL.Query() {
		if name == param {
			continue
		}
		if size, ok := integerText(values[0]); !ok || size != n {
			continue
		}
		for _, word := range sizeWords {
			if strings.Contains(strings.ToLower(name), word) {
				return true
			}
		}
	}
	return false
}

// Beyond implements an optional method of [transport.Paging]: it returns the request for the
// records after a full page that reaches the total.
func (o Offset) Beyond(page *transport.Page) (next transport.Request, totalAt string) {
	if o.TotalAt == "" || o.TrustTotal {
		return transport.Request{}, ""
	}
	offset, err := integer(page.Request, o.param(), o.InBody)
	if err != nil {
		return transport.Request{}, ""
	}
	size, err := requestedSize(page, o.SizeParam, o.InBody)
	if err != nil {
		return transport.Request{}, ""
	}
	total, known, err := total(page, o.TotalAt)
	end := offset - countsFromOne(page, offset) + page.Len()
	// The totals of search engines are limited to multiples of 1,000.
	round := page.Len() > 0 && page.Number == 1 && total%1000 == 0
	if err != nil || !known || end < total || !round && !isFull(page, size, o.param()) {
		return transport.Request{}, ""
	}
	next, err = page.Request.WithParam(o.param(), o.InBody, offset+page.Len())
	if err != nil {
		return transport.Request{}, ""
	}
	return next, o.TotalAt
}

// Beyond implements an optional method of [transport.Paging]: it returns the request for the
// page after a full one that is the last according to the total.
func (p PageNumber) Beyond(page *transport.Page) (next transport.Request, totalAt string) {
	if p.TotalPagesAt == "" || p.TrustTotal {
		return transport.Request{}, ""
	}
	number, err := integer(page.Request, p.param(), p.InBody)
	if err != nil {
		return transport.Request{}, ""
	}
	size, err := requestedSize(page, p.SizeParam, p.InBody)
	if err != nil {
		return transport.Request{}, ""
	}
	last, known, err := p.last(page)
	if err != nil || !known || number < last || !isFull(page, size, p.param()) {
		return transport.Request{}, ""
	}
	next, err = page.Request.WithParam(p.param(), p.InBody, number+1)
	if err != nil {
		return transport.Request{}, ""
	}
	return next, p.TotalPagesAt
}

// checkFlags checks a page that is the last one according to the total at totalAt, although a
// bool on the page, such as has_more, says that there are more pages. On a first page, this is
// an error, because the path may lead to the size of the page. On a later one, it is a warning
// unless the page is full, so that Beyond requests the page after it. stop is the reason.
func checkFlags(page *transport.Page, totalAt, stop string, full bool) error {
	flag := announcing(page)
	switch {
	case flag == "", page.Number == 1 && page.Len() == 0:
	case page.Number == 1:
		return fmt.Errorf("this is the last page according to %s, but %s says that there is another page: "+
			"the total may be that of the page; if it is not, set TrustTotal", totalAt, flag)
	case !full:
		pagedocument.Warn(page, fmt.Sprintf("%s, but %s says that there is another page, whose records are then lost: set MoreAt or DoneAt instead of the total; if there is none, set TrustTotal", stop, flag))
	}
	return nil
}
