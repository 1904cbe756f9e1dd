package transport

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// resolve returns the URL of a request.
func (c *Client) resolve(req Request) (*url.URL, error) {
	ref, err := parsePath(req.Path)
	if err != nil {
		return nil, fmt.Errorf("the request's path: %w", err)
	}
	var u *url.URL
	switch {
	case ref.IsAbs() && (ref.Scheme != "http" && ref.Scheme != "https" || ref.Host == ""):
		return nil, fmt.Errorf("the request's path is not a path or an http URL: scheme %q", ref.Scheme)
	case ref.IsAbs() && ref.User != nil:
		return nil, errors.New("the request's path must not contain a user name or a password: pass them to transport.WithAuth, or for another host in Request.Header")
	case ref.IsAbs():
		u = c.withScheme(ref)
	case ref.Host != "" || ref.User != nil:
		return nil, errors.New("the request's path must be a path or an absolute URL, not //host")
	default:
		u = joinPath(c.base, ref)
	}
	if !ref.IsAbs() && !req.asGiven {
		u.RawQuery = query.Append(u.RawQuery, c.withDefaults(req.Query, ref.RawQuery).Encode())
	} else {
		u.RawQuery = query.Append(u.RawQuery, req.Query.Encode())
	}
	if err := checkURLSize(len(u.Path) + len(u.RawQuery)); err != nil {
		return nil, err
	}
	return u, nil
}

// parsePath parses the path of a request, which is a path or an absolute URL. Unlike in
// a URL from a source, a percent sign in a path must begin an escape, and a path must
// not have a fragment: both are signs of data that url.PathEscape was not applied to.
func parsePath(text string) (*url.URL, error) {
	if err := checkURLSize(len(text)); err != nil {
		return nil, err
	}
	path, _, fragment, _ := query.Split(text)
	for i := range len(path) {
		if path[i] == '%' && !query.IsEscape(path[i:]) {
			return nil, fmt.Errorf("a percent sign at byte %d that does not begin an escape: use url.PathEscape for parts that come from data", i+1)
		}
	}
	escaped, err := escapeURL(text)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(escaped)
	switch {
	case err != nil:
		return nil, parseReason(text, err)
	case fragment != "" && !u.IsAbs():
		return nil, errors.New("it has a fragment, which is never sent: write # as %23, or use url.PathEscape or url.QueryEscape for parts that come from data")
	}
	return u, nil
}

// withDefaults adds the client's query parameters to those of a request. A parameter in
// the query of the request's path also replaces the client's.
func (c *Client) withDefaults(own url.Values, pathQuery string) url.Values {
	if len(c.query) == 0 {
		return own
	}
	all := maps.Clone(c.query)
	if pathQuery != "" {
		for name := range c.query {
			if query.Has(pathQuery, name) {
				delete(all, name)
			}
		}
	}
	maps.Copy(all, own)
	return all
}

// joinPath appends the path of ref to that of base. Both stay escaped as they are.
func joinPath(base, ref *url.URL) *url.URL {
	u := *base
	if ref.Path != "" {
		joined := strings.TrimSuffix(base.EscapedPath(), "/") + "/" + strings.TrimPrefix(ref.EscapedPath(), "/")
		// Both halves are valid escapes, so setting them cannot fail.
		if p, err := url.PathUnescape(joined); err == nil {
			u.Path, u.RawPath = p, joined
		}
	}
	u.RawQuery = ref.RawQuery
	return &u
}

// reference resolves a URL in a response from the URL at, such as that of a next page,
// according to RFC 3986 §5. There are two exceptions: an absolute path that is not below
// the path of the base URL is appended to it, because the URLs of an API behind a
// gateway often lack the gateway's prefix; and a URL of the source has its scheme (see
// withScheme).
func (c *Client) reference(at *url.URL, text string) (*url.URL, error) {
	ref, err := parseURL(text)
	if err != nil {
		return nil, err
	}
	if ref.IsAbs() || ref.Host != "" || !strings.HasPrefix(ref.Path, "/") {
		u := at.ResolveReference(ref)
		if u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("the scheme %q is neither http nor https", u.Scheme)
		}
		if u.Hostname() == "" {
			return nil, errors.New("not a URL: it has no host")
		}
		return c.withScheme(u), nil
	}
	prefix := strings.TrimSuffix(c.base.Path, "/")
	if prefix == "" || ref.Path == prefix || strings.HasPrefix(ref.Path, prefix+"/") || !sameOrigin(at, c.base) {
		return at.ResolveReference(ref), nil
	}
	return joinPath(c.base, ref), nil
}
