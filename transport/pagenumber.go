package transport

import (
	"fmt"
	"iter"
	"strconv"
)

// PageNumber is paging by a number in the query: ?page=1, ?page=2, and so on.
//
// The last page is told by what the source says: TotalPages. Without that it
// is the first page without records, or, where Size is set, the first that is
// not full.
type PageNumber struct {
	// Param is the name of the query parameter. Optional; the default is
	// "page".
	Param string

	// First is the number of the first page. A value for Param in the request
	// goes before it. Optional; the default is 1. For sources that count from
	// 0, set FromZero.
	First int

	// FromZero makes 0 the default of First. With TotalPages, the last page is
	// then one less than the total. Optional.
	FromZero bool

	// Size is the name of the parameter with the number of records per page,
	// whose value the request gives. A page with fewer records than that, and
	// than a page before it had, is then the last one. (Fewer than asked for is
	// not enough: many sources silently give at most so many.) Set it only for
	// a source that fills its pages, which one that filters afterwards does
	// not. Optional.
	Size string

	// TotalPages is the path to the number of pages in the body, such as
	// "total_pages" or "meta.pages". Where it is set it decides alone, and
	// must be on each page. Optional.
	TotalPages string

	// InBody says that Param and Size are paths in the request's JSON body
	// instead of names in its query. Optional.
	InBody bool
}

func (p PageNumber) param() string {
	if p.Param == "" {
		return "page"
	}
	return p.Param
}

// Start returns req with the number of the first page.
func (p PageNumber) Start(req Request) (Request, error) {
	first := p.First
	if first == 0 && !p.FromZero {
		first = 1
	}
	return startAt(req, p.param(), p.InBody, first)
}

// Next returns the request for the page with the next number.
func (p PageNumber) Next(page *Page) (Request, string, error) {
	number, err := page.Request.integer(p.param(), p.InBody)
	if err != nil {
		return Request{}, "", err
	}
	if p.TotalPages != "" {
		last, err := p.last(page)
		if err != nil {
			return Request{}, "", err
		}
		if number >= last {
			return Request{}, fmt.Sprintf("page %d is the last by %s", number, p.TotalPages), nil
		}
	} else if stop, err := page.ends(p.Size, p.InBody); err != nil || stop != "" {
		return Request{}, stop, err
	}
	next, err := page.Request.set(p.param(), p.InBody, number+1)
	return next, "", err
}

// Rest returns the requests for all pages after page; see [Parallel].
func (p PageNumber) Rest(page *Page) (iter.Seq2[Request, error], error) {
	if p.TotalPages == "" {
		return nil, fmt.Errorf("transport.PageNumber: parallel pages need TotalPages")
	}
	number, err := page.Request.integer(p.param(), p.InBody)
	if err != nil {
		return nil, err
	}
	last, err := p.last(page)
	if err != nil {
		return nil, err
	}
	return func(yield func(Request, error) bool) {
		for n := number + 1; n <= last; n++ {
			if !yield(page.Request.set(p.param(), p.InBody, n)) {
				return
			}
		}
	}, nil
}

// last returns the number of the last page.
func (p PageNumber) last(page *Page) (int, error) {
	total, err := page.count(p.TotalPages)
	if err != nil {
		return 0, err
	}
	if p.FromZero {
		total--
	}
	return total, nil
}

// startAt returns req with a number in it, unless there is one already.
func startAt(req Request, param string, inBody bool, n int) (Request, error) {
	if _, ok, err := req.get(param, inBody); err != nil {
		return req, err
	} else if ok {
		_, err := req.integer(param, inBody)
		return req, err
	}
	return req.set(param, inBody, n)
}

// count returns the non-negative integer at a path.
func (p *Page) count(at string) (int, error) {
	text, err := p.Text(at)
	if err != nil {
		return 0, err
	}
	if text == "" {
		return 0, fmt.Errorf("%s is missing, so that the last page can't be told", at)
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is not a count: %.40q", at, text)
	}
	return n, nil
}

// ends says why a page is the last one where nothing but its records can tell.
// size names the parameter that says how many were asked for, "" where that
// doesn't tell.
func (p *Page) ends(size string, inBody bool) (stop string, err error) {
	if p.Len() == 0 {
		return "the page has no records", nil
	}
	if size != "" {
		text, _, err := p.Request.get(size, inBody)
		if err != nil {
			return "", err
		}
		if n, err := strconv.Atoi(text); err == nil && p.Len() < n && p.Len() < p.largest {
			return fmt.Sprintf("the page has %d records, fewer than the %d asked for", p.Len(), n), nil
		}
	}
	if p.Repeated() {
		return "", fmt.Errorf("%w: page %d is the same as the one before, the source ignores the parameter", ErrPageLoop, p.Number)
	}
	return "", nil
}
