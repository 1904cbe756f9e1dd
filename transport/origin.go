package transport

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// trusts reports whether u belongs to the source: it has the origin of the base URL, or
// a host that WithHosts names.
func (c *Client) trusts(u *url.URL) bool {
	if sameOrigin(u, c.base) {
		return true
	}
	// Plain text after https would show the credentials to the network.
	return len(c.hosts) > 0 && c.hosts[hostAndPort(u)] && (u.Scheme == "https" || c.base.Scheme == "http")
}

// sameOrigin reports whether u has the scheme, host and port of base. A change from
// http to https on the default ports counts as the same origin.
func sameOrigin(u, base *url.URL) bool {
	if !sameHost(u, base) {
		return false
	}
	if u.Scheme == base.Scheme {
		return port(u) == port(base)
	}
	return base.Scheme == "http" && u.Scheme == "https" && port(base) == "80" && port(u) == "443"
}

// withScheme returns u with the scheme that the source has. A source behind a gateway
// that terminates TLS often writes its own URLs with http, and without the port of the
// gateway. It has one scheme for each port, so the scheme of the base URL also applies
// to a URL with the same host and port.
func (c *Client) withScheme(u *url.URL) *url.URL {
	wrongPort := c.base.Scheme == "https" && u.Port() == "80" // often written beside https, too
	if u.Scheme == c.base.Scheme && !wrongPort || c.trusts(u) {
		return u
	}
	v := *u
	v.Scheme = c.base.Scheme
	if wrongPort {
		v.Host = strings.TrimSuffix(v.Host, ":80")
	}
	if c.base.Scheme == "http" && (u.Port() == "" || !sameOrigin(&v, c.base)) || !c.trusts(&v) {
		return u
	}
	return &v
}

// foreign returns the error for a URL that does not belong to the source. It says
// whether the host, the port or the scheme is another one.
func (c *Client) foreign(u *url.URL) error {
	origin := u.Scheme + "://" + u.Host
	if !sameHost(u, c.base) {
		return fmt.Errorf("%w: %s: if it belongs to the source, pass transport.WithHosts(%q)", ErrForeignHost, origin, u.Host)
	}
	differs := "port"
	if u.Scheme != c.base.Scheme {
		differs = "scheme and port"
	}
	return fmt.Errorf("%w: %s has the host of the base URL %s://%s, but not its %s: if both belong to the source, pass transport.WithHosts(%q)",
		ErrForeignHost, origin, c.base.Scheme, c.base.Host, differs, u.Host)
}

func sameHost(a, b *url.URL) bool {
	x, y := a.Hostname(), b.Hostname()
	return strings.EqualFold(x, y) || canonicalHost(x) == canonicalHost(y)
}

// canonicalHost returns the one spelling of a host: that of RFC 5952 for an IPv6
// address, and lower case with the A-labels of RFC 5891 ("xn--…") for a name.
func canonicalHost(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String()
	}
	if !isASCII(host) {
		if name, err := idna.Lookup.ToASCII(host); err == nil {
			host = name
		}
	}
	return strings.ToLower(host)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// hostAndPort returns the canonical host of u, with its port unless that is a default
// one. It is the form in which WithHosts keeps its hosts.
func hostAndPort(u *url.URL) string {
	host := canonicalHost(u.Hostname())
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		return host + " " + p
	}
	return host
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
