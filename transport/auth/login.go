package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/penstock-sdk/penstock/transport"
)

// An AccessToken authenticates requests until it expires.
type AccessToken struct {
	// Value is the token. Required.
	Value string
	// Expires is when the token stops working. The first request less than 10 seconds
	// before that time, or after it, obtains a new token. A token that works for less
	// than 10 seconds is used for half of that time. The zero time means that the token
	// works until the source refuses it.
	Expires time.Time

	obtained time.Time
}

// Format prints the token without its value, for every verb of package fmt.
func (AccessToken) Format(f fmt.State, _ rune) { hide(f, "AccessToken") }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (AccessToken) LogValue() slog.Value { return slog.StringValue(hidden("AccessToken")) }

// expiryMargin is the time that a request may need to reach the source while its token
// is still valid.
const expiryMargin = 10 * time.Second

func (t AccessToken) valid() bool {
	if t.Value == "" || t.Expires.IsZero() {
		return t.Value != ""
	}
	// If tokens live for a few seconds, not each request must obtain its own.
	margin := expiryMargin
	if left := t.Expires.Sub(t.obtained); left <= margin {
		margin = left / 2
	}
	return time.Now().Add(margin).Before(t.Expires)
}

// LoginConfig configures [Login].
type LoginConfig struct {
	// Login obtains a token. It is called for the first request, when the token
	// expires, and when the source responds with 401, by one goroutine at a time while
	// others wait for the result. client is a client for the same source that adds no
	// credentials and repeats requests as the client itself does. Required.
	Login func(ctx context.Context, client *transport.Client) (AccessToken, error)

	// Header is the header for the token. Optional; the default is Authorization,
	// unless Param is set.
	Header string

	// Prefix precedes the token in the header. Optional; the default is "Bearer " in
	// the header Authorization and nothing in any other. "-" means no prefix.
	Prefix string

	// Param is the query parameter for the token. If it is set, the token is not sent
	// in a header. Optional.
	Param string

	// Secrets are values to hide in errors and logs in addition to the token, such as
	// the password that Login sends. Optional.
	Secrets []string
}

// Format prints the configuration without its secrets, for every verb of package fmt.
func (LoginConfig) Format(f fmt.State, _ rune) { hide(f, "LoginConfig") }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (LoginConfig) LogValue() slog.Value { return slog.StringValue(hidden("LoginConfig")) }

// Login authenticates with a token that a login returns. It logs in once, uses the token
// for all requests, and logs in again if the token has expired or the source responds
// with 401. In the latter case, the request is repeated once. All goroutines and clients
// that use the value share one login. If the source refuses the login, the requests of
// the next 10 seconds fail with the same error, because the source might lock the account
// after several attempts.
func Login(cfg LoginConfig) transport.Auth {
	s := newShared("Login", cfg.Secrets...)
	s.header, s.prefix, s.param = cfg.Header, cfg.Prefix, cfg.Param
	s.obtain = func(ctx context.Context, c *transport.Client) (AccessToken, error) {
		if cfg.Login == nil {
			return AccessToken{}, errors.New("auth.Login: Login is required")
		}
		t, err := cfg.Login(ctx, c)
		if err == nil && t.Value == "" {
			err = errors.New("the login returned no token")
		}
		if err != nil {
			err = fmt.Errorf("log in: %w", err)
		}
		return t, err
	}
	s.setPlace()
	return &sharedAuth{shared: s}
}
