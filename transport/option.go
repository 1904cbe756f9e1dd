package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/secretname"
	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
)

const (
	defaultTimeout = time.Minute
	defaultMaxBody = 24 << 20
)

// An Option configures a [Client] when [New] creates it.
type Option func(*settings)

// settings holds the options of a client. A Client holds it by value, so that a copy of
// the client can be changed without affecting the original.
type settings struct {
	auth               Auth
	header             http.Header
	query              url.Values
	hosts              map[string]bool
	userAgent          string
	roundTripper       http.RoundTripper
	logger             *slog.Logger
	timeout            time.Duration
	maxBody            int64
	charset            string // "" means the one that a response declares
	retry              retry.Policy
	rules              []Rule
	limiter            *ratelimit.Limiter
	limitKey           func(method, host, path string) string
	ignoreLimitHeaders bool
	net                netSettings
	onRequest          []func(*http.Request) error
	onResponse         []func(*http.Response) error
	cookies            *cookies
	errs               []error // mistakes of the connector
	configErrs         []error // values that the user must fix
}

func defaults() settings {
	return settings{
		header:    http.Header{},
		query:     url.Values{},
		hosts:     map[string]bool{},
		userAgent: defaultUserAgent(),
		timeout:   defaultTimeout,
		maxBody:   defaultMaxBody,
		limiter:   unlimited(),
	}
}

// unlimited returns a limiter that only pauses if the source asks for it.
func unlimited() *ratelimit.Limiter {
	l, _ := ratelimit.New(ratelimit.Limit{}) // which is valid
	return l
}

func (s *settings) fail(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

// misconfigured is like fail for a value that usually comes from the configuration.
func (s *settings) misconfigured(format string, args ...any) {
	s.configErrs = append(s.configErrs, fmt.Errorf(format, args...))
}

// check returns the errors of the options.
func (s *settings) check() error {
	if s.roundTripper != nil && s.net.changed {
		s.fail("WithRoundTripper cannot be combined with WithProxy, WithTLS and WithConnections")
	}
	if err := errors.Join(s.errs...); err != nil {
		return fmt.Errorf("transport: %w", errors.Join(append(s.errs, s.configErrs...)...))
	}
	if err := errors.Join(s.configErrs...); err != nil {
		return &Error{Err: err, kind: configuration}
	}
	return nil
}

// WithAuth sets the credentials of requests. Package auth provides the usual kinds.
// The credentials are added to requests to the host of the base URL and to hosts named
// by [WithHosts], and to no others. The default is no credentials. If there are several
// WithAuth options, the last one applies.
func WithAuth(auth Auth) Option {
	return func(s *settings) { s.auth = auth }
}

// WithHeader adds a header to every request to the source's own hosts (see
// [WithAuth]). A request that sets the header itself replaces it.
//
// White space and line ends around the value are removed, since a key may be pasted with
// them. If the value contains a line break or another control character, or, in a header
// whose name suggests a credential, a character that is not in ASCII, the error of [New]
// is an [*Error] whose Configuration method returns true.
//
// Pass credentials to [WithAuth] instead. If a credential must be a plain header, its
// value is hidden in errors only if the name of the header suggests a credential:
// Authorization, Cookie, and names that contain key, token, secret or password.
func WithHeader(name, value string) Option {
	return func(s *settings) {
		if !httpguts.ValidHeaderFieldName(name) {
			s.fail("WithHeader: not a valid name: %s", pasted.Argument(name))
			return
		}
		value := pasted.Trim(value)
		problem := pasted.Control(value)
		if secretname.Header(name) {
			problem = pasted.ControlOrNotASCII(value)
		}
		if problem != "" {
			s.misconfigured("WithHeader: the value of %s contains %s", name, problem)
			return
		}
		s.header.Add(name, value)
	}
}

// WithQuery adds a query parameter to every request, unless the request sets the
// parameter itself. It is not added to absolute URLs, such as that of a next page. If the
// name suggests a credential, such as api_key, white space and line ends around the value
// are removed, since a key may be pasted with them.
func WithQuery(name, value string) Option {
	return func(s *settings) {
		if secretname.Parameter(name) {
			value = pasted.Trim(value)
		}
		s.query.Add(name, value)
	}
}

// shownHost returns an invalid host for an error, without a key or a password in it.
func shownHost(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:]
	}
	return shorten.Text(pasted.Mask(text), 60)
}

// WithHosts names further hosts that belong to the source. Requests to them carry the
// client's credentials and headers, and a next page may be on one of them. A host is
// given as in a URL, with its port unless that is the scheme's default:
// "files.example.com", "localhost:8081", "[2001:db8::1]". If the base URL has the scheme
// https, so do requests for URLs of these hosts that a source writes with http.
func WithHosts(hosts ...string) Option {
	return func(s *settings) {
		for _, h := range hosts {
			u, err := url.Parse("//" + h)
			// Package net/url takes the end of an IPv6 address without brackets for a port.
			bare := strings.Count(h, ":") > 1 && !strings.HasPrefix(h, "[")
			if err != nil || bare || u.Host != h || u.Hostname() == "" || strings.ContainsAny(h, "*,") {
				s.fail("WithHosts: not a host: %q", shownHost(h))
				continue
			}
			s.hosts[hostAndPort(u)] = true
		}
	}
}

// WithUserAgent sets the User-Agent header. The default names the program and this
// library, with the versions that the build has recorded:
// "restapi/v1.2.0 penstock/v0.3.0".
func WithUserAgent(agent string) Option {
	return func(s *settings) {
		if !httpguts.ValidHeaderFieldValue(agent) {
			s.fail("WithUserAgent: not a valid header value")
			return
		}
		s.userAgent = agent
	}
}

// WithRoundTripper sends requests through rt instead of the network. It cannot be
// combined with the other options about the network. A round tripper from
// [NewContext] takes precedence. By default, all clients share one pool of connections
// with the settings of http.DefaultTransport (proxy from the environment, HTTP/2, TLS
// 1.2 or later) and up to 32 idle connections per host.
func WithRoundTripper(rt http.RoundTripper) Option {
	return func(s *settings) { s.roundTripper = rt }
}

// WithLogger sets the logger. The default is slog.Default(), which is looked up each
// time something is logged. A connector passes connector.Logger(ctx), so that the lines
// belong to the run and to the test that runs it.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithTimeout limits each attempt of a request, from sending it to the last byte of the
// response. An attempt that takes longer is abandoned and repeated as [WithRetry]
// describes. To limit the whole call, use the context. The default is one minute, and 0
// means no limit. A [Request] can set its own timeout.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d < 0 {
			s.fail("WithTimeout: negative: %v", d)
			return
		}
		s.timeout = d
	}
}

// WithMaxBody limits the size of a response body, in bytes after decompression and
// conversion to UTF-8. A larger body is an error that wraps [ErrTooLarge]. For a stream, it
// limits the size of a record instead. The default is 24 MiB.
//
// The limit also bounds the number of records of a page and the memory of a decoded value.
// The section Limits of the package documentation lists both. A usual body does not reach
// them.
func WithMaxBody(n int64) Option {
	return func(s *settings) {
		if n <= 0 {
			s.fail("WithMaxBody: not positive: %d", n)
			return
		}
		s.maxBody = n
	}
}
