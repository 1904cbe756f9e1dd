package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

// OAuth2Config says how to get access tokens by OAuth 2.0.
type OAuth2Config struct {
	// TokenURL is the token endpoint, an absolute URL. Required.
	TokenURL string

	// ClientID and ClientSecret identify the connector to the token endpoint.
	// Required, except that some sources give out no secret.
	ClientID, ClientSecret string

	// RefreshToken is exchanged for access tokens (RFC 6749 §6). Optional;
	// without it the client's own credentials are (§4.4).
	RefreshToken string

	// Rotated is called when the token endpoint replaces the refresh token,
	// before the access token that came with it is used: the old one may be
	// dead by then, so keep the new one where the next run finds it. An error
	// fails the request. Optional.
	Rotated func(ctx context.Context, refreshToken string) error

	// Scopes are asked for in the token request. Optional.
	Scopes []string

	// Params are further parameters of the token request, such as an audience.
	// They are not supported with a RefreshToken. Optional.
	Params url.Values

	// CredentialsIn says where ClientID and ClientSecret go: "header" for Basic
	// authentication, "body" for form parameters. Optional; the default is to
	// find out, by one try of each.
	CredentialsIn string
}

// OAuth2 authenticates with access tokens of OAuth 2.0 (RFC 6749), sent as
// RFC 6750 bearer tokens. A token is asked for with the first request, and anew
// when it expires or the source answers 401, after which the request is
// repeated once. One goroutine asks while others wait for the result.
//
// An answer of the token endpoint that refuses the credentials makes an error
// whose Configuration method reports true; one that fails by accident is tried
// again with the request that needs it.
func OAuth2(cfg OAuth2Config) Auth {
	cfg.Scopes = slices.Clone(cfg.Scopes)
	style := oauth2.AuthStyleAutoDetect
	var bad error
	switch cfg.CredentialsIn {
	case "":
	case "header":
		style = oauth2.AuthStyleInHeader
	case "body":
		style = oauth2.AuthStyleInParams
	default:
		bad = fmt.Errorf("transport.OAuth2: CredentialsIn must be header or body, not %q", cfg.CredentialsIn)
	}
	if cfg.RefreshToken != "" && len(cfg.Params) > 0 {
		bad = errors.New("transport.OAuth2: Params are not supported with a RefreshToken")
	}
	if cfg.RefreshToken == "" && cfg.Rotated != nil {
		cfg.Rotated = nil // no refresh token, nothing to rotate
	}
	a := newGrant(cfg.TokenURL, cfg.ClientSecret, cfg.RefreshToken)
	refresh := cfg.RefreshToken
	a.configured = cfg.ClientID != ""
	a.grant = func(ctx context.Context) (*oauth2.Token, error) {
		if bad != nil {
			return nil, bad
		}
		if cfg.ClientID == "" {
			return nil, missing("client id")
		}
		if refresh == "" {
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
			// Only the goroutine whose turn it is gets here.
			refresh = t.RefreshToken
			a.hide(refresh)
			if cfg.Rotated != nil {
				if err := cfg.Rotated(ctx, refresh); err != nil {
					return nil, fmt.Errorf("keep the new refresh token: %w", err)
				}
			}
		}
		return t, nil
	}
	return a
}

// JWTConfig says how to get access tokens for a signed assertion.
type JWTConfig struct {
	// TokenURL is the token endpoint, an absolute URL. Required.
	TokenURL string
	// Issuer is the assertion's iss, such as the e-mail address of a service
	// account. Required.
	Issuer string
	// PrivateKey is the RSA key that signs it (RS256), in PEM. Required.
	PrivateKey string
	// KeyID is the key's kid, if it has one. Optional.
	KeyID string
	// Subject is the user to act for. Optional.
	Subject string
	// Scopes are asked for. Optional.
	Scopes []string
	// Audience is the assertion's aud. Optional; the default is TokenURL.
	Audience string
}

