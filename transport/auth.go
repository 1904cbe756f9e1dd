package transport

import (
	"context"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/retry"
)

// An Auth adds credentials to requests. It is passed to a client with [WithAuth], and
// must be safe for concurrent use. Package auth provides the usual kinds, and
// auth.Func turns a function into an Auth.
//
// An Auth may implement further methods:
//
//   - Refresh(ctx context.Context, req *http.Request) error is called if the source
//     refuses the credentials with 401. It obtains new ones, and the request is then
//     repeated once. req is the request that was refused. Its credentials tell Refresh
//     whether another goroutine has obtained new ones in the meantime. Without Refresh, a
//     401 is final.
//   - ForClient(c *Client) Auth is called by [New]. The client uses the Auth that it
//     returns. c is a client for the same source without credentials and without a
//     limit, for requests that obtain them. It repeats requests for as long as
//     [WithTimeout] allows an attempt to take, because obtaining credentials is part of
//     an attempt. If the source asks for a longer wait, the request that needs the
//     credentials waits.
//   - Secrets() []string returns the values to hide in errors and log lines. Without
//     it, only values whose name suggests a credential, such as the parameter
//     api_key, are hidden.
//   - SecretParams() []string returns the names of query parameters that hold
//     credentials. Their values are hidden in errors. In redirects to other hosts, they
//     are removed if they have a value that was sent, or one of Secrets.
//   - NeedsCookies() bool reports whether the client must keep cookies, as with
//     [WithCookies].
//   - Configured() bool reports whether the configuration has a value for the
//     credentials. Only auth.FirstOf calls it.
type Auth interface {
	// Authenticate adds credentials to a request that is about to be sent. It is
	// called for each attempt and for each redirect within the source's hosts. It may
	// change the query and the headers of the request, and may read the body only
	// through GetBody. An error ends the call. If the error has a method Temporary()
	// bool that returns true, the request is repeated, after the wait that a method
	// RetryAfter() time.Duration returns, if it has one; if it has a method
	// Configuration() bool that returns true, so does the [Error]. The same applies to
	// an error of Refresh.
	Authenticate(req *http.Request) error
}

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

// An authError is a failure to add credentials, as opposed to a failure to send.
type authError struct{ err error }

func (e *authError) Error() string { return "authenticate: " + e.err.Error() }
func (e *authError) Unwrap() error { return e.err }

// bindAuth lets the Auth use the client.
func (c *Client) bindAuth() {
	if n, ok := c.auth.(interface{ NeedsCookies() bool }); ok && n.NeedsCookies() {
		WithCookies()(&c.settings)
	}
	if b, ok := c.auth.(interface{ ForClient(*Client) Auth }); ok {
		anonymous := *c
		anonymous.auth = nil
		anonymous.limiter = nil
		anonymous.retry = limitElapsed(c.retry, c.timeout)
		// They are read once: an Auth may hold a lock while it uses the client.
		anonymous.secrets = secretsOf(c.auth)
		c.auth = b.ForClient(&anonymous)
	}
}

// limitElapsed returns a policy that takes no longer than an attempt may. A limit of 0
// means no limit.
func limitElapsed(p retry.Policy, limit time.Duration) retry.Policy {
	if current, ok := p.MaxElapsed(); limit > 0 && (!ok || current > limit) {
		p.Elapsed = limit
	}
	return p
}
