package transport

import (
	"fmt"
	"iter"
)

// Offset is paging by the number of records to leave out: ?offset=0,
// ?offset=100, and so on. Each page begins where the one before ended, by the
// number of records that it really had, so that nothing is left out where the
// source gives fewer than were asked for.
//
// The last page is told by Total; without it, it is the first page without
// records, or, where Size is set, the first that is not full.
type Offset struct {
	// Param is the name of the query parameter. Optional; the default is
	// "offset".
	Param string

	// Size is the name of the parameter with the number of records per page; it
	// is used as in [PageNumber]. Optional.
	Size string

	// Total is the path to the number of all records in the body, such as
	// "total". Where it is set it decides, together with an empty page, and
	// must be on each page. Optional.
	Total string

	// InBody says that Param and Size are paths in the request's JSON body
	// instead of names in its query. Optional.
	InBody bool
}

func (o Offset) param() string {
	if o.Param == "" {
		return "offset"
	}
	return o.Param
}

// Start returns req with an offset of 0, unless it has one.
func (o Offset) Start(req Request) (Request, error) {
	return startAt(req, o.param(), o.InBody, 0)
}

// Next returns the request for the records after those of page.
func (o Offset) Next(page *Page) (Request, string, error) {
	offset, err := page.Request.integer(o.param(), o.InBody)
	if err != nil {
		return Request{}, "", err
	}
	end := offset + page.Len()
	if o.Total != "" {
		total, err := page.count(o.Total)
		if err != nil {
			return Request{}, "", err
		}
		if end >= total {
			return Request{}, fmt.Sprintf("%d records of %d are read", end, total), nil
		}
		if page.Len() == 0 {
			// The source promised more, and stopping here would lose it.
			return Request{}, "", fmt.Errorf("an empty page at offset %d, but %s is %d", offset, o.Total, total)
		}
	} else if stop, err := page.ends(o.Size, o.InBody); err != nil || stop != "" {
		return Request{}, stop, err
	}
	next, err := page.Request.set(o.param(), o.InBody, end)
	return next, "", err
}

// Rest returns the requests for all pages after page; see [Parallel].
func (o Offset) Rest(page *Page) (iter.Seq2[Request, error], error) {
	if o.Total == "" {
		return nil, fmt.Errorf("transport.Offset: parallel pages need Total")
	}
	offset, err := page.Request.integer(o.param(), o.InBody)
	if err != nil {
		return nil, err
	}
	total, err := page.count(o.Total)
	if err != nil {
		return nil, err
	}
	step := page.Len()
	return func(yield func(Request, error) bool) {
		for at := offset + step; step > 0 && at < total; at += step {
			if !yield(page.Request.set(o.param(), o.InBody, at)) {
				return
			}
		}
	}, nil
}
