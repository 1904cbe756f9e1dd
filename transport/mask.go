package transport

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretname"
	"github.com/penstock-sdk/penstock/internal/shorten"
)

// minMasked is the length in bytes of the shortest credential that is masked. Masking each
// "a" would protect nothing and make every text unreadable.
const minMasked = 4

// A mask hides secrets in errors and log lines.
type mask struct {
	secrets *redact.Set
	params  map[string]bool
}

// A maskCache holds the secrets of the last mask of a client, which seldom change.
type maskCache struct{ last atomic.Pointer[redact.Set] }

// set returns the set of the values.
func (c *maskCache) set(values []string) *redact.Set {
	last := c.last.Load()
	if last.Equal(values) {
		return last
	}
	set := last.With(values)
	c.last.Store(set)
	return set
}

// mask returns the mask for text about a call. Each text needs a new mask, because a
// login or a refresh changes the secrets.
func (k *call) mask() *mask { return k.client.mask() }

// mask returns the mask for text about the client's requests.
func (c *Client) mask() *mask {
	m := &mask{}
	if c.auth != nil {
		for _, name := range secretParams(c.auth) {
			if m.params == nil {
				m.params = map[string]bool{}
			}
			m.params[name] = true
		}
	}
	values := append(c.credentials(), c.cookies.values()...)
	values = slices.DeleteFunc(values, func(v string) bool { return len(v) < minMasked })
	m.secrets = c.masks.set(values)
	return m
}

// credentials returns the secrets of the client and of its Auth, and the headers that hold
// secrets. Cookies are not among them.
func (c *Client) credentials() []string {
	all := slices.Clone(c.secrets)
	if c.auth != nil {
		all = append(all, secretsOf(c.auth)...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.header)) {
		if secretname.Header(name) {
			all = append(all, c.header[name]...)
		}
	}
	return all
}

// text returns s without the secrets.
func (m *mask) text(s string) string {
	if m == nil {
		return s
	}
	return m.secrets.Text(s)
}

// maxMasked is the number of bytes of a text of which an excerpt is shown that are searched
// for secrets. The longest spelling of a long token fits in.
const maxMasked = 64 << 10

// excerpt returns the start of a text from a source as one line of at most limit bytes
// and an ellipsis. It masks the secrets first, because a part of one may not be recognized.
func (m *mask) excerpt(text []byte, limit int) string {
	return shorten.Line(m.text(string(text[:min(len(text), maxMasked)])), limit)
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
				parts[i] = url.QueryEscape(name) + "=" + redact.Mask
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
