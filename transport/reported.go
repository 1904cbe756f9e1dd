package transport

import (
	"fmt"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// reported returns an error if the body of a response reports one at a path. Its text
// is without the secrets of m.
func reported(resp *Response, at jsonpath.Path, m *mask) error {
	if resp.hasNoContent() {
		return nil
	}
	body, err := resp.utf8Body()
	if err != nil {
		return nil //nolint:nilerr // decoding the body reports the error
	}
	doc, err := jsonpath.NewDocument(body)
	if err != nil {
		return nil //nolint:nilerr // decoding the body reports the error
	}
	return reportedIn(doc, at, m)
}

// reported returns an error if the body of the page reports one at a path.
func (p *Page) reported(at string) error {
	path, err := jsonpath.Parse(at)
	if err != nil || p.doc == nil {
		return err
	}
	return reportedIn(p.doc, path, p.client.mask())
}

// reportedIn returns an error if a document reports one at a path.
func reportedIn(doc *jsonpath.Document, at jsonpath.Path, m *mask) error {
	v, ok, err := doc.Find(at)
	if err != nil || !ok {
		return err
	}
	raw := v.Of(doc.Body)
	if isEmptyValue(raw) {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrReported, m.excerpt([]byte(readable(raw)), 200))
}
