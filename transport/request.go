package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

// A Request says what to ask of a source. The zero Request is a GET of the
// base URL. A Request is a value: functions of this package don't change the
// maps it holds, and one can be used any number of times.
type Request struct {
	// Method is the HTTP method. Optional; the default is GET.
	Method string

	// Path is put after the base URL: "/orders" under the base
	// "https://host/v2" asks https://host/v2/orders, with or without the slash
	// in front. It may hold a query, which Query adds to. An absolute URL is
	// used as it is; where its host is not one of the source's own (see
	// [WithHosts]), the request carries none of the client's credentials and
	// headers. Parts that come from data belong through url.PathEscape.
	// Optional; the default is the base URL itself.
	Path string

	// Query holds the query parameters. Optional.
	Query url.Values

	// Header holds headers for this request, which replace those of the same
	// name that the client has. They are sent to the request's own host, and
	// never on a redirect to another. Optional.
	Header http.Header

	// Body is what is sent: bytes ([]byte, json.RawMessage) and strings as
	// they are, url.Values as a form, everything else encoded as JSON. The
	// Content-Type follows, unless Header sets it. Optional; the default is no
	// body.
	Body any

	// Records is the path to the records in a response of JSON (see the
	// package's documentation for paths): "data", "data.items",
	// "edges.*.node"; "" is the body itself. [Get] decodes the value at the
	// path, [Records] each element of the array at the path. Optional.
	Records string

	// ErrorAt is the path to an error that a source reports with a status of
	// success, such as "errors" or "error.message". A value there other than
	// null, false, 0, "", [] and {} fails the request with [ErrReported]; to
	// repeat such a request, or to tell errors apart, use a [Rule]. Optional.
	ErrorAt string

	// Idempotent says that the request may be repeated after it may have
	// reached the source already. GET, HEAD, OPTIONS, TRACE, PUT and DELETE
	// are idempotent by RFC 9110 §9.2.2 and repeated in any case; set it for a
	// POST that only reads, such as a search. Optional.
	Idempotent bool

	// Timeout limits each try, like [WithTimeout]. Optional; the default is
	// the client's, and a negative one is no limit.
	Timeout time.Duration

	// asGiven marks a URL that a source handed out, to be used as it is:
	// without the client's query parameters, and only on the source's hosts.
	asGiven bool
	// noRecords marks a request whose answer has no records, but other members
	// of interest.
	noRecords bool
}

func withoutRecords(r Request) Request {
	r.noRecords = true
	return r
}

// at returns a copy of r that asks the URL that a source gave out.
func (r Request) at(u *url.URL) Request {
	r.Path = u.String()
	r.Query = nil
	r.asGiven = true
	return r
}

// A call is a request made ready: everything that is the same in each try.
type call struct {
	client     *Client
	method     string
	url        *url.URL
	header     http.Header
	body       []byte
	trusted    bool // goes to a host of the source
	idempotent bool
	timeout    time.Duration
	errorAt    path
}

// prepare turns a request into a call. Its errors are the connector's own
// mistakes, but for those about a URL that the source gave out.
func (c *Client) prepare(req Request) (*call, error) {
	k := &call{client: c, method: req.Method, timeout: req.Timeout}
	if k.method == "" {
		k.method = http.MethodGet
	}
	u, err := c.resolve(req)
	if err != nil {
		return k, err
	}
	k.url = u
	k.trusted = c.trusts(u)
	if req.asGiven && !k.trusted {
		return k, fmt.Errorf("%w: %s", ErrForeignHost, u.Host)
	}
	if k.body, err = k.encode(req.Body); err != nil {
		return k, fmt.Errorf("encode the request's body: %w", err)
	}
	if k.body != nil && (k.method == http.MethodHead || k.method == http.MethodOptions || k.method == http.MethodTrace) {
		return k, fmt.Errorf("a %s request has no body", k.method)
	}
	if req.ErrorAt != "" {
		if k.errorAt, err = parsePath(req.ErrorAt); err != nil {
			return k, err
		}
	}
	k.setHeaders(req.Header)
	k.idempotent = req.Idempotent || idempotentMethod(k.method)
	switch {
	case k.timeout == 0:
		k.timeout = c.timeout
	case k.timeout < 0:
		k.timeout = 0
	}
	return k, nil
}

