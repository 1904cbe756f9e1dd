package transport

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/penstock-sdk/penstock/transport/internal/panics"
)

// A Numbered paging knows the requests for all pages once it has the first one:
// paging.PageNumber with TotalPagesAt, paging.Offset with TotalAt.
type Numbered interface {
	Paging
	// Rest returns the requests for all pages after the first one, which is page. They
	// are those that Next returns one after the other.
	Rest(page *Page) (iter.Seq2[Request, error], error)
}

// Parallel requests n pages at a time, for sources that are slow to respond. The first
// page is requested alone, because it reports the number of pages. Records are yielded
// in the order of the pages. Up to n+1 pages are in memory. If the number of pages has
// grown in the meantime, the new pages are also read. If a page is so short that the
// requests after it would skip records, that is an error. If n is less than 2, Parallel
// returns paging itself.
func Parallel(paging Numbered, n int) Paging {
	if n < 2 || paging == nil {
		return paging
	}
	return parallel{paging: paging, n: n}
}

type parallel struct {
	paging     Numbered
	n          int
	maxStalled int // of MaxStalled, or 0
}

func (p parallel) Start(req Request) (Request, error)       { return p.paging.Start(req) }
func (p parallel) Next(page *Page) (Request, string, error) { return p.paging.Next(page) }

// pages reads the first page, then the rest in parallel, then any pages that were added
// since.
func (p parallel) pages(ctx context.Context, c *Client, req Request, yield func(*Page) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &parallelRead{
		sequence: newSequence(c, p.paging, p.maxStalled),
		ctx:      ctx, n: p.n,
	}
	defer r.wg.Wait()
	defer cancel()
	start, err := p.paging.Start(req)
	if err != nil {
		return c.requestError(req, err)
	}
	first, err := r.first(start)
	if err != nil {
		return err
	}
	rest, err := p.paging.Rest(first)
	if err != nil {
		return first.fail(err)
	}
	more, err := r.readRest(first, rest, yield)
	if err != nil {
		return err
	}
	return r.runFrom(ctx, more, yield)
}

// A parallelRead is a sequence whose pages are requested n at a time.
type parallelRead struct {
	sequence
	ctx context.Context
	n   int
	wg  sync.WaitGroup

	inFlight []chan fetched // in the order of the pages
}

type fetched struct {
	req      Request
	page     *Page
	err      error
	panicked *panics.Value
}

// first reads the first page.
func (r *parallelRead) first(req Request) (*Page, error) {
	if err := r.requested.add(r.client, req); err != nil {
		return nil, r.client.requestError(req, err)
	}
	if err := r.openSeries(req); err != nil {
		return nil, err
	}
	// The first page is read in full, because it has the number of pages.
	always := req
	always.Validators = nil
	page, err := r.page(r.ctx, always)
	if err != nil {
		return nil, err
	}
	page.Request = req
	if err := r.number(page); err != nil {
		return nil, page.fail(err)
	}
	return page, nil
}

// readRest yields page and the pages that the requests of rest return. It returns the page
// after them, or nil if there is none.
func (r *parallelRead) readRest(page *Page, rest iter.Seq2[Request, error], yield func(*Page) bool) (more *Page, err error) {
	next, stop := iter.Pull2(rest)
	defer stop()
	for {
		// n pages are in flight while the caller has another one.
		failed := r.request(next)
		following, stop, err := r.next(r.ctx, page)
		if !yield(page) {
			r.stopped(r.ctx, page, "the caller stopped")
			return nil, nil
		}
		if failed != nil {
			return nil, failed
		}
		if err != nil {
			return nil, page.fail(err)
		}
		if len(r.inFlight) == 0 {
			return r.follow(r.ctx, page, following, stop)
		}
		if page, err = r.arrived(page, following, stop); err != nil {
			return nil, err
		}
	}
}

// arrived waits for the first page in flight. The paging has decided after the page
// before it that the next request is following, or that there is none.
func (r *parallelRead) arrived(page *Page, following Request, stop string) (*Page, error) {
	f := r.take()
	if stop == "" && page.unmodified == nil && !r.equal(following, f.req) {
		return nil, page.fail(fmt.Errorf("page %d has %d records, so the next page is not the one that was requested in parallel: read the pages without transport.Parallel", page.Number, page.Len()))
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := r.number(f.page); err != nil {
		return nil, f.page.fail(err)
	}
	return f.page, nil
}

// equal reports whether two requests are the same for the source.
func (r *parallelRead) equal(a, b Request) bool {
	ka, errA := r.client.fingerprint(a)
	kb, errB := r.client.fingerprint(b)
	return errA == nil && errB == nil && ka == kb
}

// request sends requests until n pages are in flight.
func (r *parallelRead) request(next func() (Request, error, bool)) error {
	for len(r.inFlight) < r.n {
		req, err, ok := next()
		if !ok {
			return nil
		}
		if err == nil {
			err = r.requested.add(r.client, req)
		}
		if err != nil {
			return r.client.requestError(req, err)
		}
		r.start(req)
	}
	return nil
}

func (r *parallelRead) start(req Request) {
	ch := make(chan fetched, 1)
	r.inFlight = append(r.inFlight, ch)
	r.wg.Go(func() {
		f := fetched{req: req}
		f.panicked = panics.Catch(func() { f.page, f.err = r.page(r.ctx, req) })
		ch <- f
	})
}

// take waits for the first page in flight.
func (r *parallelRead) take() fetched {
	f := <-r.inFlight[0]
	r.inFlight = r.inFlight[1:]
	f.panicked.Repeat()
	return f
}
