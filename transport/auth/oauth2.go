package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/transport"
)

// OAuth2Config configures [OAuth2]. White space and line ends around ClientID, ClientSecret
// and RefreshToken are removed, since they may be pasted with them.
type OAuth2Config struct {
	// TokenURL is the token endpoint, an absolute URL. Required.
	TokenURL string

	// ClientID and ClientSecret identify the connector to the token endpoint. ClientID
	// is required; ClientSecret is optional, since some sources do not issue one.
	ClientID, ClientSecret string

	// RefreshToken is exchanged for access tokens (RFC 6749 §6). Optional; without it,
	// access tokens are issued for the credentials of the client (RFC 6749 §4.4).
	RefreshToken string

	// Rotated is called if the token endpoint replaces the refresh token, before the
	// new access token is used. Since the old refresh token may no longer work, store
	// the new one where the next run finds it. A connector of this module passes it to
	// the platform:
	//
	//	Rotated: func(ctx context.Context, refreshToken string) error {
	//		return connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(refreshToken))
	//	},
	//
	// The context has the values of the request's context. It ends after 10 seconds, but
	// not with the request, so that a canceled run does not lose the token. An error
	// fails the request, and the next request calls Rotated again.
	// If the error has a method NotStored() bool that returns true, as
	// connector.ErrNotReplaced has, there is no place for the token: the request
	// continues, and the user is warned.
	//
	// Optional. Without Rotated, a new refresh token is used until the process ends, and
	// the user is warned that it is then lost.
	Rotated func(ctx context.Context, refreshToken string) error

	// Scopes are the scopes to request. Optional.
	Scopes []string

	// Params are further parameters of the token request, such as an audience. They
	// cannot be combined with a RefreshToken. Optional.
	Params url.Values

	// CredentialsIn determines how ClientID and ClientSecret are sent: "header" for
	// Basic authentication, "body" for form parameters. Optional; the default is to try
	// both once.
	CredentialsIn string
}

// Format prints the configuration without its secrets, for every verb of package fmt.
func (OAuth2Config) Format(f fmt.State, _ rune) { hide(f, "OAuth2Config") }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (OAuth2Config) LogValue() slog.Value { return slog.StringValue(hidden("OAuth2Config")) }

// OAuth2 authenticates with OAuth 2.0 access tokens (RFC 6749), sent as bearer tokens
// (RFC 6750). It obtains a token for the first request, and a new one when the token
// expires or the source responds with 401. In the latter case, the request is repeated
// once. One goroutine obtains the token while others wait for it.
//
// The responses of token endpoints are read leniently: as JSON or as a form, with an
// expires_in of any spelling, and with the token types Bearer, BearerToken and none. If
// the lifetime of a token is unknown, the token is used until the source refuses it. A
// token of another type is refused (RFC 6749 §7.1). [Login] can send such a token.
//
// If the token endpoint refuses the credentials, with an error status or with an error
// in a response whose status is 200, requests fail with an error whose Configuration
// method returns true. If the failure may be temporary, the endpoint is called again
// together with the request that needs the token, after the wait that the endpoint asks
// for with Retry-After or with the headers of its rate limit.
//
// If the endpoint replaces the refresh token, each use is a step that cannot be repeated.
// All values of OAuth2 with the same configuration therefore share their tokens within a
// run of a connector, and an exchange continues for half a second after its
// request has been canceled.
func OAuth2(cfg OAuth2Config) transport.Auth {
	cfg.Scopes = slices.Clone(cfg.Scopes)
	cfg.ClientID, cfg.ClientSecret, cfg.RefreshToken = pasted.Trim(cfg.ClientID), pasted.Trim(cfg.ClientSecret), pasted.Trim(cfg.RefreshToken)
	style, err := cfg.style()
	if cfg.RefreshToken != "" && len(cfg.Params) > 0 {
		err = errors.New("auth.OAuth2: Params cannot be combined with a RefreshToken")
	}
	s := newShared("OAuth2", cfg.ClientSecret, cfg.RefreshToken)
	s.configured = cfg.ClientID != ""
	s.setPlace()
	endpoint := &tokenEndpoint{url: cfg.TokenURL, clientID: cfg.ClientID, clientSecret: cfg.ClientSecret, style: style, redact: s.redact,
		hint: "the refresh token is no longer valid: connect the account again"}
	own := newRefreshGrant(cfg.RefreshToken)
	s.obtain = func(ctx context.Context, c *transport.Client) (AccessToken, error) {
		switch {
		case err != nil:
			return AccessToken{}, err
		case cfg.ClientID == "":
			return AccessToken{}, missing("client id")
		case cfg.RefreshToken != "":
			return s.refreshToken(ctx, c, cfg, endpoint, own)
		}
		form := url.Values{"grant_type": {"client_credentials"}}
		if len(cfg.Scopes) > 0 {
			form.Set("scope", strings.Join(cfg.Scopes, " "))
		}
		for name, values := range cfg.Params {
			form[name] = values
		}
		return endpoint.accessToken(ctx, c, form)
	}
	return &sharedAuth{shared: s}
}

func (cfg OAuth2Config) style() (clientStyle, error) {
	switch style := clientStyle(cfg.CredentialsIn); style {
	case inEither, inHeader, inBody:
		return style, nil
	}
	return "", fmt.Errorf("auth.OAuth2: CredentialsIn must be header or body, not %q", cfg.CredentialsIn)
}