// JWTBearer authenticates with access tokens of OAuth 2.0 that the source gives
// for an assertion signed with a private key (RFC 7523 §2.1), as service
// accounts use. Everything else is as for [OAuth2].
func JWTBearer(cfg JWTConfig) Auth {
	a := newGrant(cfg.TokenURL, cfg.PrivateKey)
	a.configured = cfg.Issuer != "" && cfg.PrivateKey != ""
	a.grant = func(ctx context.Context) (*oauth2.Token, error) {
		if !a.configured {
			return nil, missing("issuer or private key")
		}
		jc := jwt.Config{Email: cfg.Issuer, PrivateKey: []byte(cfg.PrivateKey), PrivateKeyID: cfg.KeyID, Subject: cfg.Subject,
			Scopes: slices.Clone(cfg.Scopes), TokenURL: cfg.TokenURL, Audience: cfg.Audience}
		return jc.TokenSource(ctx).Token()
	}
	return a
}

// A grant is a session whose login is a request to a token endpoint.
type grant struct {
	session
	configured bool
	grant      func(context.Context) (*oauth2.Token, error)

	hiddenMu sync.Mutex
	hidden   []string
}

func newGrant(tokenURL string, secrets ...string) *grant {
	a := &grant{hidden: secrets}
	a.turn = make(chan struct{}, 1)
	a.place()
	a.login = func(ctx context.Context) (Token, error) {
		c, err := clientOf(ctx)
		if err != nil {
			return Token{}, err
		}
		if u, err := url.Parse(tokenURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return Token{}, configurationError{errors.New("the token URL is not an http URL with a host")}
		}
		// A redirect would take the credentials along.
		hc := &http.Client{Transport: dispatch{c.trips}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		t, err := a.grant(context.WithValue(ctx, oauth2.HTTPClient, hc))
		if err != nil {
			return Token{}, fmt.Errorf("get an access token: %w", a.explain(err))
		}
		if typ := t.Type(); !strings.EqualFold(typ, "Bearer") {
			return Token{}, fmt.Errorf("get an access token: its type is %q, not bearer", typ)
		}
		return Token{Value: t.AccessToken, Expires: t.Expiry}, nil
	}
	return a
}

func (a *grant) Configured() bool { return a.configured }

func (a *grant) hide(secret string) {
	a.hiddenMu.Lock()
	defer a.hiddenMu.Unlock()
	// The latest few are enough: a long run may see thousands.
	a.hidden = append(a.hidden, secret)
	if len(a.hidden) > 8 {
		a.hidden = slices.Delete(a.hidden, 2, 3)
	}
}

func (a *grant) Secrets() []string {
	a.hiddenMu.Lock()
	defer a.hiddenMu.Unlock()
	return append(slices.Clone(a.hidden), a.session.Secrets()...)
}

func (a *grant) Format(f fmt.State, _ rune) { hideIn(f, "OAuth2") }

// explain gives a failure of the token endpoint its kind, and a text without
// the response's body, which may hold tokens.
func (a *grant) explain(err error) error {
	var re *oauth2.RetrieveError
	var ue *url.Error
	switch {
	case errors.As(err, &re) && re.Response != nil:
		status := re.Response.StatusCode
		text := statusText(status)
		if re.ErrorCode != "" {
			text += ": " + excerpt([]byte(re.ErrorCode))
		}
		if re.ErrorDescription != "" {
			text += ": " + excerpt([]byte(re.ErrorDescription))
		}
		switch {
		case slices.Contains(retryable, status):
			return temporaryError{errors.New(text)}
		case status >= 400 && status < 500:
			return configurationError{errors.New(text)}
		}
		return errors.New(text)
	case errors.As(err, &ue):
		// The endpoint could not be reached; judged like any other request.
		v := (&call{client: &Client{reached: new(atomic.Bool)}, idempotent: true}).judgeError(ue.Err)
		switch v.kind {
		case configuration:
			return configurationError{ue.Err}
		case temporary:
			return temporaryError{ue.Err}
		}
		return ue.Err
	}
	return err
}
