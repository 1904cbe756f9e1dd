package transport

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

// Get sends a request, by default a GET, and decodes the JSON of its response, or the
// value at [Request].RecordsAt in it, into a T. The package documentation describes
// how. A response without a body (204) yields the zero T.
//
// The errors are those of [Client.Do]. In addition, the [*Error] wraps [ErrNotJSON] if
// the response is not JSON, and [ErrNoRecords] if it has nothing at the path. A value
// that does not fit a T is an error that names the field.
//
// If T is a slice, and the response leads to another page, the client logs a line at level
// WARN, once for each request path, and the user of the platform receives a warning. To read
// the other pages, or to read only the first one, use [Records].
func Get[T any](ctx context.Context, c *Client, req Request) (T, error) {
	var zero, v T
	at, err := jsonpath.Parse(req.RecordsAt)
	if err != nil {
		return zero, c.requestError(req, err)
	}
	var doc *jsonpath.Document
	var raw []byte
	resp, err := c.do(ctx, req, func(resp *Response) (err error) {
		doc, raw, err = decodeResponse(resp, at, &v)
		return err
	})
	if err != nil {
		return zero, err
	}
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		c.checkList(ctx, req, resp, doc)
	} else {
		c.noteNext(ctx, resp)
	}
	resp.reportText(ctx)
	c.losses.CheckResponse(ctx, loss.For[T](), raw)
	return v, nil
}

// decodeResponse decodes the value at a path. It returns the document and the text of the
// value, or nil if the response has no body.
func decodeResponse[T any](resp *Response, at jsonpath.Path, v *T) (doc *jsonpath.Document, raw []byte, err error) {
	if resp.ignored && resp.Status == http.StatusNotModified {
		return nil, nil, ErrNotModified
	}
	if resp.hasNoContent() {
		return nil, nil, nil
	}
	if doc, err = readDocument(resp, nil); err != nil {
		return nil, nil, err
	}
	value, ok, err := doc.Find(at)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, doc.Missing(at)
	}
	var fresh T
	if err = jsonvalue.CheckCost(value.Of(doc.Body), &fresh, resp.maxBody()); err == nil {
		raw, _, err = jsonvalue.DecodeZero(value.Of(doc.Body), &fresh)
	}
	if err != nil {
		return nil, nil, final(fmt.Errorf("decode the response as %s: %w", reflect.TypeFor[T](), err))
	}
	*v = fresh
	return doc, raw, nil
}
