package auth

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// maxTokenBody is the maximum number of bytes of a response of a token endpoint.
const maxTokenBody = 1 << 20

// A tokenEndpoint issues access tokens (RFC 6749 §3.2). It is used by one goroutine at a
// time.
type tokenEndpoint struct {
	url                    string
	clientID, clientSecret string // empty if the form contains an assertion
	style                  clientStyle
	redact                 func(string) string // removes secrets from a text
	hint                   string              // what to do if the grant is not valid, or ""
}

// A clientStyle is a way to send the credentials of the client (RFC 6749 §2.3.1).
type clientStyle string

const (
	inHeader clientStyle = "header"
	inBody   clientStyle = "body"
	inEither clientStyle = "" // try both
	noClient clientStyle = "none"
)

// accessToken exchanges a grant for an access token.
func (e *tokenEndpoint) accessToken(ctx context.Context, c *transport.Client, grant url.Values) (AccessToken, error) {
	answer, err := e.exchange(ctx, c, grant)
	if err != nil {
		return AccessToken{}, err
	}
	return answer.token()
}

// exchange exchanges a grant for an answer that has an access token or a refresh token.
func (e *tokenEndpoint) exchange(ctx context.Context, c *transport.Client, grant url.Values) (tokenAnswer, error) {
	if u, err := url.Parse(e.url); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return tokenAnswer{}, configurationError{errors.New("the token URL is not an http URL with a host")}
	} else if pasted.HostIsKey(u.Hostname()) {
		return tokenAnswer{}, configurationError{errors.New("the token URL has a key in place of its host")}
	}
	answer, err := e.try(ctx, c, grant)
	if err != nil {
		// The failed call is about another request, which its error names.
		err = fmt.Errorf("get an access token: %s %s: %w", http.MethodPost, shorten.Line(e.redact(withoutQuery(e.url)), 200), err)
	}
	return answer, err
}

// try sends a grant. If it is unknown how the credentials of the client are sent, it
// tries both ways. The one that succeeds is used from then on.
func (e *tokenEndpoint) try(ctx context.Context, c *transport.Client, grant url.Values) (tokenAnswer, error) {
	if e.style != inEither {
		return e.send(ctx, c, grant, e.style)
	}
	styles := []clientStyle{inHeader, inBody}
	if e.clientSecret == "" { // a public client sends its id in the body (RFC 6749 §3.2.1)
		styles = []clientStyle{inBody, inHeader}
	}
	answer, err := e.send(ctx, c, grant, styles[0])
	if err == nil {
		e.style = styles[0]
		return answer, nil
	}
	var refused *refusedError
	if !errors.As(err, &refused) || askedWait(err) > 0 {
		return tokenAnswer{}, err
	}
	answer, second := e.send(ctx, c, grant, styles[1])
	switch {
	case second == nil:
		e.style = styles[1]
		return answer, nil
	case refused.invalidGrant: // the first credentials were accepted
		return tokenAnswer{}, err
	}
	return tokenAnswer{}, second
}

// send sends a grant once.
func (e *tokenEndpoint) send(ctx context.Context, c *transport.Client, grant url.Values, style clientStyle) (tokenAnswer, error) {
	form := url.Values{}
	for name, values := range grant {
		form[name] = values
	}
	if style == inBody {
		form.Set("client_id", e.clientID)
		if e.clientSecret != "" {
			form.Set("client_secret", e.clientSecret)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, configurationError{errors.New("the token URL is not valid")} // err quotes it
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if style == inHeader {
		req.SetBasicAuth(url.QueryEscape(e.clientID), url.QueryEscape(e.clientSecret))
	}
	hc := &http.Client{Transport: c.RoundTripper(), CheckRedirect: refuseRedirect}
	resp, err := hc.Do(req)
	if err != nil {
		return tokenAnswer{}, networkFailure(err)
	}
	defer resp.Body.Close()
	body, err := readTokenBody(resp.Body)
	if err != nil { // the connection broke in the middle of the body
		return tokenAnswer{}, networkFailure(fmt.Errorf("read the response: %w", err))
	}
	if len(body) > maxTokenBody {
		return tokenAnswer{}, configurationError{fmt.Errorf("the response of the token URL has more than %d bytes: check the token URL", maxTokenBody)}
	}
	return e.read(resp, body)
}

// readTokenBody reads up to one byte more than maxTokenBody. Some endpoints compress the
// body although the request does not allow that.
func readTokenBody(r io.Reader) ([]byte, error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) { // RFC 1952 §2.3.1
		unpacked, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(io.LimitReader(unpacked, maxTokenBody+1))
	}
	return io.ReadAll(io.LimitReader(b, maxTokenBody+1))
}

// refuseRedirect makes the client return the redirect as the response, because the next
// request would carry the credentials.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// networkFailure returns a failure to send a request or to receive its response, with
// its kind.
func networkFailure(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) { // its text has the URL
		err = ue.Err
	}
	if netfailure.Untrusted(err) || netfailure.Unreachable(err) || errors.Is(err, transport.ErrTooLarge) {
		return configurationError{err}
	}
	return temporaryError{error: err}
}

