package transport

import (
	"context"
	"iter"
	"log/slog"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/lostnull"
)

// A Paging describes how a source divides its records into pages. Package paging
// provides the usual kinds, and paging.Func turns a function into a Paging.
//
// A Paging holds no state. It decides from the page that it receives, which includes
// the request for that page, so one value serves any number of sequences at once.
//
// A Paging may implement further methods:
//
//   - SameRequest() bool returns true if equal requests for successive pages are
//     correct, because the source keeps the position. Without it, a request that is
//     equal to an earlier one ends the sequence with [ErrPageLoop].
//   - Release(page *Page) (Request, bool) is called with the last page when the sequence
//     ends or the caller leaves its loop, but not after a request that failed. The
//     request that it returns releases what the source holds for the sequence. It is not
//     repeated unless the source asks for a wait, and its failure is only logged.
type Paging interface {
	// Start returns the request for the first page, which it derives from the
	// caller's request.
	Start(req Request) (Request, error)

	// Next returns the request for the page after page. If page is the last one, Next
	// returns the reason as stop, in a few words for the log: "next is null". An
	// error ends the sequence after the records of page.
	Next(page *Page) (next Request, stop string, err error)
}

// onePage is the Paging of a source without pages.
type onePage struct{}

func (onePage) Start(req Request) (Request, error) { return req, nil }

func (onePage) Next(*Page) (Request, string, error) {
	return Request{}, "there is only one page", nil
}

// Pages reads pages one after the other, for callers that need more of a page than its
// records. The iterator follows the rules of [Records]. [PageRecords] decodes the
// records of a page.
func Pages(ctx context.Context, c *Client, req Request, paging Paging) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		if err := c.pages(ctx, req, paging, func(p *Page) bool { return yield(p, nil) }); err != nil {
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
	next, err := paging.Start(req)
	if err != nil {
		return c.requestError(req, err)
	}
	s := sequence{client: c, paging: paging, requested: newVisited()}
	return s.run(ctx, next, yield)
}

// A sequence is a sequence of pages that is being read.
type sequence struct {
	client    *Client
	paging    Paging
	requested *visited
	count     int
	most      int
	sum       uint64
}

// run reads pages one after the other, beginning with next.
func (s *sequence) run(ctx context.Context, next Request, yield func(*Page) bool) error {
	for {
		if !sameRequest(s.paging) {
			if err := s.requested.add(s.client, next); err != nil {
				return s.client.requestError(next, err)
			}
		}
		page, err := s.client.page(ctx, next)
		if err != nil {
			return err
		}
		s.number(page)
		// The caller may change the page, so the next request is determined first.
		following, stop, err := s.paging.Next(page)
		if !yield(page) {
			s.stopped(ctx, page, "the caller stopped")
			return nil
		}
		if err != nil {
			s.release(ctx, page)
			return page.fail(err)
		}
		if stop != "" {
			s.stopped(ctx, page, stop)
			return nil
		}
		next = following
	}
}

// number sets the fields of a page that depend on the pages before it.
func (s *sequence) number(page *Page) {
	s.count++
	page.Number = s.count
	page.repeated = s.count > 1 && page.sum != 0 && page.sum == s.sum
	page.most = s.most
	s.sum, s.most = page.sum, max(s.most, page.Len())
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

// page requests one page.
func (c *Client) page(ctx context.Context, req Request) (*Page, error) {
	records, err := jsonpath.Parse(req.RecordsAt)
	if err != nil {
		return nil, c.requestError(req, err)
	}
	return c.fetch(ctx, req, &records)
}

// fetch requests a page with records at a path, or one without records if the path is
// nil.
func (c *Client) fetch(ctx context.Context, req Request, records *jsonpath.Path) (*Page, error) {
	k, err := c.prepare(req)
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
	page.fail = func(err error) error { return k.fail(defect, resp, 0, err) }
	page.check = func(plan *lostnull.Plan, record []byte) { c.nulls.Check(ctx, plan, record) }
	return page, nil
}
