package paging

import "github.com/penstock-sdk/penstock/transport"

// SinglePage reads one page, even if the source has more. With a nil Paging,
// transport.Records also reads one page, but a response that leads to another page is then
// an error or a warning, because the author of the connector may not know that there are
// several pages.
type SinglePage struct{}

// Start returns req.
func (SinglePage) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next stops.
func (SinglePage) Next(*transport.Page) (transport.Request, string, error) {
	return transport.Request{}, "only one page is wanted", nil
}
