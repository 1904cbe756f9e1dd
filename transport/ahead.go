package transport

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// Prefetch reads up to n pages ahead: while the caller works on the records of
// one page, the next are asked for. It makes a sequence faster whose source and
// consumer both take their time, at the price of n more pages in memory.
// Pages still follow one another; see [Parallel] for asking several at once.
// With n below 1 it returns paging itself.
//
// paging is then called by another goroutine than the caller's, though never by
// two at a time for one sequence.
func Prefetch(paging Paging, n int) Paging {
	if n < 1 {
		return paging
	}
	if paging == nil {
		paging = SinglePage{}
	}
	return prefetch{paging, n}
}

type prefetch struct {
	paging Paging
	n      int
}

func (p prefetch) Start(req Request) (Request, error)       { return p.paging.Start(req) }
func (p prefetch) Next(page *Page) (Request, string, error) { return p.paging.Next(page) }

// A Numbered paging knows all pages from the first one: [PageNumber] with its
// TotalPages, [Offset] with its Total.
type Numbered interface {
	Paging
	// Rest returns the requests for all pages after page, which is the first.
	Rest(page *Page) (iter.Seq2[Request, error], error)
}

// Parallel reads n pages at a time, for sources that are slow to answer. The
// first page is read alone, because it says how many there are. Records are
// given out in the order of their pages; at most n+1 pages are in memory. Where
// the source has got more pages in the meantime, they are read as well. With n
// below 2 it returns paging itself.
func Parallel(paging Numbered, n int) Paging {
	if n < 2 || paging == nil {
		return paging
	}
	return parallel{paging, n}
}

type parallel struct {
	paging Numbered
	n      int
}

func (p parallel) Start(req Request) (Request, error)       { return p.paging.Start(req) }
func (p parallel) Next(page *Page) (Request, string, error) { return p.paging.Next(page) }

// ahead runs produce in a goroutine of its own, n values ahead of yield. It
// returns when both have ended.
func ahead[T any](ctx context.Context, n int, produce func(context.Context, func(T) bool) error, yield func(T) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	// One value is on its way in the producer's hands.
	values := make(chan T, n-1)
	var failed error
	var panicked *panicValue
	lost := false
	wg.Go(func() {
		defer close(values)
		panicked = catch(func() {
			failed = produce(ctx, func(v T) bool {
				select {
				case values <- v:
					return true
				case <-ctx.Done():
					lost = true
					return false
				}
			})
		})
	})
	for v := range values {
		if !yield(v) {
			return nil
		}
	}
	panicked.again()
	if lost {
		return ended(ctx)
	}
	return failed
}

// A panicValue carries a panic to the goroutine that waits for the one in which
// it happened, where the caller can recover it.
type panicValue struct{ value any }

func catch(f func()) (p *panicValue) {
	finished := false
	defer func() {
		if v := recover(); v != nil || !finished {
			p = &panicValue{v}
		}
	}()
	f()
	finished = true
	return nil
}

func (p *panicValue) again() {
	if p != nil {
		panic(p.value)
	}
}

// parallelPages reads pages as Parallel says.
func (c *Client) parallelPages(ctx context.Context, req Request, p parallel, yield func(*Page) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	start, err := p.paging.Start(req)
	if err != nil {
		cancel()
		return c.pageError(req, err)
	}
	s := &sequence{client: c, paging: p.paging, seen: newVisited()}
	fetch := &window{client: c, ctx: ctx}
	defer fetch.wg.Wait()
	defer cancel()

	if err := s.seen.add(c, start); err != nil {
		return c.pageError(start, err)
	}
	page, err := c.page(ctx, start)
	if err != nil {
		return err
	}
	s.number(page)
	rest, err := p.paging.Rest(page)
	if err != nil {
		return page.fail(err)
	}
	next, stop := iter.Pull2(rest)
	defer stop()
	// fill keeps n pages on their way, besides that in the caller's hands.
	fill := func() error {
		for len(fetch.pages) < p.n {
			req, err, ok := next()
			if !ok {
				return nil
			}
			if err == nil {
				err = s.seen.add(c, req)
			}
			if err != nil {
				return c.pageError(req, err)
			}
			fetch.start(req)
		}
		return nil
	}
	for {
		failed := fill()
		if !yield(page) {
			s.stopped(ctx, page, "the caller stopped")
			return nil
		}
		if failed != nil {
			return failed
		}
		if len(fetch.pages) == 0 {
			break
		}
		if page, err = fetch.take(); err != nil {
			return err
		}
		s.number(page)
	}
	// The last page may tell of more than the first one did.
	following, why, err := p.paging.Next(page)
	if err != nil {
		return page.fail(err)
	}
	if why != "" {
		s.stopped(ctx, page, why)
		return nil
	}
	return s.run(ctx, following, yield)
}

// A window is the pages that are on their way, in their order.
type window struct {
	client *Client
	ctx    context.Context
	wg     sync.WaitGroup
	pages  []chan fetched
}

type fetched struct {
	page     *Page
	err      error
	panicked *panicValue
}

func (w *window) start(req Request) {
	ch := make(chan fetched, 1)
	w.pages = append(w.pages, ch)
	w.wg.Go(func() {
		var f fetched
		f.panicked = catch(func() { f.page, f.err = w.client.page(w.ctx, req) })
		ch <- f
	})
}

func (w *window) take() (*Page, error) {
	f := <-w.pages[0]
	w.pages = w.pages[1:]
	f.panicked.again()
	if f.page == nil && f.err == nil {
		return nil, fmt.Errorf("a page got lost")
	}
	return f.page, f.err
}
