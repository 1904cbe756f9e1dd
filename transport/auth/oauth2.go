package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// OAuth2Config configures [OAuth2].
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
	// the new one where the next run finds it. An error fails the request, and the next
	// request calls Rotated again. Optional.
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
// If the token endpoint refuses the credentials, requests fail with an error whose
// Configuration method returns true. If its failure may be temporary, it is called
// again together with the request that needs the token.
func OAuth2(cfg OAuth2Config) transport.Auth {
	cfg.Scopes = slices.Clone(cfg.Scopes)
	style, err := cfg.style()
	if cfg.RefreshToken != "" && len(cfg.Params) > 0 {
		err = errors.New("auth.OAuth2: Params cannot be combined with a RefreshToken")
	}
	s := newShared("OAuth2", cfg.ClientSecret, cfg.RefreshToken)
	s.configured = cfg.ClientID != ""
	refresh := cfg.RefreshToken // guarded by the turn of s
	unsaved := false            // whether Rotated has not yet accepted refresh
	s.useEndpoint(cfg.TokenURL, func(ctx context.Context) (*oauth2.Token, error) {
		switch {
		case err != nil:
			return nil, err
		case cfg.ClientID == "":
			return nil, missing("client id")
		case refresh == "":
			cc := clientcredentials.Config{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL,
				Scopes: cfg.Scopes, EndpointParams: cfg.Params, AuthStyle: style}
			return cc.Token(ctx)
		}
		oc := oauth2.Config{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Scopes: cfg.Scopes,
			Endpoint: oauth2.Endpoint{TokenURL: cfg.TokenURL, AuthStyle: style}}
		t, err := oc.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
		if err != nil {
			return nil, err
		}
		if t.RefreshToken != "" && t.RefreshToken != refresh {
			refresh = t.RefreshToken
			s.addRotated(refresh)
			unsaved = cfg.Rotated != nil
		}
		if unsaved {
			if err := cfg.Rotated(ctx, refresh); err != nil {
				return nil, fmt.Errorf("store the new refresh token: %w", err)
			}
			unsaved = false
		}
		return t, nil
	})
	return &sharedAuth{shared: s}
}

func (cfg OAuth2Config) style() (oauth2.AuthStyle, error) {
	switch cfg.CredentialsIn {
	case "":
		return oauth2.AuthStyleAutoDetect, nil
	case "header":
		return oauth2.AuthStyleInHeader, nil
	case "body":
		return oauth2.AuthStyleInParams, nil
	}
	return 0, fmt.Errorf("auth.OAuth2: CredentialsIn must be header or body, not %q", cfg.CredentialsIn)
}

// useEndpoint makes s obtain its tokens from a token endpoint.
func (s *shared) useEndpoint(tokenURL string, grant func(context.Context) (*oauth2.Token, error)) {
	s.setPlace()
	s.obtain = func(ctx context.Context, c *transport.Client) (AccessToken, error) {
		if u, err := url.Parse(tokenURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return AccessToken{}, configurationError{errors.New("the token URL is not an http URL with a host")}
		}
		hc := &http.Client{Transport: wholeBody{c.RoundTripper()}, CheckRedirect: refuseRedirect}
		t, err := grant(context.WithValue(ctx, oauth2.HTTPClient, hc))
		if err != nil {
			return AccessToken{}, fmt.Errorf("get an access token: %w", s.explain(err))
		}
		if typ := t.Type(); !strings.EqualFold(typ, "Bearer") {
			return AccessToken{}, fmt.Errorf("get an access token: its type is %q, not bearer", typ)
		}
		return AccessToken{Value: t.AccessToken, Expires: t.Expiry}, nil
	}
}

// refuseRedirect makes the client return the redirect as the response, because the next
// request would carry the credentials.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// explain returns a failure of the token endpoint with its kind, and without the body of
// the response, which may contain tokens.
func (s *shared) explain(err error) error {
	var re *oauth2.RetrieveError
	var ue *url.Error
	switch {
	case errors.As(err, &re) && re.Response != nil:
		return s.explainResponse(re)
	case errors.As(err, &ue):
		if netfailure.Untrusted(ue.Err) || netfailure.Unreachable(ue.Err) {
			return configurationError{ue.Err}
		}
		return temporaryError{ue.Err}
	}
	return err
}

func (s *shared) explainResponse(re *oauth2.RetrieveError) error {
	code := re.Response.StatusCode
	text := status.Text(code)
	for _, detail := range []string{re.ErrorCode, re.ErrorDescription} {
		if detail != "" {
			text += ": " + shorten.Line(s.redact(detail), 200)
		}
	}
	switch {
	case status.Retryable(code):
		return temporaryError{errors.New(text)}
	case code >= 400 && code < 500:
		return configurationError{errors.New(text)}
	}
	return errors.New(text)
}
