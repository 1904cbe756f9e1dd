package transport

import (
	"context"
	"errors"
	"net/http"
)

type roundTripperKey struct{}

// NewContext returns a context whose requests, by whatever [Client], go through
// rt instead of the client's own network. A test harness uses it to run a
// connector, which makes its clients itself, against an in-memory server, in
// virtual time, or with faults injected. Everything else about the client
// (credentials, retries, limits, redirects) stays as it is. A nil rt takes an
// override away again.
func NewContext(ctx context.Context, rt http.RoundTripper) context.Context {
	return context.WithValue(ctx, roundTripperKey{}, override{rt})
}

// override lets a context carry a nil round tripper, which hides one set
// further out.
type override struct{ rt http.RoundTripper }

func fromContext(ctx context.Context) http.RoundTripper {
	o, _ := ctx.Value(roundTripperKey{}).(override)
	return o.rt
}

type attemptKey struct{}

// attemptOf returns the call that a request belongs to: net/http hands the
// context on to redirects, and so they find their client and its credentials.
func attemptOf(ctx context.Context) *call {
	c, _ := ctx.Value(attemptKey{}).(*call)
	return c
}

// RoundTripper returns the network for an HTTP client that is no [Client], such as
// that of a vendor's own library: requests go through what [NewContext] has put
// into their context, and else through base, or [http.DefaultTransport] if that
// is nil.
//
//	sdk := vendor.New(vendor.WithHTTPClient(&http.Client{Transport: transport.RoundTripper(nil)}))
//
// So a connector that is built on such a library can be tested like any other
// one. Retries, limits and credentials remain that library's affair.
func RoundTripper(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return dispatch{base}
}

// A dispatch sends a request through the round tripper that its context
// carries, or else through the client's own.
type dispatch struct{ client http.RoundTripper }

// CloseIdleConnections is for [http.Client.CloseIdleConnections].
func (d dispatch) CloseIdleConnections() {
	if c, ok := d.client.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (d dispatch) RoundTrip(r *http.Request) (*http.Response, error) {
	trips := d.client
	if over := fromContext(r.Context()); over != nil {
		trips = over
	}
	resp, err := trips.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp == nil {
		return nil, errors.New("the round tripper returned neither a response nor an error")
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	// A hand-written round tripper may leave this out, and net/http follows
	// redirects by it.
	if resp.Request == nil {
		resp.Request = r
	}
	return resp, nil
}
