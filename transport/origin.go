package transport

import (
	"net/url"
	"strings"
)

// trusts reports whether u belongs to the source: it has the origin of the base URL, or
// a host that WithHosts names.
func (c *Client) trusts(u *url.URL) bool {
	if sameOrigin(u, c.base) {
		return true
	}
	// Plain text after https would show the credentials to the network.
	return c.hosts[strings.ToLower(u.Host)] && (u.Scheme == "https" || c.base.Scheme == "http")
}

// sameOrigin reports whether u has the scheme, host and port of base. A change from
// http to https on the default ports counts as the same origin.
func sameOrigin(u, base *url.URL) bool {
	if !strings.EqualFold(u.Hostname(), base.Hostname()) {
		return false
	}
	if u.Scheme == base.Scheme {
		return port(u) == port(base)
	}
	return base.Scheme == "http" && u.Scheme == "https" && port(base) == "80" && port(u) == "443"
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
