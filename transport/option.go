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
)

const (
	defaultTimeout = time.Minute
	defaultMaxBody = 64 << 20
)

// An Option sets something about a [Client] when it is made.
type Option func(*settings)

// settings is what options set. A Client holds it by value, so that a changed
// copy of a client can be made without touching the first.
type settings struct {
	auth         Auth
	header       http.Header
	query        url.Values
	hosts        map[string]bool
	userAgent    string
	roundTripper http.RoundTripper
	logger       *slog.Logger
	timeout      time.Duration
	maxBody      int64
	retry        Retry
	rules        []Rule
	limiter      *Limiter
	unlimited    bool
	net          netSettings
	onRequest    []func(*http.Request) error
	onResponse   []func(*http.Response) error
	errs         []error
}

func defaults() settings {
	return settings{
		header:    http.Header{},
		query:     url.Values{},
		hosts:     map[string]bool{},
		userAgent: defaultUserAgent(),
		timeout:   defaultTimeout,
		maxBody:   defaultMaxBody,
	}
}

func (s *settings) fail(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

func (s *settings) check() error {
	if s.roundTripper != nil && s.net.changed {
		s.fail("WithRoundTripper leaves no use for WithProxy, WithTLS and WithConnections")
	}
	if s.limiter == nil && !s.unlimited {
		s.limiter = &Limiter{groups: map[string]*budget{}}
	}
	return errors.Join(s.errs...)
}

// WithAuth sets the credentials that requests carry. They are added to
// requests to the base URL's host, and to hosts named by [WithHosts], and to
// no other. The default is none. The last WithAuth counts.
func WithAuth(auth Auth) Option {
	return func(s *settings) { s.auth = auth }
}

// WithHeader adds a header to every request to the source's own hosts (see
// [WithAuth]). A request that sets the header itself replaces it. Credentials
// belong into [WithAuth]; where one has to be a plain header, its value is
// hidden in errors if the header's name says that it is a credential
// (Authorization, Cookie, and names with key, token, secret or password in
// them).
func WithHeader(name, value string) Option {
	return func(s *settings) {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			s.fail("WithHeader: not a valid header: %q", name)
			return
		}
		s.header.Add(name, value)
	}
}

// WithQuery adds a query parameter to every request, unless the request sets
// the parameter itself. It is not added to an absolute URL, nor to one that a
// source handed out, such as that of a next page.
func WithQuery(name, value string) Option {
	return func(s *settings) { s.query.Add(name, value) }
}

// WithHosts names hosts besides the base URL's own that belong to the source:
// requests to them carry the client's credentials and headers, and a next page
// may be on one of them. A host is given as in a URL, with its port where it
// isn't the scheme's own: "files.example.com", "localhost:8081".
func WithHosts(hosts ...string) Option {
	return func(s *settings) {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, "/@?#") {
				s.fail("WithHosts: not a host: %q", h)
				continue
			}
			s.hosts[strings.ToLower(h)] = true
		}
	}
}

// WithUserAgent sets the User-Agent header. The default names the program and
// its version, as the build recorded them, and this library:
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

// WithRoundTripper sends requests through rt, which replaces the network and
// all settings about it. A context made by [NewContext] goes before it. The
// default is a pool of connections shared by all clients, with the settings of
// http.DefaultTransport (proxy from the environment, HTTP/2, TLS 1.2 or
// later) and up to 32 idle connections per host.
func WithRoundTripper(rt http.RoundTripper) Option {
	return func(s *settings) { s.roundTripper = rt }
}

// WithLogger sets the logger. The default is slog.Default, looked up whenever
// something is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) { s.logger = logger }
}

// WithTimeout limits each try of a request, from sending it to the last byte
// of its answer; the limit of a whole call is the context's. A try that takes
// longer is given up and repeated as [Retry] says. The default is one minute;
// 0 is no limit. [Request] can set its own.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) {
		if d < 0 {
			s.fail("WithTimeout: negative: %v", d)
			return
		}
		s.timeout = d
	}
}

// WithMaxBody limits the size in bytes of a response body, counted after
// decompression; beyond it a request fails with [ErrTooLarge]. The default is
// 64 MiB. It doesn't limit bodies that are streamed.
func WithMaxBody(n int64) Option {
	return func(s *settings) {
		if n <= 0 {
			s.fail("WithMaxBody: not positive: %d", n)
			return
		}
		s.maxBody = n
	}
}

// WithRetry sets when and how often requests are repeated. The default is the
// zero [Retry].
func WithRetry(r Retry) Option {
	return func(s *settings) {
		if err := r.check(); err != nil {
			s.fail("WithRetry: %w", err)
			return
		}
		s.retry = r
	}
}
