package paging

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
)

// This file recognizes the last page by counting pages or records.

// total returns the count at a path. It reports false if the source does not know the
// count: it is null, "" or negative, or absent from a page after the first one. On the
// first page, an absent count is an error, because the path may be misspelled.
func total(p *transport.Page, at string) (n int, known bool, err error) {
	_, ok, err := p.Find(at)
	if err != nil {
		return 0, false, err
	}
	if !ok {
		if p.Number <= 1 {
			err = fmt.Errorf("%s is missing from the first page, but it determines the last page", at)
		}
		return 0, false, err
	}
	text, err := p.Text(at)
	if err != nil || text == "" {
		return 0, false, err
	}
	if n, ok = integerText(text); !ok {
		return 0, false, fmt.Errorf("%s is not a count: %.40q", at, text)
	}
	return n, n >= 0, nil
}

// integerText parses an integer in JSON notation. RFC 8259 §6 has one kind of number, so 5.0
// and 5e0 are integers.
func integerText(text string) (n int, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if strings.Trim(text, "0123456789.eE+-") != "" {
		return 0, false // strconv also reads hexadecimal digits, "inf" and "nan"
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// lastByRecords returns the reason why a page is the last one, judging by its records
// alone, or "". size is the number of records that the request asks for, or 0 if the
// source does not fill its pages.
func lastByRecords(p *transport.Page, size int) (stop string) {
	switch {
	case p.Len() == 0:
		stop = "the page has no records"
	case p.Len() < size && p.Len() < p.MostRecords():
		stop = fmt.Sprintf("the page has %d of the %d requested records", p.Len(), size)
	default:
		return ""
	}
	warnIfAnnounced(p, stop)
	return stop
}

// requestedSize returns the number of records per page that the request for a page asks
// for with a parameter, or 0 if param is "". The client may have added the parameter. A
// request without it is an error, because its name may be misspelled.
func requestedSize(p *transport.Page, param string, inBody bool) (int, error) {
	if param == "" {
		return 0, nil
	}
	text, ok, err := p.Request.Param(param, inBody)
	if err != nil {
		return 0, err
	}
	if !ok && !inBody && p.URL != nil {
		query := p.URL.Query()
		text, ok = query.Get(param), query.Has(param)
	}
	if !ok {
		return 0, fmt.Errorf("the request has no parameter %s, but SizeParam names it", param)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s in the request is not a number of records: %.40q", param, text)
	}
	return n, nil
}
