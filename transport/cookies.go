package transport

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// WithCookies keeps the cookies that the source sets and sends them with later requests
// (RFC 6265), for a source that identifies a session, or the server that holds it, by a
// cookie. They are stored and sent only for the source's own hosts (see [WithAuth]), as
// long as the client exists. The client that obtains credentials for an [Auth] shares
// them. A cookie that a request or [WithHeader] sets takes precedence over one of the same
// name. Values of 8 bytes or more are hidden in errors and logs. The client keeps up to
// 1,000 cookies with up to 200 names, of up to 8 KiB each, and logs a line at level WARN if
// the source sets more or larger ones. By default, cookies are ignored.
func WithCookies() Option {
	return func(s *settings) {
		if s.cookies == nil {
			s.cookies = newCookies()
		}
	}
}

// cookies holds the cookies of a source. A nil value ignores cookies.
type cookies struct {
	jar *cookiejar.Jar

	mu      sync.Mutex
	names   map[string]bool
	kept    map[string]bool // by name, domain and path
	secrets []string        // the latest values
	refused bool            // whether a cookie was not kept
}

const (
	// maxCookies is the largest number of names of cookies, and maxCookieSize the largest
	// number of bytes of a cookie. They bound the memory for a source that sets a cookie
	// of another name with each response. RFC 6265 §6.1 asks for at least 50 cookies and
	// 4096 bytes.
	maxCookies, maxCookieSize = 200, 8 << 10
	// maxKeptCookies is the largest number of cookies, which may have the same name and
	// differ in their path or domain.
	maxKeptCookies = 1000
	// maxCookieSecrets bounds the memory of a client whose source changes a cookie
	// with each response.
	maxCookieSecrets = 32
	// minCookieSecret is the minimum number of bytes of a value that is treated as a
	// secret. Shorter ones are settings, such as a language, rather than sessions.
	minCookieSecret = 8
)

func newCookies() *cookies {
	// Without the list of public suffixes, a host could set cookies for all of .com.
	jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // cannot fail
	return &cookies{jar: jar, names: map[string]bool{}, kept: map[string]bool{}}
}

// add adds the cookies for a request's URL to it.
func (c *cookies) add(r *http.Request) {
	if c == nil {
		return
	}
	own := r.Cookies()
	for _, cookie := range c.jar.Cookies(r.URL) {
		if !slices.ContainsFunc(own, func(o *http.Cookie) bool { return o.Name == cookie.Name }) {
			r.AddCookie(cookie)
		}
	}
}

// store keeps the cookies of a response from at. It returns false for the first response
// with a cookie that it does not keep.
func (c *cookies) store(at *url.URL, resp *http.Response) bool {
	if c == nil || len(resp.Header["Set-Cookie"]) == 0 {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	set := resp.Cookies()
	kept := slices.DeleteFunc(slices.Clone(set), func(cookie *http.Cookie) bool {
		return !c.admit(at, cookie)
	})
	for _, cookie := range kept {
		c.hide(cookie.Value)
	}
	c.jar.SetCookies(at, kept)
	first := len(kept) < len(set) && !c.refused
	c.refused = c.refused || first
	return !first
}

// admit reports whether a cookie from at is kept.
func (c *cookies) admit(at *url.URL, cookie *http.Cookie) bool {
	if len(cookie.Name)+len(cookie.Value)+len(cookie.Path)+len(cookie.Domain) > maxCookieSize {
		return false
	}
	path := cookie.Path
	if path == "" {
		path = at.Path[:strings.LastIndexByte(at.Path, '/')+1]
	}
	key := strings.Join([]string{cookie.Name, cookie.Domain, at.Hostname(), path}, "\n")
	switch {
	case len(key) > maxCookieSize:
		return false
	case !c.names[cookie.Name] && len(c.names) >= maxCookies:
		return false
	case !c.kept[key] && len(c.kept) >= maxKeptCookies:
		return false
	}
	c.names[cookie.Name], c.kept[key] = true, true
	return true
}

// hide adds a value to the secrets.
func (c *cookies) hide(value string) {
	if len(value) < minCookieSecret || slices.Contains(c.secrets, value) {
		return
	}
	c.secrets = append(c.secrets, value)
	if len(c.secrets) > maxCookieSecrets {
		c.secrets = slices.Delete(c.secrets, 0, 1)
	}
}

// values returns the values to hide.
func (c *cookies) values() []string {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.secrets)
}
