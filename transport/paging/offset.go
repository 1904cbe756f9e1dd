package paging

import (
	"cmp"
	"errors"
	"fmt"
	"iter"

	"github.com/penstock-sdk/penstock/transport"
)

// Offset implements paging by the number of records to skip: ?offset=0, ?offset=100,
// and so on. The offset grows by the number of records that each page had, so nothing
// is skipped if the source returns fewer than requested.
//
// If TotalAt is set, it determines the last page. Otherwise, the last page is the first
// one without records, or, if SizeParam is set, the first one that is not full.
type Offset struct {
	// Param is the query parameter for the offset. Optional; the default is "offset".
	Param string

	// SizeParam is the parameter for the number of records per page; see [PageNumber].
	// Optional.
	SizeParam string

	// TotalAt is the path to the number of all records in the response, such as
	// "total". If it is set, it determines the last page, every page must have it, and
	// an empty page before the last one is an error. Optional.
	TotalAt string

	// InBody makes Param and SizeParam paths in the JSON body of the request instead of
	// names in its query. Optional.
	InBody bool
}

func (o Offset) param() string { return cmp.Or(o.Param, "offset") }

// Start returns req with an offset of 0, unless it has one.
func (o Offset) Start(req transport.Request) (transport.Request, error) {
	return startAt(req, o.param(), o.InBody, 0)
}

// Next returns the request for the records after those of page.
func (o Offset) Next(page *transport.Page) (transport.Request, string, error) {
	offset, err := integer(page.Request, o.param(), o.InBody)
	if err != nil {
		return transport.Request{}, "", err
	}
	end := offset + page.Len()
	if o.TotalAt != "" {
		total, err := count(page, o.TotalAt)
		if err != nil {
			return transport.Request{}, "", err
		}
		if end >= total {
			return transport.Request{}, fmt.Sprintf("%d of %d records are read", end, total), nil
		}
		if page.Len() == 0 {
			// Stopping here would lose the records that the source has announced.
			return transport.Request{}, "", fmt.Errorf("an empty page at offset %d, but %s is %d", offset, o.TotalAt, total)
		}
	} else if stop, err := lastByRecords(page, o.SizeParam, o.InBody); err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	next, err := page.Request.WithParam(o.param(), o.InBody, end)
	return next, "", err
}

// Rest returns the requests for all pages after page; see transport.Parallel.
func (o Offset) Rest(page *transport.Page) (iter.Seq2[transport.Request, error], error) {
	if o.TotalAt == "" {
		return nil, errors.New("paging.Offset: parallel pages require TotalAt")
	}
	offset, err := integer(page.Request, o.param(), o.InBody)
	if err != nil {
		return nil, err
	}
	total, err := count(page, o.TotalAt)
	if err != nil {
		return nil, err
	}
	step := page.Len()
	return func(yield func(transport.Request, error) bool) {
		for at := offset + step; step > 0 && at < total; at += step {
			if !yield(page.Request.WithParam(o.param(), o.InBody, at)) {
				return
			}
		}
	}, nil
}
