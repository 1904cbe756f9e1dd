package transport

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"
)

// A Paging says how a source cuts its records into pages. The kinds in this
// package are small struct values ([NextURL], [PageNumber], ...); [PagingFunc]
// makes one of a function.
//
// A Paging holds no state: everything it needs is in the page it is given, the
// request that led to it included. One value can therefore be used for any
// number of sequences at once.
type Paging interface {
	// Start returns the request for the first page, made from the one the
	// caller gave.
	Start(req Request) (Request, error)

	// Next returns the request for the page after page. Where page is the last
	// one, stop says why in a few words, for the log: "next is null". An error
	// ends the sequence after the records of page.
	Next(page *Page) (next Request, stop string, err error)
}

// PagingFunc makes a [Paging] of a function, which is Next; the first request
// is the one the caller gave.
type PagingFunc func(page *Page) (next Request, stop string, err error)

// Start returns req.
func (f PagingFunc) Start(req Request) (Request, error) { return req, nil }

// Next calls f(page).
func (f PagingFunc) Next(page *Page) (Request, string, error) { return f(page) }

// SinglePage is for a source that gives everything in one answer. It is what a
// nil Paging means.
type SinglePage struct{}

// Start returns req.
func (SinglePage) Start(req Request) (Request, error) { return req, nil }

// Next stops.
func (SinglePage) Next(*Page) (Request, string, error) {
	return Request{}, "there is only one page", nil
}

// Pages reads pages one after the other, for what [Records] doesn't do, such as
// reading more of a page than its records. The rules of the iterator are those
// of Records.
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
		paging = SinglePage{}
	case prefetch:
		err := ahead(ctx, p.n, func(ctx context.Context, yield func(*Page) bool) error {
			return c.pages(ctx, req, p.paging, yield)
		}, yield)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			err = c.pageError(req, err)
		}
		return err
	case parallel:
		return c.parallelPages(ctx, req, p, yield)
	}
	next, err := paging.Start(req)
	if err != nil {
		return c.pageError(req, err)
	}
	s := sequence{client: c, paging: paging, seen: newVisited()}
	return s.run(ctx, next, yield)
}

// A sequence is a walk through pages that has begun.
type sequence struct {
	client  *Client
	paging  Paging
	seen    *visited
	count   int
	largest int
	sum     uint64
}

// run reads pages from next on, one after the other.
func (s *sequence) run(ctx context.Context, next Request, yield func(*Page) bool) error {
	for {
		if !repeatable(s.paging) {
			if err := s.seen.add(s.client, next); err != nil {
				return s.client.pageError(next, err)
			}
		}
		page, err := s.client.page(ctx, next)
		if err != nil {
			return err
		}
		s.number(page)
		// What comes next is settled first: the caller may change what it gets.
		following, stop, err := s.paging.Next(page)
		if !yield(page) {
			s.stopped(ctx, page, "the caller stopped")
			return nil
		}
		if err != nil {
			s.finish(ctx, page)
			return page.fail(err)
		}
		if stop != "" {
			s.stopped(ctx, page, stop)
			return nil
		}
		next = following
	}
}

// number gives a page what it has from those before it.
func (s *sequence) number(page *Page) {
	s.count++
	page.Number = s.count
	page.repeated = s.count > 1 && page.sum != 0 && page.sum == s.sum
	page.largest = s.largest
	s.sum, s.largest = page.sum, max(s.largest, page.Len())
}

func (s *sequence) stopped(ctx context.Context, p *Page, why string) {
	c := s.client
	c.log().LogAttrs(ctx, slog.LevelDebug, "paging stopped", slog.String("path", c.mask().text(p.URL.EscapedPath())),
		slog.Int("pages", p.Number), slog.String("reason", why))
	s.finish(ctx, p)
}

// finish lets a paging release what it holds at the source. That must happen
// even though the caller's context has ended, but not take long.
func (s *sequence) finish(ctx context.Context, p *Page) {
	e, ok := s.paging.(interface{ release(*Page) (Request, bool) })
	if !ok {
		return
	}
	req, ok := e.release(p)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	c := *s.client
	c.retry = Retry{Attempts: 1}
	if _, err := c.Do(ctx, req); err != nil {
		c.log().LogAttrs(ctx, slog.LevelDebug, "release after paging failed", slog.String("error", err.Error()))
	}
}

const releaseTimeout = 5 * time.Second

// repeatable reports whether pages of this kind are rightly asked for by the
// same request again and again.
func repeatable(p Paging) bool {
	r, ok := p.(interface{ sameRequest() bool })
	return ok && r.sameRequest()
}

// page asks for one page.
func (c *Client) page(ctx context.Context, req Request) (*Page, error) {
	k, err := c.prepare(req)
	if err != nil {
		return nil, k.fail(defect, nil, 0, err)
	}
	records, err := parsePath(req.Records)
	if err != nil {
		return nil, k.fail(defect, nil, 0, err)
	}
	records.none = req.noRecords
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
	page.Request, page.client = req, c
	page.fail = func(err error) error { return k.fail(defect, resp, 0, err) }
	return page, nil
}

// pageError is an error about a page that was not asked for.
func (c *Client) pageError(req Request, err error) error {
	k, kerr := c.prepare(req)
	if kerr != nil {
		err = kerr
	}
	return k.fail(defect, nil, 0, err)
}

// visited notices a page that is asked for a second time. It remembers every
// page up to a number that no sane sequence reaches; after that it remembers
// one page at a time, at distances that double, which finds a circle of any
// length a little later and without further memory (Brent's method).
type visited struct {
	seen  map[[16]byte]struct{}
	mark  [16]byte
	count int
	next  int
}

const maxVisited = 1 << 16

func newVisited() *visited {
	return &visited{seen: map[[16]byte]struct{}{}, next: maxVisited}
}

func (v *visited) add(c *Client, req Request) error {
	key, err := c.fingerprint(req)
	if err != nil {
		return err
	}
	if _, again := v.seen[key]; again || v.count >= maxVisited && key == v.mark {
		return fmt.Errorf("%w: page %d was read before", ErrPageLoop, v.count+1)
	}
	if len(v.seen) < maxVisited {
		v.seen[key] = struct{}{}
	}
	if v.count++; v.count == v.next {
		v.mark = key
		v.next *= 2
	}
	return nil
}

// fingerprint identifies a request by what the source sees of it.
func (c *Client) fingerprint(req Request) (key [16]byte, err error) {
	k, err := c.prepare(req)
	if err != nil {
		return key, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", k.method, k.url)
	h.Write(k.body)
	return [16]byte(h.Sum(nil)), nil
}

// nextURL returns the request for a URL that the source gave out.
func (p *Page) nextURL(text string) (Request, error) {
	if p.client == nil {
		return Request{}, fmt.Errorf("a page that no client has read")
	}
	u, err := p.client.reference(p.URL, text)
	if err != nil {
		return Request{}, fmt.Errorf("the next page: %w", err)
	}
	return p.Request.at(u), nil
}

// Follow returns the request for the page at a URL that the source gave out,
// absolute or relative to this page, whose query is used as it is given. It is
// what a [PagingFunc] returns where the URL is in an unusual place. A URL on a
// host that is not the source's own is refused when it is asked for, with
// [ErrForeignHost].
func (p *Page) Follow(nextURL string) (Request, error) { return p.nextURL(nextURL) }
