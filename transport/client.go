package transport

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"golang.org/x/net/idna"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
)

// A Client sends requests to one source. It holds the base URL of the source, the
// credentials, and the policies for retries and limits. [New] returns one. The zero
// Client is not usable.
//
// A Client is safe for concurrent use. Everything that reads from a source should share
// one Client, because the connections, the limit and the login belong to the Client.
type Client struct {
	settings
	base    *url.URL
	network http.RoundTripper
	// reached reports whether any request of this client has ever succeeded. Until
	// then, a 404, an unknown host or a web page instead of JSON most likely means
	// that the base URL is wrong.
	reached *atomic.Bool
	// answered reports whether the source has ever responded to this client, with any
	// status.
	answered *atomic.Bool
	// lostQuery reports whether a redirect without the query was logged.
	lostQuery *atomic.Bool
	// losses reports the nulls and the digits that are lost when records are decoded.
	losses *loss.Report
	// pointers remembers the paths at which pages have pointed to the next one.
	pointers *pointerRecord
	// texts reports bytes of responses that are not valid in their charset.
	texts *bodytext.Report
	masks *maskCache
	// secrets are those of the Auth that obtains credentials through this client.
	secrets []string
}

// New returns a client for the source at baseURL, such as "https://api.example.com/v2".
// The URL must be absolute, with the scheme http or https and a host. Since the paths of
// requests are appended to it, it must not have a query or a fragment. It must not
// contain a user name or a password either. Pass credentials to [WithAuth]. A host that
// looks like a key is refused, because a lookup would send the key to a name server.
//
// If the base URL is not valid, the error is an [*Error] whose Configuration method
// returns true. The same is true if a value of [WithHeader] or [WithProxy] cannot be used.
// If another option is not valid, or if two options contradict each other, the connector
// must be fixed, and the error is not an [*Error].
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
		return nil, err
	}
	network := set.roundTripper
	if network == nil {
		network = set.newRoundTripper()
	}
	c := &Client{
		settings: set,
		base:     base,
		network:  RoundTripper(network),
		reached:  new(atomic.Bool),
		pointers: &pointerRecord{},
		answered: new(atomic.Bool),

		lostQuery: new(atomic.Bool),
		masks:     &maskCache{},
	}
	c.losses = &loss.Report{Log: c.log}
	c.texts = &bodytext.Report{Log: c.log, Source: base.Host}
	c.bindAuth()
	return c, nil
}

// Close closes the idle connections of the client's network and ends their goroutines.
// All clients without network options share one network, and a later request of any of
// them opens a new connection. The client remains usable. Calling Close is optional. It
// matters in a process that creates many clients with network options.
func (c *Client) Close() {
	if n, ok := c.network.(interface{ CloseIdleConnections() }); ok {
		n.CloseIdleConnections()
	}
}

// RoundTripper returns the network of the client, for an [Auth] that obtains
// credentials through another HTTP client. It sends requests as they are, without
// credentials, retries and limits, and honors [NewContext].
func (c *Client) RoundTripper() http.RoundTripper { return describing{c.network} }

// A describing round tripper adds a description in plain words to each failure of a network.
type describing struct{ network http.RoundTripper }

func (d describing) RoundTrip(r *http.Request) (*http.Response, error) {
	p, _ := r.Context().Value(progressKey{}).(*progress)
	p.reach(r.URL)
	resp, err := d.network.RoundTrip(r)
	if err == nil {
		p.responded()
		if err := checkHeaderSize(resp.Header); err != nil {
			_ = resp.Body.Close()
			return nil, err
		}
	}
	if err == nil || r.Context().Err() != nil {
		return resp, err
	}
	if err = explainHeaderSize(err); errors.Is(err, ErrTooLarge) {
		return resp, err
	}
	var proxy *proxyError
	if err = explainProxy(err); errors.As(err, &proxy) {
		return resp, err
	}
	return resp, netfailure.Describe(err, r.URL)
}

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
func (d describing) CloseIdleConnections() {
	if n, ok := d.network.(interface{ CloseIdleConnections() }); ok {
		n.CloseIdleConnections()
	}
}

// Logger returns the logger of the client, for an [Auth] that has something to log. See
// [WithLogger].
func (c *Client) Logger() *slog.Logger { return c.log() }

// Format prints the client without its credentials and headers, for every verb of
// package fmt.
func (c Client) Format(f fmt.State, _ rune) {
	base := ""
	if c.base != nil {
		base = c.mask().text(c.base.String())
	}
	_, _ = io.WriteString(f, "transport.Client("+base+")")
}

// BaseURL returns the base URL that was passed to [New].
func (c *Client) BaseURL() string { return c.base.String() }

// log returns the client's logger. It looks up the default each time, so that a client
// follows a later slog.SetDefault.
func (c *Client) log() *slog.Logger {
	if c.logger != nil {
		return c.logger
	}
	return slog.Default()
}

func parseBase(text string) (*url.URL, error) {
	text = pasted.Trim(text)
	if text == "" {
		return nil, errors.New("it is empty")
	}
	u, err := url.Parse(text)
	authority, _, _ := strings.Cut(text, "?")
	switch {
	case err != nil && strings.Contains(authority, "@"), err == nil && u.User != nil:
		return nil, errors.New("it must not contain a user name or a password")
	case err != nil:
		// A url.Error quotes the whole text, and its reason a part of it, which may be a
		// password or a key.
		return nil, errors.New(quotedPart().ReplaceAllString(parseReason(text, err).Error(), ""))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme must be http or https, as in https://%s", hostHint(u))
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case pasted.HostIsKey(u.Hostname()):
		return nil, errors.New("it has a key in place of its host: enter the address of the source, such as https://api.example.com, and the key in its own field")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("it must not have a query")
	case u.Fragment != "":
		return nil, errors.New("it must not have a fragment")
	}
	if !isASCII(u.Hostname()) {
		if _, err := idna.Lookup.ToASCII(u.Hostname()); err != nil {
			return nil, errors.New("its host is not a valid internationalized domain name")
		}
	}
	return u, nil
}

// quotedPart matches a part of a URL in an error.
var quotedPart = lazyregexp.New(` "(?:[^"\\]|\\.)*"`)

// plausibleHost matches a host that a base URL without a scheme begins with. A key that
// was entered in place of the URL does not match, and is not repeated in an error.
var plausibleHost = lazyregexp.New(`^(localhost|([a-z0-9-]+\.)+[a-z]{2,15})(:[0-9]+)?$`)

// hostHint guesses the host of a base URL without a scheme. url.Parse parses the host
// of "api.example.com/v2" as a path, and the host of "localhost:8080" as a scheme.
func hostHint(u *url.URL) string {
	host := u.Host
	if host == "" {
		host, _, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	}
	if !plausibleHost().MatchString(host) {
		return "api.example.com"
	}
	return host
}
