package transport

import (
	"context"
	"fmt"
	"net/http"
)

// An Auth adds credentials to requests. It is handed to a client with
// [WithAuth], and must be safe for concurrent use.
//
// It may implement more, each of which is optional:
//
//   - Refresh(ctx context.Context, req *http.Request) error, called when the
//     source refuses credentials with 401: it gets new ones, after which the
//     request is repeated once. req is the request that was refused, so that
//     a second goroutine can see that the credentials have changed since.
//     Without it a 401 is final.
//   - Secrets() []string returns the values that must not be seen in an error
//     or a log line. Without it, only what is known by name (parameters such
//     as api_key) is hidden.
//   - SecretParams() []string names the query parameters that hold
//     credentials. They are hidden in errors, and removed from redirects to
//     another host.
type Auth interface {
	// Authenticate adds credentials to a request that is about to be sent,
	// each time it is sent. It may change the request's URL query and headers;
	// it must not read the body other than through GetBody. An error ends the
	// call; whether it is tried again follows from the error's own Temporary
	// and Configuration methods, if it has them.
	Authenticate(req *http.Request) error
}

// AuthFunc makes an [Auth] of a function: a signature over the request, or
// whatever else is missing here.
type AuthFunc func(req *http.Request) error

// Authenticate calls f(req).
func (f AuthFunc) Authenticate(req *http.Request) error { return f(req) }

type refresher interface {
	Refresh(ctx context.Context, req *http.Request) error
}

func secretsOf(a Auth) []string {
	if s, ok := a.(interface{ Secrets() []string }); ok {
		return s.Secrets()
	}
	return nil
}

func secretParams(a Auth) []string {
	if s, ok := a.(interface{ SecretParams() []string }); ok {
		return s.SecretParams()
	}
	return nil
}

// authenticate adds the client's credentials to a request, where they belong.
func authenticate(r *http.Request) error {
	k := attemptOf(r.Context())
	if k == nil || !k.trusted || k.client.auth == nil {
		return nil
	}
	if err := k.client.auth.Authenticate(r); err != nil {
		return &authError{err}
	}
	return nil
}

// An authError is a failure to add credentials, as opposed to one to send.
type authError struct{ err error }

func (e *authError) Error() string { return "authenticate: " + e.err.Error() }
func (e *authError) Unwrap() error { return e.err }

// Bearer authenticates with a fixed token in the Authorization header
// (RFC 6750 §2.1).
func Bearer(token string) Auth {
	return bearer(token)
}

type bearer string

func (b bearer) Authenticate(r *http.Request) error {
	if b == "" {
		return missing("token")
	}
	r.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

func (b bearer) Secrets() []string { return []string{string(b)} }

// Format keeps the token out of %v and its relatives.
func (b bearer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("transport.Bearer(***)")) }

// missingError says that the configuration has no credentials at all: sending
// the request could only be refused.
type missingError string

func missing(what string) error { return missingError(what) }

func (m missingError) Error() string       { return "the " + string(m) + " is empty" }
func (m missingError) Configuration() bool { return true }
