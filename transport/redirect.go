package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/transport/internal/query"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

const maxRedirects = 10

// errRedirects is distinguished from network failures, because trying again leads
// through the same redirects.
var errRedirects = errors.New("too many redirects")

// A redirectError reports a redirect that cannot be followed. Repeating the request leads
// to the same redirect.
type redirectError struct {
	status int
	reason string
}

func (e *redirectError) Error() string {
	return fmt.Sprintf("the source redirects with %s %s", status.Text(e.status), e.reason)
}

func (e *redirectError) Is(target error) bool { return target == errFinal }

// A detour records properties of the redirects of an attempt, which explain why there are
// too many.
type detour struct {
	plain   bool // a redirect from https to http, which was requested by https
	cookies bool // a redirect that sets a cookie, which the client does not keep
}

// isRedirect reports whether a response with a status leads to its Location.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// resolveLocation replaces the Location of a redirect by an absolute URL with the scheme
// of the source. It accepts the URLs that browsers accept. net/http is stricter, and its
// error repeats the whole URL, which may contain a credential.
func (k *call) resolveLocation(resp *http.Response, at *url.URL) error {
	location := resp.Header.Get("Location")
	if location == "" || !isRedirect(resp.StatusCode) {
		return nil
	}
	ref, err := parseURL(location)
	if err != nil {
		if errors.Is(err, ErrTooLarge) {
			return fmt.Errorf("the source redirects with %s to %w", status.Text(resp.StatusCode), err)
		}
		return &redirectError{resp.StatusCode, "to a Location that is " + err.Error()}
	}
	u := at.ResolveReference(ref)
	if u.Scheme != "http" && u.Scheme != "https" {
		return &redirectError{resp.StatusCode, fmt.Sprintf("to the scheme %q", u.Scheme)}
	}
	if u.Hostname() == "" {
		return &redirectError{resp.StatusCode, "to a Location without a host"}
	}
	secure := k.client.withScheme(u)
	k.detour.plain = k.detour.plain || secure.Scheme != u.Scheme
	k.detour.cookies = k.detour.cookies || k.client.cookies == nil && len(resp.Header["Set-Cookie"]) > 0
	resp.Header = resp.Header.Clone()
	resp.Header.Set("Location", secure.String())
	return nil
}

// followRedirect is the CheckRedirect of the call's HTTP client. A request that has
// left the hosts where it may carry headers and credentials carries only the headers
// that negotiate the response, on this and all further redirects. (By default,
// net/http removes Authorization and cookies, keeps other headers, and passes on the
// URL with its query as the Referer.)
func (k *call) followRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return k.tooManyRedirects(len(via), req.URL)
	}
	k.dropCondition(req.Header)
	previous := via[len(via)-1]
	home := k.stayedHome(req)
	if keeps := req.Response.StatusCode != http.StatusSeeOther; keeps && (k.hasBody(previous) || !isRead(previous.Method)) {
		switch {
		case !home && (k.hasBody(previous) || req.Method != previous.Method):
			return k.foreignRedirect(req.URL)
		case req.Method != previous.Method && !k.idempotent:
			// The response is then the failure, unless a rule says otherwise.
			return http.ErrUseLastResponse
		}
		k.repeat(req, previous)
	}
	k.warnOfLostQuery(req, previous)
	if home {
		return nil
	}
	for name := range req.Header {
		switch name {
		case "Accept", "Accept-Encoding", "Accept-Language", "User-Agent":
		default:
			delete(req.Header, name)
		}
	}
	if k.client.auth != nil {
		req.URL.RawQuery = k.withoutSecretParams(req)
	}
	if k.client.isIn(req.URL) {
		return fmt.Errorf("a redirect that contains the credentials: %w", k.client.foreign(req.URL))
	}
	return nil
}

// withoutSecretParams returns the query of a redirect without the credentials. A parameter
// of the same name that the source adds itself, such as the token of a signed link, stays.
func (k *call) withoutSecretParams(req *http.Request) string {
	text := req.URL.RawQuery
	for _, name := range secretParams(k.client.auth) {
		own := slices.Clone(secretsOf(k.client.auth))
		for r := req.Response; r != nil; r = r.Request.Response {
			own = append(own, query.Values(r.Request.URL.RawQuery, name)...)
		}
		if slices.ContainsFunc(query.Values(text, name), func(v string) bool { return slices.Contains(own, v) }) {
			text = query.Remove(text, name)
		}
	}
	return text
}

