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
// If TotalAt is set, the last page is the one that ends at the total. If MoreAt or DoneAt
// is set, its bool decides. Otherwise, the last page is the first one without records, or,
// if SizeParam is set, the first one that is not full. A page with the same records as an
// earlier one is an error; see transport.MaxStalled.
type Offset struct {
	// Param is the query parameter for the offset. The first offset is 0, unless the
	// request has another one. For a source that counts records from 1, give the request
	// an offset of 1. Optional; the default is "offset".
	Param string

	// SizeParam is the parameter for the number of records per page; see [PageNumber].
	// Optional.
	SizeParam string

	// TotalAt is the path to the number of all records in the response, such as
	// "total". The first page must have it. An empty page before the total is reached
	// is an error, because the source has announced more records.
	//
	// If the total cannot be right, the pages are read until an empty one: if it is null
	// or negative, absent from a later page, or less than the number of records that
	// have been read (a source may send 0 if it does not know the total). If an empty page
	// has no total and comes before that of an earlier page, the user of the platform
	// receives a warning. If a full page reaches the total, one more request finds out
	// whether the total is a limit of the source; see TrustTotal. Optional.
	TotalAt string

	// TrustTotal declares that the total is the number of all records. Without it, a
	// full last page costs one more request, because the total may be a limit of the
	// source, such as 10,000, or the count of the page. A page is full if it has as many
	// records as the largest page before it, or as many as the request asks for. If
	// there are more records after the total, they are read, and the user of the
	// platform receives a warning. If the source responds with no records, with an
	// earlier page or with a failure such as 404, the total was right. After any other
	// failure, such as 403 or 500, the sequence ends with a warning. Set TrustTotal for
	// a source that responds like that. Optional.
	TrustTotal bool

	// MoreAt is the path to a bool in the response that says whether there are more
	// pages, such as "has_more". It determines the last page, and cannot be combined
	// with TotalAt. See [PageToken]. Optional.
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

func (o Offset) param() string { return cmp.Or(o.Param, "offset") }

// Start returns req with an offset of 0, unless it has one.
func (o Offset) Start(req transport.Request) (transport.Request, error) {
	if o.TotalAt != "" && (o.MoreAt != "" || o.DoneAt != "") {
		return req, errors.New("paging.Offset: TotalAt cannot be combined with MoreAt and DoneAt")
	}
	return startAt(req, o.param(), o.InBody, 0)
}

// Next returns the request for the records after those of page.
func (o Offset) Next(page *transport.Page) (transport.Request, string, error) {
	offset, err := integer(page.Request, o.param(), o.InBody)
	if err != nil {
		return transport.Request{}, "", err
	}
	size, err := requestedSize(page, o.SizeParam, o.InBody)
	if err != nil {
		return transport.Request{}, "", err
	}
	more, stop, err := flags(page, o.MoreAt, o.DoneAt, o.Optional)
	switch {
	case err != nil, stop != "":
	case more != "" && page.Len() == 0:
		err = fmt.Errorf("%s, but the page has no records, so the next offset is unknown", more)
	case more != "":
	case o.TotalAt != "":
		stop, err = o.lastByTotal(page, offset, size)
	default:
		stop = lastByRecords(page, size)
	}
	if err != nil || stop != "" {
		return transport.Request{}, stop, err
	}
	next, err := page.Request.WithParam(o.param(), o.InBody, offset+page.Len())
	return next, "", err
}

// lastByTotal returns the reason why a page is the last one according to the total, or
// "".
func (o Offset) lastByTotal(page *transport.Page, offset, size int) (stop string, err error) {
	total, known, err := total(page, o.TotalAt)
	if err != nil {
		return "", err
	}
	fromOne := countsFromOne(page, offset)
	end := offset - fromOne + page.Len()
	announced := announcedTotal(page, total, known)
	switch {
	case known && end == total && !o.TrustTotal:
		stop = fmt.Sprintf("%d of %d records are read", end, total)
		return stop, checkFlags(page, o.TotalAt, stop, isFull(page, size, o.param()))
	case known && end == total:
		return fmt.Sprintf("%d of %d records are read", end, total), nil
	case known && page.Len() == 0 && end+fromOne < total:
		// Stopping here would lose the records that the source has announced.
		return "", fmt.Errorf("an empty page at offset %d, but %s is %d", offset, o.TotalAt, total)
	}
	stop = lastByRecords(page, 0)
	if stop != "" && !known && end+fromOne < announced {
		warnOfTotal(page, stop, o.TotalAt, announced)
	}
	return stop, nil
}

// A numbered is what the pages before a page have shown.
type numbered struct {
	fromOne bool // the source counts records from 1
	total   int  // the latest one, or 0 if none is known
}

// announcedTotal returns the total of a page, or that of an earlier one if the page has
// none, or 0.
func announcedTotal(page *transport.Page, total int, known bool) int {
	n, _ := page.Carry.(numbered)
	if known {
		n.total = total
		page.Carry = n
	}
	return n.total
}

// countsFromOne returns 1 if a source counts records from 1, as SCIM does (RFC 7644 §3.4.2.4),
// so that the first offset is 1, and else 0. A caller may also leave out the first record of a
// source that counts from 0. One more page, which is empty, is then read.
func countsFromOne(page *transport.Page, offset int) int {
	n, _ := page.Carry.(numbered)
	if page.Number == 1 {
		n.fromOne = offset == 1
		page.Carry = n
	}
	if n.fromOne {
		return 1
	}
	return 0
}

// Unmodified implements an optional method of [transport.Paging]: it notes the first offset.
func (o Offset) Unmodified(page *transport.Page) {
	if offset, err := integer(page.Request, o.param(), o.InBody); err == nil {
		countsFromOne(page, offset)
	}
}

// Distinct returns true, because the offset determines the records of a page.
func (o Offset) Distinct() bool { return true }

// Rest returns the requests for all pages after page; see transport.Parallel. It returns
// none if the source does not know the total, so the pages are read one after the other.
func (o Offset) Rest(page *transport.Page) (iter.Seq2[transport.Request, error], error) {
	if o.TotalAt == "" {
		return nil, errors.New("paging.Offset: parallel pages require TotalAt")
	}
	offset, err := integer(page.Request, o.param(), o.InBody)
	if err != nil {
		return nil, err
	}
	total, _, err := total(page, o.TotalAt)
	if err != nil {
		return nil, err
	}
	step := page.Len()
	total += countsFromOne(page, offset)
	return func(yield func(transport.Request, error) bool) {
		for at := offset + step; step > 0 && at < total; at += step {
			if !yield(page.Request.WithParam(o.param(), o.InBody, at)) {
				return
			}
		}
	}, nil
}
