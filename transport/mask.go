package transport

import (
	"net/url"
	"sort"
	"strings"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

const masked = "***"

// A mask hides secrets in errors and log lines.
type mask struct {
	values []string
	params map[string]bool
}

// mask returns the mask for text about a call. Each text needs a new mask, because a
// login or a refresh changes the secrets.
func (k *call) mask() *mask { return k.client.mask() }

// mask returns the mask for text about the client's requests.
func (c *Client) mask() *mask {
	m := &mask{}
	m.add(c.secrets...)
	m.add(c.cookies.values()...)
	if c.auth != nil {
		m.add(secretsOf(c.auth)...)
		for _, name := range secretParams(c.auth) {
			if m.params == nil {
				m.params = map[string]bool{}
			}
			m.params[name] = true
		}
	}
	for name, values := range c.header {
		if secretname.Header(name) {
			m.add(values...)
		}
	}
	return m
}

// add adds secret values. It ignores very short ones: hiding each "a" would protect
// nothing and make every text unreadable.
func (m *mask) add(values ...string) {
	for _, v := range values {
		if len(v) < 4 {
			continue
		}
		m.values = append(m.values, v)
		if esc := url.QueryEscape(v); esc != v {
			m.values = append(m.values, esc)
		}
		if esc := url.PathEscape(v); esc != v {
			m.values = append(m.values, esc)
		}
	}
	// The longest come first, because a secret may be the beginning of another.
	sort.Slice(m.values, func(i, j int) bool { return len(m.values[i]) > len(m.values[j]) })
}

// text returns s without the secrets.
func (m *mask) text(s string) string {
	if m == nil {
		return s
	}
	for _, v := range m.values {
		s = strings.ReplaceAll(s, v, masked)
	}
	return s
}

// url returns u as text without user information, without the values of query parameters
// that hold credentials, and without any known secret.
func (m *mask) url(u *url.URL) string {
	if u == nil {
		return ""
	}
	v := *u
	v.User = nil
	v.Fragment, v.RawFragment = "", ""
	if v.RawQuery != "" {
		// The order of the query is kept for readability.
		parts := strings.Split(v.RawQuery, "&")
		for i, part := range parts {
			name, value, _ := strings.Cut(part, "=")
			if n, err := url.QueryUnescape(name); err == nil {
				name = n
			}
			if value != "" && (m != nil && m.params[name] || secretParam(name)) {
				parts[i] = url.QueryEscape(name) + "=" + masked
			}
		}
		v.RawQuery = strings.Join(parts, "&")
	}
	return m.text(v.String())
}

// secretParam reports whether a query parameter of this name usually holds a
// credential. A page_token does not, and helps in a message. Messages also hide the
// parameters that are secret in a token request, wherever they occur.
func secretParam(name string) bool {
	return secretname.Parameter(name) || secretname.GrantField(name)
}
