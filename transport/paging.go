package transport

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

// A Paging describes how a source divides its records into pages. Package paging
// provides the usual kinds, and paging.Func turns a function into a Paging.
//
// A Paging holds no state. It decides from the page that it receives, which includes
// the request for that page, so one value serves any number of sequences at once. To
// remember something from earlier pages, it stores it in [Page].Carry.
//
// A Paging may implement further methods:
//
//   - SameRequest() bool returns true if equal requests for successive pages are
//     correct, because the source keeps the position. Requests after the first one are
//     then repeated only if they cannot have reached the source, because repeating them
//     could skip a page. Without it, a request that is equal to an earlier one ends the
//     sequence with [ErrPageLoop].
//   - Distinct() bool returns true if each page must have other records than the pages
//     before it, because a number in the request determines its records. A page with the
//     records of an earlier page then ends the sequence with [ErrPageLoop]. Without it,
//     [MaxStalled] describes how many such pages are tolerated.
//   - Release(page *Page) (Request, bool) is called with the last page when the sequence
//     ends or the caller leaves its loop, but not after a request that failed. The
//     request that it returns releases what the source holds for the sequence. It is not
//     repeated unless the source asks for a wait, and its failure is only logged.
//   - Ignored(page *Page) error is called before Next with a page that a [Rule] ignores.
//     It returns an error if Next cannot know which page follows it. Without it, Next is
//     called for such a page as for any other.
//   - Unmodified(page *Page) is called instead of Next with a page that has not been
//     modified. It can set page.Carry.
//   - StillLast(strong bool) bool reports whether the last page of an earlier sync is still
//     the last one if the source says that it has not been modified (see
//     [Request].Validators). strong reports whether its body is then the same byte for
//     byte (RFC 9110 §8.8.1). Without it, the last page is always read in full.
//   - Beyond(page *Page) (next Request, totalAt string) is called after Next with the page
//     that Next says is the last one. If that follows from a total, at the path totalAt,
//     which may be a limit instead, it returns the request for the page after it. If
//     that page has new records, the sequence continues, and the user of the platform
//     receives a warning unless the total has changed. No records, those of an earlier
//     page or a status from 400 to 499 mean that there is no such page, except for
//     401, 402, 403, 407, 408, 425 and 429. 401, 402 and 407 are errors. After any other
//     failure, the sequence ends with a warning. If totalAt is "", page is the last one.
type Paging interface {
	// Start returns the request for the first page, which it derives from the
	// caller's request.
	Start(req Request) (Request, error)

	// Next returns the request for the page after page. If page is the last one, Next
	// returns the reason as stop, in a few words for the log: "next is null". An
	// error ends the sequence after the records of page.
	Next(page *Page) (next Request, stop string, err error)
}

// onePage is the Paging of a request without one.
type onePage struct{}

func (onePage) Start(req Request) (Request, error) { return req, nil }

// StillLast returns true.
func (onePage) StillLast(bool) bool { return true }

func (onePage) Next(p *Page) (Request, string, error) {
	return Request{}, "the request has no paging", p.checkUnpaged()
}

