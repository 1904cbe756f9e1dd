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

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/lostnull"
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
	// nulls reports the nulls that are lost when records are decoded.
	nulls *lostnull.Report
	// texts reports bytes of responses that are not valid in their charset.
	texts *bodytext.Report
	// secrets are those of the Auth that obtains credentials through this client.
	secrets []string
}

// New returns a client for the source at baseURL, such as "https://api.example.com/v2".
// The URL must be absolute, with the scheme http or https and a host. Since the paths of
// requests are appended to it, it must not have a query or a fragment. It must not
// contain a user name or a password either. Pass credentials to [WithAuth].
//
// If the base URL is not valid, the error is an [*Error] whose Configuration method
// returns true. If an option is not valid or two options contradict each other, the
// connector is at fault, and the error is not an [*Error].
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
	network := set.roundTripper
	if network == nil {
		network = set.newRoundTripper()
	}
	c := &Client{
		settings: set,
		base:     base,
		network:  RoundTripper(network),
		reached:  new(atomic.Bool),
	}
	c.nulls = &lostnull.Report{Log: c.log}
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
func (c *Client) RoundTripper() http.RoundTripper { return c.network }

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
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		// A url.Error quotes the whole text, which may contain a password.
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, err
	}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errors.New("it is empty")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme must be http or https, as in https://%s", hostHint(u))
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.User != nil:
		return nil, errors.New("it must not contain a user name or a password")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("it must not have a query")
	case u.Fragment != "":
		return nil, errors.New("it must not have a fragment")
	}
	return u, nil
}

// hostHint guesses the host of a base URL without a scheme. url.Parse parses the host
// of "api.example.com/v2" as a path, and the host of "localhost:8080" as a scheme.
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
