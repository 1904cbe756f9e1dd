package transport

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"sync"

	"github.com/penstock-sdk/penstock/internal/pasted"
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
//
// If the URL is not valid, the error of [New] is an [*Error] whose Configuration method
// returns true, because the URL of a proxy is part of the configuration. The same is true
// of the error of a request that the proxy refuses, such as with 407.
func WithProxy(proxyURL string) Option {
	return func(s *settings) {
		s.net.changed = true
		if proxyURL = pasted.Trim(proxyURL); proxyURL == "" {
			s.net.noProxy, s.net.proxy = true, nil
			return
		}
		u, err := url.Parse(proxyURL)
		if err != nil || u.Hostname() == "" {
			s.misconfigured("WithProxy: not a URL with a host, such as http://proxy.example.com:3128")
			return
		}
		if pasted.HostIsKey(u.Hostname()) {
			s.misconfigured("WithProxy: the URL has a key in place of its host, which must be as in http://proxy.example.com:3128")
			return
		}
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			s.net.proxy, s.net.noProxy = u, false
		default:
			s.misconfigured("WithProxy: the scheme must be http, https or socks5")
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
	if t.Proxy != nil {
		t.Proxy = describeProxy(t.Proxy)
	}
	if t.OnProxyConnectResponse == nil {
		t.OnProxyConnectResponse = connectResponse
	}
	if t.MaxResponseHeaderBytes <= 0 || t.MaxResponseHeaderBytes > maxHeaderBytes {
		t.MaxResponseHeaderBytes = maxHeaderBytes
	}
	// This package decompresses bodies itself. It enforces the limit of WithMaxBody and
	// supports deflate in addition to gzip.
	t.DisableCompression = true
	// With the default of 2, connections would be closed and reopened all the time
	// while several tables are read in parallel.
	t.MaxIdleConnsPerHost = 32
	return t
}
