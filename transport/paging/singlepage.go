package paging

import "github.com/penstock-sdk/penstock/transport"

// SinglePage is for a source that sends all records in one response. A nil Paging has
// the same effect.
type SinglePage struct{}

// Start returns req.
func (SinglePage) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next stops.
func (SinglePage) Next(*transport.Page) (transport.Request, string, error) {
	return transport.Request{}, "there is only one page", nil
}