// isIn reports whether a URL contains a credential of the client in any spelling, in its host,
// its path or its query, possibly in a URL that is the value of a parameter, as in a redirect
// to a login page. Short credentials occur by chance. Cookies do not count: a source passes a
// session on to its other hosts in this way.
func (c *Client) isIn(u *url.URL) bool {
	return redact.New(c.credentials()).InData([]byte(u.Host + u.RequestURI()))
}

// repeat makes the request after a redirect the same as the one before it. After a 301
// or 302, net/http changes the method to GET and drops the body, which RFC 9110 §15.4.2
// allows for historical reasons. The response to a GET could be taken for that to a
// search.
func (k *call) repeat(req, previous *http.Request) {
	req.Method = previous.Method
	if !k.hasBody(previous) || k.hasBody(req) {
		return
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k.body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(k.body))
	for _, name := range contentHeaders {
		if v := k.header[name]; v != nil {
			req.Header[name] = v
		}
	}
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// hasBody reports whether a request of the call carries its body.
func (k *call) hasBody(r *http.Request) bool {
	return len(k.body) > 0 && r.Body != nil && r.Body != http.NoBody
}

func (k *call) foreignRedirect(to *url.URL) error {
	err := k.client.foreign(to)
	if !k.trusted {
		err = fmt.Errorf("%w: %s", ErrForeignHost, to.Host)
	}
	return foreignRedirectError{fmt.Errorf("a redirect of a %s request: %w", k.method, err)}
}

// A foreignRedirectError reports a redirect to another host that is not followed.
type foreignRedirectError struct{ error }

func (e foreignRedirectError) Unwrap() error { return e.error }

func (k *call) tooManyRedirects(n int, to *url.URL) error {
	err := fmt.Errorf("%w: %d, the next to %s", errRedirects, n, withoutQuery(to))
	switch {
	case k.detour.plain:
		return fmt.Errorf("%w, and some lead from https to http, where credentials are not sent", err)
	case k.detour.cookies:
		return fmt.Errorf("%w, and some set a cookie: pass transport.WithCookies", err)
	}
	return err
}

// warnOfLostQuery logs a warning if a redirect leads to the same path without the query.
// The response then probably contains other records than those requested.
func (k *call) warnOfLostQuery(req, previous *http.Request) {
	asked := previous.URL.RawQuery
	if k.client.auth != nil {
		asked = query.Remove(asked, secretParams(k.client.auth)...)
	}
	samePath := strings.TrimSuffix(req.URL.Path, "/") == strings.TrimSuffix(previous.URL.Path, "/")
	if asked == "" || req.URL.RawQuery != "" || !samePath || k.client.lostQuery.Swap(true) {
		return
	}
	k.client.log().LogAttrs(req.Context(), slog.LevelWarn,
		"a redirect drops the query of the request, so the response may contain other records than those requested: request the path that the source redirects to",
		slog.String("method", k.method), slog.String("path", k.path()), slog.String("to", k.mask().text(withoutQuery(req.URL))))
}

// explainStatus returns an explanation of a failure that its status does not give, or nil.
func (k *call) explainStatus(resp *Response) error {
	switch {
	case isRedirect(resp.Status):
		return k.notFollowed(resp)
	case resp.Status == http.StatusUnauthorized:
		// Not for a 403, with which storage services refuse a signed URL that has
		// expired.
		return k.withoutCredentials(resp)
	}
	return nil
}

// notFollowed returns the reason why a redirect is the response to a call.
func (k *call) notFollowed(resp *Response) error {
	u := target(resp)
	if u == nil {
		return errors.New("the redirect has no Location")
	}
	return fmt.Errorf("the source redirects to %s. A %s may have had an effect, so it is not sent again: "+
		"request that URL, or set Request.Idempotent if the request only reads", withoutQuery(u), k.method)
}

// target returns the URL that a redirect leads to, or nil if it has no Location.
func target(resp *Response) *url.URL {
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// movedAway reports whether a redirect leads to another scheme, host or port, as after
// the source has moved.
func (k *call) movedAway(resp *Response) bool {
	if !isRedirect(resp.Status) {
		return false
	}
	u := target(resp)
	return u != nil && (u.Scheme != k.url.Scheme || !sameOrigin(u, k.url))
}

// withoutCredentials returns an error if the request, or a redirect of it, led to a host
// that does not get the client's credentials, which explains a refusal.
func (k *call) withoutCredentials(resp *Response) error {
	switch {
	case resp.request == nil || k.client.auth == nil:
		return nil
	case !k.trusted:
		return fmt.Errorf("a request without the credentials: %w", k.client.foreign(k.url))
	case !k.stayedHome(resp.request):
		return fmt.Errorf("a redirect without the credentials: %w", k.client.foreign(resp.request.URL))
	}
	return nil
}
