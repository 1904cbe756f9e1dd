package transport

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"sync"
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

// sharedNetwork is the network of all clients without network options. They share one
// pool of connections, so a connector can create many clients.
var sharedNetwork = sync.OnceValue(newNetwork)

func newNetwork() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	// This package decompresses bodies itself. It enforces the limit of WithMaxBody and
	// supports deflate in addition to gzip.
	t.DisableCompression = true
	// With the default of 2, connections would be closed and reopened all the time
	// while several tables are read in parallel.
	t.MaxIdleConnsPerHost = 32
	return t
}
