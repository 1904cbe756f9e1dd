package paging

import (
	"cmp"
	"errors"
	"fmt"
	"iter"

	"github.com/penstock-sdk/penstock/transport"
)

// PageNumber implements paging by the number of the page: ?page=1, ?page=2, and so on.
//
// If TotalPagesAt is set, it determines the last page. If MoreAt or DoneAt is set, its bool
// does. Otherwise, the last page is the first one without records, or, if SizeParam is set,
// the first one that is not full. A page with the same records as an earlier one is an
// error; see transport.MaxStalled.
type PageNumber struct {
	// Param is the query parameter for the number. Optional; the default is "page".
	Param string

	// First is the number of the first page. If the request has a value for Param,
	// that takes precedence. Optional; the default is 1. For sources that count from
	// 0, set FromZero.
	First int

	// FromZero makes 0 the default of First. With TotalPagesAt, the number of the last
	// page is then one less than the total. Optional.
	FromZero bool

	// SizeParam is the parameter for the number of records per page. The request or the
	// client must give it a value. With SizeParam, a page that has fewer records than
	// requested, and fewer than an earlier page, is the last one. If all pages have fewer
	// records than requested, they count as full, because many sources limit the size of
	// pages without saying so. Set SizeParam only for a source that fills its pages. A
	// source that filters records after it has chosen a page does not fill them. SizeParam
	// has no effect with TotalPagesAt. Optional; by default, the pages are read until an
	// empty one.
	SizeParam string

	// TotalPagesAt is the path to the number of pages in the response, such as
	// "total_pages" or "meta.pages". The first page must have it. A page without records
	// before the last one does not end the sequence, because the source may filter records
	// after it has chosen a page. If two or more pages at the end have no records, the
	// client logs a line at level WARN, and the user of the platform receives a warning.
	//
	// If the total cannot be right, the pages are read until an empty one: if it is null
	// or negative, absent from a later page, or less than the number of a page that has
	// records (a source may send 0 if it does not know the total). If an empty page has no
	// total and comes before the last page according to an earlier one, the user of the
	// platform receives a warning. If the last page is full, one more request finds out
	// whether the total is a limit of the source; see TrustTotal. Optional.
	TotalPagesAt string

	// TrustTotal declares that the total is the number of all pages. Without it, a full
	// last page costs one more request, because the total may be a limit of the source.
	// A page is full if it has as many records as the largest page before it, or as many
	// as the request asks for. If there are more pages, they are read, and the user of
	// the platform receives a warning. If the source responds with no records, with an
	// earlier page or with a failure such as 404, the total was right. After any other
	// failure, such as 403 or 500, the sequence ends with a warning. Set TrustTotal for
	// a source that responds like that. Optional.
	TrustTotal bool

	// MoreAt is the path to a bool in the response that says whether there are more
	// pages, such as "has_more". It determines the last page, and cannot be combined
	// with TotalPagesAt. See [PageToken]. Optional.
	MoreAt string

	// DoneAt is the path to a bool in the response that says whether this is the last
	// page, such as "is_last". It is the opposite of MoreAt. Optional.
	DoneAt string

	// Optional declares that the source may leave out the bools of MoreAt and DoneAt. For
	// a page without them, the rules apply that apply if neither field is set. Optional.
	Optional bool

	// InBody makes Param and SizeParam paths in the JSON body of the request instead of
	// names in its query. Optional.
	InBody bool
}

func (p PageNumber) param() string { return cmp.Or(p.Param, "page") }

// Start returns req with the number of the first page, unless it has one.
func (p PageNumber) Start(req transport.Request) (transport.Request, error) {
	if p.TotalPagesAt != "" && (p.MoreAt != "" || p.DoneAt != "") {
		return req, errors.New("paging.PageNumber: TotalPagesAt cannot be combined with MoreAt and DoneAt")
	}
	first := p.First
	if first == 0 && !p.FromZero {
		first = 1
	}
	return startAt(req, p.param(), p.InBody, first)
}

// Next returns the request for the page with the next number.
func (p PageNumber) Next(page *transport.Page) (transport.Request, string, error) {
	number, err := integer(page.Request, p.param(), p.InBody)
	if err != nil {
		return transport.Request{}, "", err
	}
	size, err := requestedSize(page, p.SizeParam, p.InBody)
	if err != nil {
		return transport.Request{}, "", err
	}
	more, stop, err := flags(page, p.MoreAt, p.DoneAt, p.Optional)
	switch {
	case err != nil, stop != "", more != "":
	case p.TotalPagesAt != "":
		stop, err = p.lastByTotal(page, number, size)
	default:
		stop = lastByRecords(page, size)
	}
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	next, err := page.Request.WithParam(p.param(), p.InBody, number+1)
	return next, "", err
}

// lastByTotal returns the reason why a page is the last one according to the total, or
// "".
func (p PageNumber) lastByTotal(page *transport.Page, number, size int) (stop string, err error) {
	last, known, err := p.last(page)
	if err != nil {
		return "", err
	}
	announced := announcedTotal(page, last, known)
	switch {
	case known && number == last && !p.TrustTotal:
		stop = fmt.Sprintf("page %d is the last according to %s", number, p.TotalPagesAt)
		return stop, checkFlags(page, p.TotalPagesAt, stop, isFull(page, size, p.param()))
	case known && number == last:
		return fmt.Sprintf("page %d is the last according to %s", number, p.TotalPagesAt), nil
	case known && number < last:
		return "", nil
	}
	stop = lastByRecords(page, 0)
	if stop != "" && !known && number < announced {
		if p.FromZero {
			announced++
		}
		warnOfTotal(page, stop, p.TotalPagesAt, announced)
	}
	return stop, nil
}

// Distinct returns true, because the number determines the records of a page.
func (p PageNumber) Distinct() bool { return true }

// Rest returns the requests for all pages after page; see transport.Parallel. It returns
// none if the source does not know the total, so the pages are read one after the other.
func (p PageNumber) Rest(page *transport.Page) (iter.Seq2[transport.Request, error], error) {
	if p.TotalPagesAt == "" {
		return nil, errors.New("paging.PageNumber: parallel pages require TotalPagesAt")
	}
	number, err := integer(page.Request, p.param(), p.InBody)
	if err != nil {
		return nil, err
	}
	last, _, err := p.last(page)
	if err != nil {
		return nil, err
	}
	return func(yield func(transport.Request, error) bool) {
		for n := number + 1; n <= last; n++ {
			if !yield(page.Request.WithParam(p.param(), p.InBody, n)) {
				return
			}
		}
	}, nil
}

// last returns the number of the last page, and false if the source does not know it.
func (p PageNumber) last(page *transport.Page) (number int, known bool, err error) {
	number, known, err = total(page, p.TotalPagesAt)
	if p.FromZero {
		number--
	}
	return number, known, err
}
