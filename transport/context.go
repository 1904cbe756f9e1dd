package transport

import (
	"context"
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