// resolve returns the URL that a request asks.
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
	var query url.Values
	if !ref.IsAbs() && !req.asGiven {
		for name, values := range c.query {
			if _, own := req.Query[name]; !own && !ref.Query().Has(name) {
				if query == nil {
					query = url.Values{}
				}
				query[name] = values
			}
		}
	}
	if query == nil {
		query = req.Query
	} else {
		for name, values := range req.Query {
			query[name] = values
		}
	}
	if len(query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += query.Encode()
	}
	return u, nil
}

// joinPath puts ref's path after base's, keeping both as they are escaped.
func joinPath(base, ref *url.URL) *url.URL {
	u := *base
	if ref.Path != "" {
		joined := strings.TrimSuffix(base.EscapedPath(), "/") + "/" + strings.TrimPrefix(ref.EscapedPath(), "/")
		// Both halves are valid escapes, so that setting them can't fail.
		if p, err := url.PathUnescape(joined); err == nil {
			u.Path, u.RawPath = p, joined
		}
	}
	u.RawQuery = ref.RawQuery
	return &u
}

// reference resolves a URL that the source gave in an answer from the URL at:
// a next page, a redirect of its own. RFC 3986 §5 holds, with one exception:
// an absolute path outside of the base URL's path is taken to be below it,
// because APIs behind a gateway give out paths that don't know the gateway's
// prefix.
func (c *Client) reference(at *url.URL, text string) (*url.URL, error) {
	ref, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("not a URL")
	}
	if ref.IsAbs() || ref.Host != "" || !strings.HasPrefix(ref.Path, "/") {
		u := at.ResolveReference(ref)
		if u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("scheme %q", u.Scheme)
		}
		return u, nil
	}
	prefix := strings.TrimSuffix(c.base.Path, "/")
	if prefix == "" || ref.Path == prefix || strings.HasPrefix(ref.Path, prefix+"/") || !sameOrigin(at, c.base) {
		return at.ResolveReference(ref), nil
	}
	return joinPath(c.base, ref), nil
}

// encode returns the bytes of a request's body, and sets its Content-Type.
func (k *call) encode(body any) ([]byte, error) {
	k.header = http.Header{}
	typ := "application/json"
	var data []byte
	switch b := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		data = b
	case []byte:
		data = b
	case string:
		data = []byte(b)
	case url.Values:
		typ = "application/x-www-form-urlencoded"
		data = []byte(b.Encode())
	default:
		var err error
		// Deterministic, because the same request must be the same bytes.
		if data, err = jsonv2.Marshal(b, jsonv2.Deterministic(true), encodeOptions); err != nil {
			return nil, err
		}
	}
	if data == nil {
		data = []byte{}
	}
	k.header.Set("Content-Type", typ)
	return data, nil
}

func (k *call) setHeaders(own http.Header) {
	k.header.Set("Accept", "application/json, */*;q=0.5")
	k.header.Set("Accept-Encoding", "gzip, deflate")
	if k.client.userAgent != "" {
		k.header.Set("User-Agent", k.client.userAgent)
	}
	if k.trusted {
		for name, values := range k.client.header {
			k.header[name] = values
		}
	}
	for name, values := range own {
		k.header[http.CanonicalHeaderKey(name)] = values
	}
}

// trusts reports whether u belongs to the source: it has the base URL's
// origin, or a host that WithHosts named.
func (c *Client) trusts(u *url.URL) bool {
	if sameOrigin(u, c.base) {
		return true
	}
	// A downgrade to plain text would show the credentials to the network.
	return c.hosts[strings.ToLower(u.Host)] && (u.Scheme == "https" || c.base.Scheme == "http")
}

// sameOrigin reports whether u has the scheme, host and port of base. A step up
// from http to https on the default ports counts as the same.
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

func idempotentMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// withCall returns the context of one try.
func withCall(ctx context.Context, k *call) context.Context {
	return context.WithValue(ctx, attemptKey{}, k)
}
