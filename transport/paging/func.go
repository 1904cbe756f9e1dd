package paging

import "github.com/penstock-sdk/penstock/transport"

// Func implements paging with a function, which returns the request for the page after
// page, or the reason why page is the last one. (*transport.Page).Follow returns the
// request for a URL, and transport.Request.WithParam a request with another parameter.
// The first request is the caller's.
type Func func(page *transport.Page) (next transport.Request, stop string, err error)

// Start returns req.
func (f Func) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next calls f(page).
func (f Func) Next(page *transport.Page) (transport.Request, string, error) { return f(page) }
