package transport

import (
	"context"
	"fmt"
	"reflect"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// Get sends a request, by default a GET, and decodes the JSON of its response, or the
// value at [Request].RecordsAt in it, into a T. The package documentation describes
// how. A response without a body (204) yields the zero T.
//
// The errors are those of [Client.Do]. In addition, the [*Error] wraps [ErrNotJSON] if
// the response is not JSON, and [ErrNoRecords] if it has nothing at the path. A value
// that does not fit a T is an error that names the field.
func Get[T any](ctx context.Context, c *Client, req Request) (T, error) {
	var zero, v T
	at, err := jsonpath.Parse(req.RecordsAt)
	if err != nil {
		return zero, c.requestError(req, err)
	}
	if _, err := c.do(ctx, req, func(resp *Response) error { return decodeResponse(resp, at, &v) }); err != nil {
		return zero, err
	}
	return v, nil
}

// decodeResponse decodes the value at a path.
func decodeResponse[T any](resp *Response, at jsonpath.Path, v *T) error {
	if resp.hasNoContent() {
		return nil
	}
	doc, err := readDocument(resp)
	if err != nil {
		return err
	}
	value, ok, err := doc.Find(at)
	if err != nil {
		return err
	}
	if !ok {
		return doc.Missing(at)
	}
	var fresh T
	if err := jsonvalue.Decode(value.Of(doc.Body), &fresh); err != nil {
		return final(fmt.Errorf("decode the response as %s: %w", reflect.TypeFor[T](), err))
	}
	*v = fresh
	return nil
}
