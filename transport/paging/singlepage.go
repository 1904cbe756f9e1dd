package paging

import "github.com/penstock-sdk/penstock/transport"

// SinglePage declares that one page is wanted, even if the source has more. With a nil
// Paging, transport.Records also reads one page. But then, a response that leads to another
// page is an error or a warning, since its author may not know that there are pages.
type SinglePage struct{}

// Start returns req.
func (SinglePage) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next stops.
func (SinglePage) Next(*transport.Page) (transport.Request, string, error) {
	return transport.Request{}, "only one page is wanted", nil
}
