package transport

import (
	"context"
	"errors"
	"net/http"
)

type roundTripperKey struct{}

// NewContext returns a context whose requests go through rt instead of the network of
// the [Client] that sends them. A test harness uses it to run a connector,
// which makes its own clients, against an in-memory server, in virtual time, or with
// injected faults. Everything else about the client stays the same: credentials,
// retries, limits, redirects. A nil rt removes an earlier override.
func NewContext(ctx context.Context, rt http.RoundTripper) context.Context {
	return context.WithValue(ctx, roundTripperKey{}, override{rt})
}

// override lets a context carry a nil round tripper, which hides that of an outer
// context.
type override struct{ rt http.RoundTripper }

func fromContext(ctx context.Context) http.RoundTripper {
	o, _ := ctx.Value(roundTripperKey{}).(override)
	return o.rt
}

// RoundTripper returns a round tripper for HTTP clients other than [Client], such as
// that of a vendor's SDK, so that a connector that uses it can be tested like any other.
// A request goes through the round tripper that [NewContext] has put into its context.
// If there is none, it goes through base, or through [http.DefaultTransport] if base is
// nil.
//
//	sdk := vendor.New(vendor.WithHTTPClient(&http.Client{Transport: transport.RoundTripper(nil)}))
//
// Retries, limits and credentials remain with the vendor's SDK.
func RoundTripper(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return dispatch{base}
}

// A dispatch sends a request through the round tripper that its context carries, or
// otherwise through that of the client.
type dispatch struct{ client http.RoundTripper }

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
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
	// A round tripper that is written for a test may omit it, and net/http needs it
	// to follow redirects.
	if resp.Request == nil {
		resp.Request = r
	}
	return resp, nil
}
