package transport

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
)

const masked = "***"

// A mask hides secrets in errors and log lines.
type mask struct {
	values []string
	params map[string]bool
}

// mask returns the mask for texts about a call. It is made anew for each text, because a
// login or a refresh changes the secrets.
func (k *call) mask() *mask { return k.client.mask() }

// mask returns the mask for texts about the client's requests.
func (c *Client) mask() *mask {
	m := &mask{}
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
		if secretHeader(name) {
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

// secretParam reports whether a query parameter with this name usually holds a
// credential. A page_token does not, and is useful to see.
func secretParam(name string) bool {
	n := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
	switch n {
	case "key", "token", "accesstoken", "authtoken", "refreshtoken", "idtoken", "auth", "authorization",
		"secret", "password", "passwd", "pwd", "pass", "code", "jwt", "sig", "session", "sessionid", "sid",
		"xamzcredential", "xgoogcredential", "xamzsecuritytoken":
		return true
	}
	for _, end := range []string{"apikey", "accesskey", "secretkey", "privatekey", "secret", "password", "signature"} {
		if strings.HasSuffix(n, end) {
			return true
		}
	}
	return false
}

// secretHeader reports whether a header with this name usually holds a credential.
func secretHeader(name string) bool {
	switch name = http.CanonicalHeaderKey(name); name {
	case "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie":
		return true
	}
	n := strings.ToLower(name)
	for _, part := range []string{"auth", "key", "token", "secret", "password", "session", "signature"} {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}
