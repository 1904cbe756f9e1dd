package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// A Request describes a request to a source. The zero Request is a GET of the base
// URL. A Request is a value: the functions of this package do not change the maps that
// it holds, and it can be used any number of times.
type Request struct {
	// Method is the HTTP method. Optional; the default is GET.
	Method string

	// Path is appended to the base URL: "/orders", with or without the leading slash,
	// requests https://host/v2/orders under the base "https://host/v2". It may have a
	// query, to which Query is added. Use url.PathEscape for parts that come from
	// data. An absolute URL is used as it is; if its host is not one of the source's
	// own (see [WithHosts]), the request carries none of the client's credentials and
	// headers. Optional; the default is the base URL itself.
	Path string

	// Query holds the query parameters. Optional.
	Query url.Values

	// Header holds the headers of this request. They replace headers of the client
	// with the same name. They are sent to the request's own host, and never on a
	// redirect to another. Optional.
	Header http.Header

	// Body is the body: bytes ([]byte, json.RawMessage) and strings are sent as they
	// are, url.Values as a form, and everything else as JSON. The Content-Type follows
	// from it, unless Header sets one. Optional; the default is no body.
	Body any

	// RecordsAt is the path to the records in a JSON response: "data", "data.items",
	// "edges.*.node". An empty path is the body itself. (The package documentation
	// defines paths.) [Records] decodes each element of the array at the path, and
	// [Get] the value at the path. Optional.
	RecordsAt string

	// ErrorAt is the path to an error that the source reports with a status of
	// success, such as "errors" or "error.message". A value there other than null,
	// false, 0, "", [] and {} fails the request with [ErrReported]. To repeat such a
	// request, or to distinguish errors, use a [Rule]. Optional.
	ErrorAt string

	// Idempotent says that the request may be repeated even if it may have reached
	// the source. Set it for a POST that only reads, such as a search. GET, HEAD,
	// OPTIONS, TRACE, PUT and DELETE are always idempotent (RFC 9110 §9.2.2).
	// Optional.
	Idempotent bool

	// Timeout limits each try, like [WithTimeout]. Optional; the default is the
	// client's, and a negative value means no limit.
	Timeout time.Duration

	// asGiven marks a URL that the source sent. It is used as it is, without the
	// client's query parameters, and only on the source's hosts.
	asGiven bool
}

// at returns a copy of r that requests a URL that the source sent.
func (r Request) at(u *url.URL) Request {
	r.Path = u.String()
	r.Query = nil
	r.asGiven = true
	return r
}

// A call is a request in the form in which every try sends it.
type call struct {
	client     *Client
	method     string
	url        *url.URL
	header     http.Header
	body       []byte
	trusted    bool // it goes to a host of the source
	idempotent bool
	timeout    time.Duration
	errorAt    jsonpath.Path
	engine     *engine // made by the first try
}

// prepare turns a request into a call. An error is a mistake of the connector, unless
// it is about a URL that the source sent.
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
		if k.errorAt, err = jsonpath.Parse(req.ErrorAt); err != nil {
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
		// Both halves are valid escapes, so that setting them can't fail.
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
		// Deterministic, so that equal requests have equal bytes.
		if data, err = jsonv2.Marshal(b, jsonv2.Deterministic(true), jsonvalue.EncodeOptions); err != nil {
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

func idempotentMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}
