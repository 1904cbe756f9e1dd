package transport

import (
	"context"
	"sync"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/panics"
)

// Prefetch reads up to n pages ahead: while the caller processes the records of a page,
// the next pages are requested, one after the other. It saves time if both the source
// and the caller are slow, at the cost of n more pages in memory. To request several
// pages at a time, use [Parallel]. If n is less than 1, Prefetch returns paging itself.
//
// The methods of paging are called by a goroutine that is not the caller's, but never
// concurrently for one sequence.
func Prefetch(paging Paging, n int) Paging {
	if n < 1 {
		return paging
	}
	if paging == nil {
		paging = onePage{}
	}
	return prefetch{paging, n}
}

type prefetch struct {
	paging Paging
	n      int
}

func (p prefetch) Start(req Request) (Request, error)       { return p.paging.Start(req) }
func (p prefetch) Next(page *Page) (Request, string, error) { return p.paging.Next(page) }

// pages reads the pages in a goroutine.
func (p prefetch) pages(ctx context.Context, c *Client, req Request, yield func(*Page) bool) error {
	err := ahead(ctx, p.n, func(ctx context.Context, yield func(*Page) bool) error {
		return c.pages(ctx, req, p.paging, yield)
	}, yield)
	return c.asRequestError(req, err)
}

// ahead runs produce in a goroutine, up to n values ahead of yield. It returns when both
// have ended.
func ahead[T any](ctx context.Context, n int, produce func(context.Context, func(T) bool) error, yield func(T) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	// In addition to the values in the channel, the producer holds one.
	values := make(chan T, n-1)
	var failed error
	var panicked *panics.Value
	dropped := false
	wg.Go(func() {
		defer close(values)
		panicked = panics.Catch(func() {
			failed = produce(ctx, func(v T) bool {
				select {
				case values <- v:
					return true
				case <-ctx.Done():
					dropped = true
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
	panicked.Repeat()
	if dropped {
		return ctxwait.Cause(ctx)
	}
	return failed
}
