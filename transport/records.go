package transport

import (
	"context"
	"fmt"
	"iter"
	"reflect"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
	"github.com/penstock-sdk/penstock/transport/internal/lostnull"
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
// The package documentation describes how JSON is decoded into a T. Repeated requests
// (see [WithRetry]) never repeat or omit a record, because the records of a page are
// yielded only after all of it has arrived.
func Records[T any](ctx context.Context, c *Client, req Request, paging Paging) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var failed error
		nulls := lostnull.For[T]()
		consume := func(p *Page) bool {
			for i := range p.records {
				if err := ctx.Err(); err != nil {
					failed = p.fail(ctxwait.Cause(ctx))
					return false
				}
				v, text, err := decodeRecord[T](p, i)
				if err != nil {
					failed = p.fail(err)
					return false
				}
				if nulls != nil {
					p.check(nulls, text)
				}
				if !yield(v, nil) {
					return false
				}
			}
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
		nulls := lostnull.For[T]()
		for i := range p.records {
			v, text, err := decodeRecord[T](p, i)
			if err != nil {
				var zero T
				yield(zero, p.fail(err))
				return
			}
			if nulls != nil {
				p.check(nulls, text)
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// decodeRecord decodes a record. It returns the text that counts, see jsonvalue.Decode.
func decodeRecord[T any](p *Page, i int) (v T, text []byte, err error) {
	raw := p.records[i].Of(p.doc.Body)
	if raw[0] == 'n' {
		return v, raw, fmt.Errorf("record %d of page %d is null", i+1, p.Number)
	}
	if text, err = jsonvalue.DecodeZero(raw, &v); err != nil {
		return v, text, fmt.Errorf("decode record %d of page %d as %s: %w", i+1, p.Number, reflect.TypeFor[T](), err)
	}
	return v, text, nil
}
