package transport

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

// Records reads the records of all pages that a request leads to, and decodes each into
// a T:
//
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", RecordsAt: "data",
//	}, paging.NextURL{At: "next"}) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// A nil paging reads a single page. If a Link header or a URL on that page leads to another
// one, the iterator yields an error after the records. If a token, a bool or a total that is
// more than the page has does, the client logs a line at level WARN, and the user of the
// platform receives a warning. To read only the first of several pages, use
// paging.SinglePage.
//
// [Request].RecordsAt is the path to the records in a page. Each page must have an array
// there, or a null, which counts as an empty array. Anything else is an error
// ([ErrNoRecords]) that names the keys that the page has, because a source whose responses
// have changed must not look like one without records.
//
// The iterator yields each record with a nil error. If a request fails, it yields the
// zero T with the error, an [*Error], as the last pair. Leaving the loop early releases
// all resources. Each range over the iterator starts from the first page. A page is
// requested once the records before it have been consumed, so a slow caller slows the
// source down, and one page is in memory at a time.
//
// A record may be kept and changed. The elements of its slices are allocated together with
// those of other records, about 32 KB of text at a time, so a caller who keeps a slice of few
// records among many saves memory with slices.Clone.
//
// The package documentation describes how JSON is decoded into a T. Repeated requests
// (see [WithRetry]) never repeat or omit a record, because the records of a page are
// yielded only after all of it has arrived.
func Records[T any](ctx context.Context, c *Client, req Request, paging Paging) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var failed error
		plan := loss.For[T]()
		record, reuse := new(T), !jsonvalue.KeepsAddress(reflect.TypeFor[T]())
		consume := func(p *Page) bool {
			for i := range p.records {
				if err := ctx.Err(); err != nil {
					failed = p.fail(ctxwait.Cause(ctx))
					return false
				}
				if !reuse {
					record = new(T)
				}
				if err := decodeRecord(p, i, record, plan); err != nil {
					failed = p.fail(err)
					return false
				}
				if !yield(*record, nil) {
					return false
				}
			}
			record = new(T) // the last one may be large, and the next page is read now
			return true
		}
		err := c.pages(ctx, req, paging, func(p *Page) bool {
			more, err := p.deliver(ctx, consume)
			if err != nil {
				failed = err
			}
			return more
		})
		if failed != nil {
			err = failed
		}
		if err != nil {
			yield(zero, err)
		}
	}
}

// PageRecords decodes the records of a page, each into a T, as [Records] does.
func PageRecords[T any](p *Page) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		plan := loss.For[T]()
		record, reuse := new(T), !jsonvalue.KeepsAddress(reflect.TypeFor[T]())
		for i := range p.records {
			if !reuse {
				record = new(T)
			}
			if err := decodeRecord(p, i, record, plan); err != nil {
				var zero T
				yield(zero, p.fail(err))
				return
			}
			if !yield(*record, nil) {
				return
			}
		}
	}
}

// checkCost returns an error if a value of the page would take too much memory in the type
// that v points to.
func (p *Page) checkCost(raw []byte, v any) error {
	if p.client == nil {
		return nil
	}
	return jsonvalue.CheckCost(raw, v, p.client.maxBody)
}

// decodeRecord decodes a record into v, whose earlier value does not matter: the caller has
// received a copy of it, and shares only memory that was allocated for it. It reports the nulls
// and the digits that v cannot hold.
func decodeRecord[T any](p *Page, i int, v *T, plan *loss.Plan) error {
	var zero T
	*v = zero
	raw := p.records[i].Of(p.doc.Body)
	if raw[0] == 'n' {
		return fmt.Errorf("record %d of page %d is null", i+1, p.Number)
	}
	text, lossy, err := raw, false, p.checkCost(raw, v)
	if err == nil {
		text, lossy, err = jsonvalue.DecodeZero(raw, v)
	}
	if err != nil {
		return fmt.Errorf("decode record %d of page %d as %s: %w", i+1, p.Number, reflect.TypeFor[T](), err)
	}
	if lossy && plan != nil {
		p.check(plan, text)
	}
	return nil
}