// read returns the answer of a response.
func (e *tokenEndpoint) read(resp *http.Response, body []byte) (tokenAnswer, error) {
	answer, unreadable := parseTokenAnswer(body)
	switch code := resp.StatusCode; {
	case code < 300 && unreadable != nil:
		what := unreadable.Error()
		if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
			what = "the response is a web page, not a token"
		}
		return tokenAnswer{}, configurationError{fmt.Errorf("%s: %s: check the token URL", status.Text(code), what)}
	case code >= 300 && code < 400:
		return tokenAnswer{}, configurationError{fmt.Errorf("%s: the token URL leads to another URL%s, to which credentials are not sent: use that URL as the token URL", status.Text(code), e.target(resp))}
	case code >= 300 || answer.failed:
		return tokenAnswer{}, e.refusal(resp, answer)
	case answer.accessToken == "" && answer.refreshToken == "":
		parts := []string{answer.withoutToken()}
		parts = append(parts, e.details(answer)...)
		return tokenAnswer{}, errors.New(strings.Join(append(parts, "if the source has a login of its own, use auth.Login"), ": "))
	}
	return answer, nil
}

// target returns the URL to which a response redirects, without its query, for an error.
func (e *tokenEndpoint) target(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return ""
	}
	return ", " + shorten.Line(e.redact((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()), 200)
}

// details returns the error code and the description of an answer, if it has any.
func (e *tokenEndpoint) details(a tokenAnswer) []string {
	var parts []string
	for _, detail := range []string{a.errorCode, a.errorDescription} {
		if detail != "" {
			parts = append(parts, shorten.Line(e.redact(detail), 200))
		}
	}
	return parts
}

// A refusedError is the refusal of a token endpoint.
type refusedError struct {
	text         string
	invalidGrant bool
}

func (e *refusedError) Error() string { return e.text }

// refusal returns the error of a response that reports one, with its kind. Of the body, it
// quotes only the error code and the description, because the body may contain tokens.
func (e *tokenEndpoint) refusal(resp *http.Response, a tokenAnswer) error {
	code := resp.StatusCode
	wait := (&transport.Response{Status: code, Header: resp.Header}).RetryAfter()
	isTemporary := status.Retryable(code) || code == http.StatusForbidden && wait > 0 || a.isTemporary()
	parts := append([]string{status.Text(code)}, e.details(a)...)
	refused := &refusedError{}
	switch {
	case isTemporary:
	case a.isInvalidGrant():
		refused.invalidGrant = true
		if e.hint != "" {
			parts = append(parts, e.hint)
		}
	case a.isInvalidClient() && e.style != noClient:
		parts = append(parts, "check the client id and the client secret")
	}
	if a.errorCode == "" && code < 500 && !status.Retryable(code) {
		parts = append(parts, "check the token URL")
	}
	refused.text = strings.Join(parts, ": ")
	switch {
	case isTemporary:
		return temporaryError{refused, wait}
	case code < 500:
		return configurationError{refused}
	}
	return refused
}

// withoutQuery returns the scheme, the host and the path of a URL.
func withoutQuery(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
