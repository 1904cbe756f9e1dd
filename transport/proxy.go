package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// A proxyError is a failure of the proxy, before the request has reached the source. Its
// text does not contain the user name and the password of the proxy.
type proxyError struct {
	reason  string
	err     error // nil if the proxy has responded
	refused bool  // the user must fix the settings of the proxy
}

func (e *proxyError) Error() string {
	if e.err != nil {
		return e.reason + ": " + pasted.Mask(e.err.Error()) // a key may be in place of the host
	}
	return e.reason
}

func (e *proxyError) Unwrap() error { return e.err }

// Configuration reports whether the user must fix the settings of the proxy. An Auth that
// sends requests through the proxy passes the error on.
func (e *proxyError) Configuration() bool { return e.refused }

// judge decides how to handle the failure. Nothing was sent to the source, so any request
// may be repeated. reached reports whether any request has reached the source before.
func (e *proxyError) judge(reached bool, reason string) verdict {
	switch {
	case e.refused, netfailure.Untrusted(e), netfailure.Unreachable(e) && !reached:
		return verdict{kind: configuration}
	case e.err == nil && !reached:
		// A proxy responds with 502 or 503 for a host that it does not know.
		return verdict{kind: configuration, again: true, reason: reason}
	}
	return verdict{kind: temporary, again: true, reason: reason}
}

// describeProxy replaces the errors of a function that determines the proxy of a request.
// Those of http.ProxyFromEnvironment quote the URL, which may contain a password.
func describeProxy(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		u, err := proxy(r)
		if err != nil {
			return nil, &proxyError{reason: "the URL of the proxy in the environment (HTTP_PROXY, HTTPS_PROXY) is not valid: it must have a host, as in http://proxy.example.com:3128", refused: true}
		}
		return u, nil
	}
}

// connectResponse is the OnProxyConnectResponse of an http.Transport. Without it, the
// error is the reason phrase alone, as if the source had sent it.
func connectResponse(_ context.Context, proxy *url.URL, r *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	hint := ""
	if resp.StatusCode == http.StatusProxyAuthRequired {
		hint = ": check the user name and the password of the proxy"
	}
	return &proxyError{
		reason:  fmt.Sprintf("the proxy %s refuses to connect to %s: %s%s", pasted.Mask(proxy.Host), r.Host, status.Text(resp.StatusCode), hint),
		refused: resp.StatusCode < 500 && !status.Retryable(resp.StatusCode),
	}
}

// socksRefusals are the errors of net/http for a SOCKS proxy that refuses a request,
// rather than failing to reach the source.
var socksRefusals = []string{"no acceptable authentication methods", "username/password authentication failed", "connection not allowed by ruleset"}

// explainProxy returns an error of a round tripper. If the proxy is at fault, the error
// says so.
func explainProxy(err error) error {
	var known *proxyError
	var op *net.OpError
	if errors.As(err, &known) || !errors.As(err, &op) {
		return err
	}
	switch op.Op {
	case "proxyconnect":
		return &proxyError{reason: "cannot connect to the proxy", err: op.Err}
	case "socks connect":
		e := &proxyError{reason: "the SOCKS proxy cannot connect to the source", err: op.Err}
		for _, text := range socksRefusals {
			e.refused = e.refused || strings.Contains(err.Error(), text)
		}
		return e
	}
	return err
}
