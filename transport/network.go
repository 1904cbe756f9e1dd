package transport

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
)

// netSettings holds the network options.
type netSettings struct {
	changed bool
	proxy   *url.URL
	noProxy bool
	tls     *tls.Config
	conns   int
}

// WithProxy sends requests through a proxy, given by an http, https or socks5 URL that
// may hold a user name and a password. An empty URL means no proxy. By default, the
// environment determines the proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
func WithProxy(proxyURL string) Option {
	return func(s *settings) {
		s.net.changed = true
		if proxyURL == "" {
			s.net.noProxy, s.net.proxy = true, nil
			return
		}
		u, err := url.Parse(proxyURL)
		if err != nil || u.Host == "" {
			s.fail("WithProxy: not a URL with a host")
			return
		}
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			s.net.proxy, s.net.noProxy = u, false
		default:
			s.fail("WithProxy: unknown scheme %q", u.Scheme)
		}
	}
}

// WithTLS sets the configuration of TLS connections: RootCAs for a source with its own
// certificate authority, Certificates for client certificates. The configuration is
// copied. A MinVersion below TLS 1.2 is raised to it.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) {
		if config == nil {
			s.fail("WithTLS: nil")
			return
		}
		s.net.changed = true
		s.net.tls = config.Clone()
		s.net.tls.MinVersion = max(s.net.tls.MinVersion, tls.VersionTLS12)
	}
}

// WithConnections limits the number of connections per host, including idle ones.
// Requests beyond the limit wait for a connection. The default is no limit.
func WithConnections(n int) Option {
	return func(s *settings) {
		if n <= 0 {
			s.fail("WithConnections: not positive: %d", n)
			return
		}
		s.net.changed = true
		s.net.conns = n
	}
}

// newRoundTripper returns the round tripper for a client without WithRoundTripper.
func (s *settings) newRoundTripper() http.RoundTripper {
	if !s.net.changed {
		return sharedNetwork()
	}
	t := newNetwork()
	if s.net.proxy != nil {
		t.Proxy = http.ProxyURL(s.net.proxy)
	}
	if s.net.noProxy {
		t.Proxy = nil
	}
	if s.net.tls != nil {
		t.TLSClientConfig = s.net.tls
	}
	if s.net.conns > 0 {
		t.MaxConnsPerHost = s.net.conns
		t.MaxIdleConnsPerHost = s.net.conns
	}
	return t
}

// OnRequest adds a function that is called with each request before it is sent, after
// the credentials have been added. It may change the headers. It is called for each
// attempt and for each redirect within the source's hosts. Several functions are called
// in the order in which they were added. An error ends the call.
func OnRequest(hook func(*http.Request) error) Option {
	return func(s *settings) {
		if hook != nil {
			s.onRequest = append(s.onRequest, hook)
		}
	}
}

// OnResponse adds a function that is called with each response before its body is read,
// including failures that will be repeated. It must not read the body. An error ends
// the call.
func OnResponse(hook func(*http.Response) error) Option {
	return func(s *settings) {
		if hook != nil {
			s.onResponse = append(s.onResponse, hook) //nolint:bodyclose // a function that sees bodies, not one of them
		}
	}
}

// A hookError is a failure of a hook. Repeating the request does not fix it.
type hookError struct{ err error }

func (e *hookError) Error() string        { return fmt.Sprintf("hook: %v", e.err) }
func (e *hookError) Unwrap() error        { return e.err }
func (e *hookError) Is(target error) bool { return target == errFinal }
