package transport

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-resty/resty/v2"
)

// A Client sends requests to one source: it knows the source's base URL, its
// credentials, and how often to try. Make one with [New]; the zero Client is
// not usable.
//
// A Client is safe for concurrent use, and is meant to be shared by everything
// that reads from the source: its connections, its rate limit and its login
// are shared with it.
type Client struct {
	settings
	base  *url.URL
	rest  *resty.Client
	trips http.RoundTripper
	// reached tells whether the source has ever answered a request of this
	// client with success. Until then a wrong path, an unknown host or a web
	// page instead of JSON most likely means a wrong base URL.
	reached *atomic.Bool
}

// New returns a client for the source at baseURL, such as
// "https://api.example.com/v2". The URL must be absolute, its scheme http or
// https, and it must name a host; a query or a fragment is refused, because
// the paths of requests are put after it. Credentials in the URL
// ("https://user:password@host") are refused as well: hand them over with
// [WithAuth].
//
// The error is an [*Error] whose Configuration method reports true for a base
// URL that can't be used, and a plain error for options that contradict each
// other, which is the connector's own mistake.
func New(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBase(baseURL)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("base URL: %w", err), kind: configuration}
	}
	set := defaults()
	for _, opt := range opts {
		if opt != nil {
			opt(&set)
		}
	}
	if err := set.check(); err != nil {
		return nil, fmt.Errorf("transport: %w", err)
	}
	trips := set.roundTripper
	if trips == nil {
		trips = set.network()
	}
	c := &Client{
		settings: set,
		base:     base,
		trips:    trips,
		reached:  new(atomic.Bool),
	}
	c.rest = newResty(trips)
	return c, nil
}

// Close closes the client's idle connections, and with them the goroutines
// that wait on them. A closed client is still usable; calling Close is
// optional, and of use where a process makes many clients.
func (c *Client) Close() {
	type idleCloser interface{ CloseIdleConnections() }
	if ic, ok := c.trips.(idleCloser); ok {
		ic.CloseIdleConnections()
	}
}

// BaseURL returns the URL that the client was made with.
func (c *Client) BaseURL() string { return c.base.String() }

// log returns the client's logger. The default is looked up at each use, so
// that a client made early follows a later slog.SetDefault.
func (c *Client) log() *slog.Logger {
	if c.logger != nil {
		return c.logger
	}
	return slog.Default()
}

func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		// url.Error repeats the whole text, which may hold a password.
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, err
	}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errors.New("empty")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme must be http or https, as in https://%s", hostHint(u))
	case u.Hostname() == "":
		return nil, errors.New("no host in it")
	case u.User != nil:
		return nil, errors.New("must not hold a user or a password")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("must not hold a query")
	case u.Fragment != "":
		return nil, errors.New("must not hold a fragment")
	}
	return u, nil
}

// hostHint guesses the host that was meant in a base URL without a scheme:
// url.Parse takes the host of "api.example.com/v2" for a path, and that of
// "localhost:8080" for a scheme.
func hostHint(u *url.URL) string {
	host := u.Host
	if host == "" {
		host, _, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	}
	if host == "" || strings.Contains(host, "@") {
		return "api.example.com"
	}
	return host
}

// newResty returns the engine that executes single requests. Everything that
// resty could do around one request (retries, decoding, logging, redirects,
// credentials) is switched off or replaced: resty clamps Retry-After, does not
// repeat a response that breaks off in its body, and logs through its own
// logger.
func newResty(trips http.RoundTripper) *resty.Client {
	rc := resty.NewWithClient(&http.Client{
		Transport:     dispatch{trips},
		CheckRedirect: followRedirect,
	})
	rc.SetLogger(silent{})
	rc.SetDisableWarn(true)
	rc.SetAllowGetMethodPayload(true)
	rc.SetDoNotParseResponse(true)
	rc.SetPreRequestHook(func(_ *resty.Client, r *http.Request) error { return ready(r) })
	return rc
}

// silent drops what resty would log, which can hold headers and bodies.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// sharedNetwork is what clients without network settings of their own send
// through: connectors make clients freely, and one pool of connections serves
// them all.
var sharedNetwork = sync.OnceValue(newNetwork)

func newNetwork() *http.Transport {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok {
		t = t.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	// Bodies are decompressed by this package, within the limit of
	// WithMaxBody and for deflate as well as gzip.
	t.DisableCompression = true
	// The default of 2 closes and reopens connections all the time when
	// several tables are read in parallel.
	t.MaxIdleConnsPerHost = 32
	return t
}

// drain reads what little may be left of a body, so that the connection can be
// used again, and closes it.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 16<<10)
	_ = body.Close()
}