// Pages reads pages one after the other, for callers that need more of a page than its
// records. The iterator follows the rules of [Records]. [PageRecords] decodes the
// records of a page.
func Pages(ctx context.Context, c *Client, req Request, paging Paging) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		var failed error
		err := c.pages(ctx, req, paging, func(p *Page) (more bool) {
			more, failed = p.deliver(ctx, func(p *Page) bool { return yield(p, nil) })
			return more
		})
		if failed != nil {
			err = failed
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// pages calls yield for each page until it returns false.
func (c *Client) pages(ctx context.Context, req Request, paging Paging, yield func(*Page) bool) error {
	switch p := paging.(type) {
	case nil:
		paging = onePage{}
	case prefetch:
		return p.pages(ctx, c, req, yield)
	case parallel:
		return p.pages(ctx, c, req, yield)
	}
	s := newSequence(c, paging, 0)
	next, err := s.paging.Start(req)
	if err != nil {
		return c.requestError(req, err)
	}
	return s.run(ctx, next, yield)
}

// A sequence is a sequence of pages that is being read.
type sequence struct {
	client    *Client
	paging    Paging
	requested *visited
	stall     stallCheck
	count     int     // of pages
	most      int     // the largest number of records of a page
	sum       uint64  // of the records of the latest page
	carry     any     // of the latest page
	series    *series // of the first request, or nil if that has no Validators
	bodySize  *bodySize

	// remembered is the request for the page before this one, if the URL of this one
	// was stored by an earlier sync.
	remembered *Request
	failed     error // why the page before this one is read a second time

	records     int     // that have been read
	unannounced *beyond // the request for the page after this one, if the total does not announce it
	distrusts   bool    // the total has been shown to be wrong
	unexpected  int     // the pages with records after the total
}

// newSequence returns a sequence that allows maxStalled pages in a row without a new
// record. If maxStalled is 0, the limit is that of paging.
func newSequence(c *Client, paging Paging, maxStalled int) sequence {
	if p, ok := paging.(stalling); ok {
		paging, maxStalled = p.Paging, p.max
	}
	d, ok := paging.(interface{ Distinct() bool })
	return sequence{
		client: c, paging: paging, requested: newVisited(), bodySize: new(bodySize),
		stall: stallCheck{max: maxStalled, distinct: ok && d.Distinct()},
	}
}

// run reads pages one after the other, beginning with next.
func (s *sequence) run(ctx context.Context, next Request, yield func(*Page) bool) error {
	if err := s.openSeries(next); err != nil {
		return err
	}
	page, err := s.read(ctx, next)
	if err != nil {
		return err
	}
	return s.runFrom(ctx, page, yield)
}

// runFrom reads pages one after the other, beginning with page.
func (s *sequence) runFrom(ctx context.Context, page *Page, yield func(*Page) bool) error {
	for page != nil {
		if err := s.number(page); err != nil {
			s.release(ctx, page)
			return page.fail(err)
		}
		following, stop, err := s.next(ctx, page)
		if !yield(page) {
			s.stopped(ctx, page, "the caller stopped")
			return nil
		}
		if err != nil {
			s.release(ctx, page)
			return page.fail(err)
		}
		if page, err = s.follow(ctx, page, following, stop); err != nil {
			return err
		}
	}
	return nil
}

// read requests the next page.
func (s *sequence) read(ctx context.Context, next Request) (*Page, error) {
	if !sameRequest(s.paging) {
		if err := s.requested.add(s.client, next); err != nil {
			if s.failed != nil {
				return nil, s.failed
			}
			return nil, s.client.requestError(next, err)
		}
	}
	page, err := s.page(ctx, next)
	if err != nil {
		return s.reread(ctx, err)
	}
	s.failed = nil
	return page, nil
}

// follow requests the page after page. It returns nil if there is none.
func (s *sequence) follow(ctx context.Context, page *Page, next Request, stop string) (*Page, error) {
	if s.unannounced != nil {
		found, err := s.probe(ctx, page, s.unannounced)
		if err != nil || found != nil {
			return found, err
		}
		stop = cmp.Or(stop, "the source has no page after the total")
	}
	if stop != "" {
		s.ended(ctx, page, stop)
		return nil, nil
	}
	return s.read(ctx, next)
}

// number sets the fields of a page that depend on the pages before it. It returns an
// error if the page shows that the sequence makes no progress.
func (s *sequence) number(page *Page) error {
	s.count++
	page.Number = s.count
	page.repeated = s.count > 1 && page.Len() > 0 && page.sum == s.sum
	page.most = s.most
	page.Carry = s.carry
	s.sum, s.most = page.sum, max(s.most, page.Len())
	s.records += page.Len()
	if page.unmodified != nil {
		s.most = max(s.most, page.unmodified.Records)
		s.records += page.unmodified.Records
		return nil
	}
	return s.stall.check(page)
}

// next returns the decision of the paging about a page. It is called before the caller
// receives the page, because the caller may change it.
func (s *sequence) next(ctx context.Context, page *Page) (following Request, stop string, err error) {
	following, stop, err = s.after(page)
	s.carry = page.Carry
	p := &s.stall
	if err == nil && stop == "" {
		err = p.checkEmpty()
	}
	if err != nil {
		return following, stop, err
	}
	if p.doubt != "" && !p.warned {
		p.warned = true
		s.warn(ctx, page, p.doubt)
	}
	return following, stop, nil
}

// ended ends the sequence after its last page.
func (s *sequence) ended(ctx context.Context, page *Page, reason string) {
	// A source that rounds the number of pages up announces one empty page. Several of
	// them mean that it does not send all records that it has.
	if p := &s.stall; p.distinct && p.empty > 1 {
		s.warn(ctx, page, fmt.Sprintf("the last %d pages have no records, although the total of the source includes them, so records may be missing", p.empty))
	}
	s.stopped(ctx, page, reason)
}

// warn warns the user of the platform, and anyone who reads the log, that records may be
// missing.
func (s *sequence) warn(ctx context.Context, page *Page, message string) {
	c := s.client
	path := c.mask().text(page.URL.EscapedPath())
	c.log().LogAttrs(ctx, slog.LevelWarn, message, slog.String("path", path))
	userwarning.Warn(ctx, "pages of "+path, path+": "+message)
}

func (s *sequence) stopped(ctx context.Context, p *Page, reason string) {
	c := s.client
	c.log().LogAttrs(ctx, slog.LevelDebug, "paging stopped", slog.String("path", c.mask().text(p.URL.EscapedPath())),
		slog.Int("pages", p.Number), slog.String("reason", reason))
	s.release(ctx, p)
}

// release releases what the source holds for the sequence.
func (s *sequence) release(ctx context.Context, p *Page) {
	r, ok := s.paging.(interface{ Release(*Page) (Request, bool) })
	if !ok {
		return
	}
	req, ok := r.Release(p)
	if !ok {
		return
	}
	if err := s.client.release(ctx, req); err != nil {
		s.client.log().LogAttrs(ctx, slog.LevelDebug, "release after paging failed", slog.String("error", err.Error()))
	}
}

// sameRequest reports whether equal requests for successive pages are correct.
func sameRequest(p Paging) bool {
	r, ok := p.(interface{ SameRequest() bool })
	return ok && r.SameRequest()
}

// page requests one page of a series. The size is that of the bodies of its sequence.
func (c *Client) page(ctx context.Context, req Request, reader string, s *series, size *bodySize) (*Page, error) {
	records, err := jsonpath.Parse(req.RecordsAt)
	if err != nil {
		return nil, c.requestError(req, err)
	}
	page, err := c.fetch(ctx, req, &records, reader, s, size)
	if err == nil {
		page.series = s
	}
	return page, err
}

// fetch requests a page with records at a path, or one without records if the path is
// nil. reader names what reads the page, or is empty if the request must not be
// conditional.
func (c *Client) fetch(ctx context.Context, req Request, records *jsonpath.Path, reader string, s *series, size *bodySize) (*Page, error) {
	k, err := c.prepare(req)
	k.bodySize = size
	if err == nil && reader != "" {
		err = k.setCondition(req, reader, s)
	} else if err == nil && req.Validators != nil {
		err = errUnsupported
	}
	if err != nil {
		return nil, k.fail(defect, nil, 0, err)
	}
	var page *Page
	resp, err := k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		return k.attempt(ctx, n, func(resp *Response) (err error) {
			page, err = newPage(resp, records)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	resp.reportText(ctx)
	page.Request, page.client = req, c
	page.receipt = k.receive(resp)
	if resp.unmodified {
		page.unmodified = k.condition.known
	}
	page.fail = func(err error) error { return k.fail(defect, resp, 0, err) }
	page.warn = func(at pointer, message string) { c.warnOfPages(ctx, at, message) }
	page.check = func(plan *loss.Plan, record []byte) { c.losses.Check(ctx, plan, record) }
	return page, nil
}
