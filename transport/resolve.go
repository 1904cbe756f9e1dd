package transport

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
)

// resolve returns the URL of a request.
func (c *Client) resolve(req Request) (*url.URL, error) {
	ref, err := url.Parse(req.Path)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, fmt.Errorf("the request's path is not a URL: %w", err)
	}
	var u *url.URL
	switch {
	case ref.IsAbs() && (ref.Scheme != "http" && ref.Scheme != "https" || ref.Host == ""):
		return nil, fmt.Errorf("the request's path is not a path or an http URL: scheme %q", ref.Scheme)
	case ref.IsAbs():
		u = ref
	case ref.Host != "" || ref.User != nil:
		return nil, errors.New("the request's path must be a path or an absolute URL, not //host")
	default:
		u = joinPath(c.base, ref)
	}
	u.Fragment, u.RawFragment = "", ""
	query := req.Query
	if !ref.IsAbs() && !req.asGiven {
		query = c.withDefaults(req.Query, ref)
	}
	if len(query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += query.Encode()
	}
	return u, nil
}

// withDefaults adds the client's query parameters to those of a request.
func (c *Client) withDefaults(own url.Values, ref *url.URL) url.Values {
	if len(c.query) == 0 {
		return own
	}
	query := maps.Clone(c.query)
	for name := range ref.Query() {
		delete(query, name)
	}
	maps.Copy(query, own)
	return query
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
// according to RFC 3986 §5. There is one exception: an absolute path that is not below
// the path of the base URL is appended to it, because the URLs of an API behind a
// gateway often lack the gateway's prefix.
func (c *Client) reference(at *url.URL, text string) (*url.URL, error) {
	ref, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("not a URL")
	}
	if ref.IsAbs() || ref.Host != "" || !strings.HasPrefix(ref.Path, "/") {
		u := at.ResolveReference(ref)
		if u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("the scheme %q is neither http nor https", u.Scheme)
		}
		return u, nil
	}
	prefix := strings.TrimSuffix(c.base.Path, "/")
	if prefix == "" || ref.Path == prefix || strings.HasPrefix(ref.Path, prefix+"/") || !sameOrigin(at, c.base) {
		return at.ResolveReference(ref), nil
	}
	return joinPath(c.base, ref), nil
}
