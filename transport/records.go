package transport

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"reflect"
)

// Get sends a request, GET unless it says otherwise, and decodes the answer's
// JSON, or the value at [Request].Records in it, into a T. An answer without a
// body (204) gives the zero T. Errors are those of [Client.Do], and ErrNotJSON,
// ErrNoRecords where nothing is at the path, or what is wrong with a value.
//
// How JSON becomes a T is said in the package documentation.
func Get[T any](ctx context.Context, c *Client, req Request) (T, error) {
	var zero, v T
	k, err := c.prepare(req)
	if err != nil {
		return zero, k.fail(defect, nil, 0, err)
	}
	at, err := parsePath(req.Records)
	if err != nil {
		return zero, k.fail(defect, nil, 0, err)
	}
	_, err = k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		return k.attempt(ctx, n, func(resp *Response) error { return decodeResponse(resp, at, &v) })
	})
	if err != nil {
		return zero, err
	}
	return v, nil
}

// decodeResponse decodes the value at a path.
func decodeResponse[T any](resp *Response, at path, v *T) error {
	if resp.ignored || resp.Status == http.StatusNoContent || resp.Status == http.StatusResetContent {
		return nil
	}
	doc, err := readDocument(resp)
	if err != nil {
		return err
	}
	value, ok, err := doc.find(at)
	if err != nil {
		return err
	}
	if !ok {
		return doc.missing(at)
	}
	var fresh T
	if err := decode(value.of(doc.body), &fresh); err != nil {
		return final(fmt.Errorf("decode the answer as %s: %w", reflect.TypeFor[T](), err))
	}
	*v = fresh
	return nil
}

// Records reads all records that a request leads to, page by page, and decodes
// each into a T:
//
//	for order, err := range transport.Records[Order](ctx, client, transport.Request{
//		Path: "/orders", Records: "data",
//	}, transport.NextURL{At: "next"}) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// A nil paging reads a single page. Where the records are in a page is said by
// [Request].Records; it must be there on each page, as an array or as null,
// which is an empty page. A path with nothing at it is an error
// ([ErrNoRecords]) that names the keys that are there, because a source that
// stopped to answer as expected must not look like one that has no records.
//
// The iterator yields each record with a nil error. On a failure it yields the
// zero T and the error, as the last pair; every error is an [*Error]. Leaving
// the loop early releases everything. Each range over the iterator starts anew.
// A page is asked for when the records before it have been consumed, so that a
// slow consumer slows the source down, and one page is in memory at a time.
//
// The package documentation says how JSON becomes a T; [Retry] how failed
// requests are repeated, which never repeats or leaves out a record, because a
// page's records are given out only after all of it has arrived.
func Records[T any](ctx context.Context, c *Client, req Request, paging Paging) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var failed error
		err := c.pages(ctx, req, paging, func(p *Page) bool {
			for i := range p.records {
				if err := ctx.Err(); err != nil {
					failed = p.fail(ended(ctx))
					return false
				}
				v, err := decodeRecord[T](p, i)
				if err != nil {
					failed = p.fail(err)
					return false
				}
				if !yield(v, nil) {
					return false
				}
			}
			return true
		})
		if failed != nil {
			err = failed
		}
		if err != nil {
			yield(zero, err)
		}
	}
}

// PageRecords decodes the records of one page into Ts, as [Records] does.
func PageRecords[T any](p *Page) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for i := range p.records {
			v, err := decodeRecord[T](p, i)
			if err != nil {
				var zero T
				yield(zero, p.fail(err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func decodeRecord[T any](p *Page, i int) (v T, err error) {
	raw := p.records[i].of(p.doc.body)
	if raw[0] == 'n' {
		return v, fmt.Errorf("record %d of page %d is null", i+1, p.Number)
	}
	if err := decode(raw, &v); err != nil {
		return v, fmt.Errorf("decode record %d of page %d as %s: %w", i+1, p.Number, reflect.TypeFor[T](), err)
	}
	return v, nil
}
